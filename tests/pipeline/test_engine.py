"""Where jobs run: the choice of the engine, the image's name, GPU slots."""

import os
import subprocess
import tarfile

import pytest
from docker.utils.build import exclude_paths

from tests.support.workplace import ROOT
from workflow.containers.build_context import context_archive, context_digest, context_files
from workflow.containers.engine import check_gpu_slots, choose_engine
from workflow.errors import PipelineError

NOT_SENT = (
    "results/secret.txt", ".env", "pymarl/.env", "analysis/.token/x", "pymarl/run.py~",
    "configs/default.yaml.bak", "pymarl/.run.py.swp", "pymarl/__pycache__/run.pyc", "docker/notes",
    ".git/config", "tests/x.py", "workflow/containers/image.py",
)  # fmt: skip


@pytest.fixture
def source(tmp_path):
    """A small source tree of the image's parts."""
    for name in (
        "pymarl/run.py", "analysis/plot.py", "configs/default.yaml", "configs/experiments/x.yaml",
        "docker/Dockerfile", "docker/fetch.sh", "docker/install-sc2.sh", "docker/install-smac.sh",
        "docker/pins.env", "docker/requirements.lock", "workflow/scripts/gpu-slot",
        "wheelhouse/.gitkeep", "wheelhouse/torch.whl", *NOT_SENT,
    ):  # fmt: skip
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
    """`docker build -f docker/Dockerfile .` obeys .dockerignore, the rule its own list."""
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


def test_without_a_word_jobs_run_on_the_host_and_it_is_said():
    engine = choose_engine({}, singularity_flag=False)
    assert (engine.kind, engine.digest, engine.image_file) == ("host", "", None)
    assert engine.describe().startswith("engine: host")


def test_the_flag_chooses_apptainer_and_its_jobs_refuse_the_host():
    engine = choose_engine({}, singularity_flag=True)
    assert engine.kind == "apptainer"
    assert (
        engine.container == engine.image_file == f"build/image/pymarl-pipeline-{engine.digest}.sif"
    )
    done = subprocess.run(
        ["bash", "-uc", f"{engine.prepare}; echo trained"],
        env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "trained" not in done.stdout
    assert "use --use-singularity" in done.stderr


def test_apptainer_without_the_flag_is_an_error_and_not_the_host():
    with pytest.raises(PipelineError, match="needs the option --use-singularity"):
        choose_engine({"engine": "apptainer"}, singularity_flag=False)


def test_docker_and_ready_images():
    built = choose_engine({"engine": "docker"}, singularity_flag=False)
    assert built.image_file == f"build/image/pymarl-pipeline-{built.digest}.docker-id"
    assert built.launch == f"in-docker pymarl-pipeline:{built.digest} python -I"
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


def gpu_slot(folder, command, **env):
    return subprocess.Popen(
        [str(ROOT / "workflow/scripts/gpu-slot"), "sh", "-c", command],
        cwd=folder, env={"PATH": os.environ["PATH"], **env}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_no_more_runs_than_slots_and_each_gpu_its_share(tmp_path):
    # Each run notes who is there with it: a file for itself, a list of all. The list is written
    # at once, so that the lines of two runs do not run into each other.
    command = (
        "touch here.$$.$CUDA_VISIBLE_DEVICES; "
        "printf '%s\\n' \"$(ls here.* | tr '\\n' ' ')\" >> seen; "
        "sleep 0.3; rm here.$$.*; echo $CUDA_VISIBLE_DEVICES"
    )
    runs = [gpu_slot(tmp_path, command, PYMARL_GPU_SLOTS="0,0,1") for _ in range(7)]
    gpus = [run.communicate(timeout=60)[0].strip() for run in runs]
    assert set(gpus) == {"0", "1"}
    for line in (tmp_path / "seen").read_text().splitlines():
        present = [name.rsplit(".", 1)[1] for name in line.split()]
        assert present.count("0") <= 2
        assert present.count("1") <= 1


def test_a_slot_is_free_again_however_its_run_ends(tmp_path):
    first = gpu_slot(tmp_path, "echo in; exec sleep 60", PYMARL_GPU_SLOTS="5")
    assert first.stdout.readline() == "in\n"
    second = gpu_slot(tmp_path, "echo $CUDA_VISIBLE_DEVICES", PYMARL_GPU_SLOTS="5")
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(timeout=1)
    first.kill()
    first.communicate()
    assert second.communicate(timeout=30)[0] == "5\n"


@pytest.mark.parametrize("env", [{}, {"PYMARL_GPU_SLOTS": "0", "SLURM_JOB_ID": "7"}])
def test_without_slots_or_under_slurm_nothing_is_chosen(tmp_path, env):
    run = gpu_slot(tmp_path, "echo $CUDA_VISIBLE_DEVICES", CUDA_VISIBLE_DEVICES="3", **env)
    assert run.communicate(timeout=30)[0] == "3\n"


def in_docker(folder, script, **env):
    """Run in-docker with a stand-in for docker; return its exit code and what it said."""
    programs = folder / "bin"
    programs.mkdir()
    for name, text in {"docker": script, "nvidia-smi": "exit 1"}.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    done = subprocess.run(
        [str(ROOT / "workflow/scripts/in-docker"), "some:image", "python", "-I"],
        env={"PATH": f"{programs}:{os.environ['PATH']}", **env},
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_an_image_that_was_removed_is_not_looked_for_on_the_internet(tmp_path):
    code, said = in_docker(tmp_path, '[ "$1" != image ] || exit 1; echo ran "$@"')
    assert code == 1
    assert "no image some:image at the daemon" in said
    assert "ran" not in said.splitlines()[0].split()


def test_a_container_gets_thread_settings_and_nothing_else_of_the_environment(tmp_path):
    code, said = in_docker(tmp_path, 'echo "$@"', OMP_NUM_THREADS="1", LAB_TOKEN="hidden")
    assert code == 0
    words = said.splitlines()[-1].split()
    passed = [words[i + 1] for i, word in enumerate(words) if word == "-e"]
    assert passed == [
        "HOME=/tmp", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS",
        "NUMBA_NUM_THREADS", "NUMBA_CACHE_DIR", "PYMARL_PIPELINE_JOB",
    ]  # fmt: skip
    assert "hidden" not in said
    assert "--network none" in said
    assert f"--user {os.getuid()}:{os.getgid()}" in said
    assert "--gpus" not in said
