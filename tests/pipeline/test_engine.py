"""Where jobs run: the choice of the engine, the image's name and its build context."""

import os
import tarfile

import pytest
from docker.utils.build import exclude_paths

from tests.support.workplace import ROOT
from workflow.containers.build_context import context_archive, context_digest, context_files
from workflow.containers.engine import choose_engine
from workflow.containers.job_environment import check_gpu_slots, job_environment
from workflow.errors import PipelineError

NOT_SENT = (
    "results/secret.txt", ".env", "pymarl/.env", "analysis/.token/x", "pymarl/run.py~",
    "configs/default.yaml.bak", "pymarl/.run.py.swp", "pymarl/__pycache__/run.pyc", "docker/notes",
    ".git/config", "tests/x.py", "workflow/containers/image.py",
)  # fmt: skip  # a list of names


@pytest.fixture
def source(tmp_path):
    """A small source tree of the image's parts."""
    for name in (
        "pymarl/run.py", "analysis/plot.py", "configs/default.yaml", "configs/experiments/x.yaml",
        "docker/Dockerfile", "docker/fetch-git.sh", "docker/fetch.sh", "docker/install-sc2.sh",
        "docker/install-smac.sh", "docker/pins.env", "docker/requirements.lock",
        "docker/smac_maps.sha256", "workflow/scripts/gpu-slot",
        "workflow/scripts/run-python", "workflow/scripts/run-training",
        "wheelhouse/.gitkeep", "wheelhouse/torch.whl", *NOT_SENT,
    ):  # fmt: skip  # a list of names
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_the_digest_follows_contents_and_arguments_only(source):
    first = context_digest("base", {}, source)
    os.utime(source / "pymarl/run.py", (1, 1))
    (source / "configs/experiments/x.yaml").write_text("other")
    (source / "results/secret.txt").write_text("other")
    (source / "pymarl/__pycache__/run.pyc").write_text("other")
    assert context_digest("base", {}, source) == first
    others = {context_digest("other", {}, source), context_digest("base", {"SC2": "4.10"}, source)}
    (source / "pymarl/run.py").write_text("changed")
    others.add(context_digest("base", {}, source))
    assert len(others | {first}) == 4


def test_the_context_holds_no_results_secrets_or_caches(source):
    with tarfile.open(fileobj=context_archive(source)) as archive:
        names = archive.getnames()
    wheels = ["wheelhouse/.gitkeep", "wheelhouse/torch.whl"]
    files = sorted(f.relative_to(source).as_posix() for f in context_files(source))
    assert names == [*files, *wheels]
    assert "pymarl/run.py" in names
    assert not {*NOT_SENT, "configs/experiments/x.yaml"} & set(names)


def test_a_build_by_hand_sends_the_same_context(source):
    """`docker build -f docker/Dockerfile .` reads .dockerignore, the rule its own list."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    patterns = [line for line in ignored if line and not line.startswith("#")]
    by_hand = {
        name
        for name in exclude_paths(str(source), patterns, dockerfile="docker/Dockerfile")
        if (source / name).is_file()
    }
    with tarfile.open(fileobj=context_archive(source)) as archive:
        by_rule = set(archive.getnames())
    # docker always sends the file that tells it what not to send, where there is one.
    assert by_hand - {".dockerignore"} == by_rule


def test_by_default_jobs_run_on_the_host_and_the_user_is_told():
    engine = choose_engine({}, singularity_flag=False)
    assert (engine.name, engine.digest, engine.image_file) == ("host", "", None)
    assert engine.describe().startswith("engine: host")


def test_the_flag_chooses_apptainer():
    engine = choose_engine({}, singularity_flag=True)
    assert engine.name == "apptainer"
    assert (
        engine.container == engine.image_file == f"build/image/pymarl-pipeline-{engine.digest}.sif"
    )


def test_apptainer_without_the_flag_is_an_error_and_not_the_host():
    with pytest.raises(PipelineError, match="needs the option --use-singularity"):
        choose_engine({"engine": "apptainer"}, singularity_flag=False)


def test_docker_and_ready_images():
    built = choose_engine({"engine": "docker"}, singularity_flag=False)
    assert built.image_file == f"build/image/pymarl-pipeline-{built.digest}.docker-id"
    assert job_environment(built, None, None) == {
        "PYMARL_ENGINE": "docker",
        "PYMARL_IMAGE": f"pymarl-pipeline:{built.digest}",
    }
    ready = choose_engine({"engine": "docker", "image": "lab/pymarl:1"}, singularity_flag=True)
    assert (ready.image_file, ready.container, ready.digest) == (None, None, "lab/pymarl:1")
    sif = choose_engine({"image": "/x/y.sif"}, singularity_flag=True)
    assert (sif.container, sif.image_file) == ("/x/y.sif", None)


def test_slots_on_hidden_gpus_are_refused():
    check_gpu_slots("0,0,1", {})
    check_gpu_slots("2,2", {"CUDA_VISIBLE_DEVICES": "2,3"})
    check_gpu_slots(None, {"CUDA_VISIBLE_DEVICES": ""})
    with pytest.raises(PipelineError, match=r"GPU 0, 1 is not in CUDA_VISIBLE_DEVICES=2,3"):
        check_gpu_slots("0,1,2", {"CUDA_VISIBLE_DEVICES": "2,3"})
