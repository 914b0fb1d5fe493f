"""The product's Dockerfile and rules with a real dockerd and Apptainer (.ci/containers.sh up).

Needs DOCKER_HOST, and BASE_IMAGE: a local image with Python, as no registry is asked. One image
serves all tests; they run in the order of this file, and each says what it needs of the earlier.
"""

import json
import os
import secrets
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

import workflow.containers.image
from tests.container.archives import served, write_archives, write_pins
from tests.support.users import NOBODY, copy_source, unprivileged_workplace
from tests.support.workplace import ROOT, Workplace
from workflow.containers.build_context import context_archive, context_digest
from workflow.containers.engine import REPOSITORY
from workflow.errors import PipelineError

BASE = os.environ.get("BASE_IMAGE", "")
SQUASH_ARGS = os.environ.get("PYMARL_MKSQUASHFS_ARGS")
SITE_PACKAGES = "/opt/venv/lib/python3"
# A word that a user has in the environment and in files that git does not know: it may be nowhere.
MARKER = f"hidden-{secrets.token_hex(8)}"
pytestmark = [
    pytest.mark.container,
    pytest.mark.timeout(1500),
    # One after the other, and in one process: they share the image.
]


def docker(*words, **options):
    return subprocess.run(
        ["docker", *words], capture_output=True, text=True, check=False, **options
    )


@pytest.fixture(scope="module", autouse=True)
def _programs():
    ready = BASE and shutil.which("apptainer") and docker("info").returncode == 0
    if not ready:
        if os.environ.get("CI"):
            pytest.fail("dockerd, apptainer or BASE_IMAGE is missing; see .ci/test-containers.sh")
        pytest.skip("needs dockerd, apptainer and BASE_IMAGE: .ci/containers.sh up")


@pytest.fixture(scope="module")
def digest():
    return context_digest(BASE, {})


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    """What numba compiled in the image, handed from one test to the next."""
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(scope="module")
def apptainer_place(tmp_path_factory):
    place = Workplace(tmp_path_factory.mktemp("apptainer").resolve())
    yield place
    place.close()


@pytest.fixture(scope="module")
def docker_place():
    """An ordinary user who may talk to the daemon, with a source tree that he cannot change."""
    socket = Path(os.environ["DOCKER_HOST"].removeprefix("unix://"))
    with unprivileged_workplace((socket.stat().st_gid,)) as place:
        yield place


def prepare(place):
    """Secrets in the environment, and the one setting of ours that .ci/test-containers.sh makes."""
    place.env |= {"LAB_TOKEN": MARKER, "AWS_SECRET_ACCESS_KEY": MARKER}
    if SQUASH_ARGS:
        place.env["PYMARL_MKSQUASHFS_ARGS"] = SQUASH_ARGS


def provenance(workplace):
    paths = sorted(workplace.folder.glob("results/runs/smoke/**/provenance.json"))
    return [json.loads(path.read_text()) for path in paths]


def check_finished(workplace, digest):
    runs = provenance(workplace)
    assert len(runs) == 4
    for run in runs:
        assert run["image_digest"] == digest
        assert run["packages"]["torch"].startswith("2.")
        # Nothing of the host's Python is on the path.
        assert len(run["site_packages"]) == 1
        assert run["site_packages"][0].startswith(SITE_PACKAGES)
    for output in (
        "figures/smoke/win_rate.svg",
        "tables/smoke/summary.csv",
        "report/smoke/index.html",
    ):
        assert (workplace.folder / "results" / output).stat().st_size > 0


def holds_marker(folder):
    """The files below ``folder`` that hold the marker."""
    done = subprocess.run(
        ["grep", "-rlaF", MARKER, str(folder)], capture_output=True, text=True, check=False
    )
    return done.stdout.split()


def test_docker_engine_for_an_ordinary_user_with_a_read_only_source(docker_place, digest, kernels):
    place = docker_place
    prepare(place)
    # A file of his own in the source, as a checkout of his would have it; the image is the same.
    (place.root / "pymarl/.env").write_text(f"TOKEN={MARKER}\n")
    words = ("--engine", "docker", "--config", f"base_image={BASE}")
    code, out = place.reproduce("smoke", *words, timeout=1200)
    assert code == 0, out
    check_finished(place, digest)
    assert {path.stat().st_uid for path in place.complete()} == {NOBODY}
    log = (place.folder / f"results/logs/images/{digest}.log").read_text()
    assert f"Successfully tagged {REPOSITORY}:{digest}" in log
    code, out = place.reproduce("smoke", *words)
    assert code == 0, out
    assert "nothing to be done" in out
    shutil.copytree(place.folder / ".snakemake/numba-cache", kernels / "numba-cache")
    for path in (kernels, *kernels.rglob("*")):
        path.chmod(0o777)


def test_apptainer_engine_builds_the_sif_trains_in_it_and_draws(apptainer_place, digest, kernels):
    place = apptainer_place
    prepare(place)
    if (kernels / "numba-cache").exists():
        # Another engine, the same image: what was compiled there fits here.
        shutil.copytree(kernels / "numba-cache", place.folder / ".snakemake/numba-cache")
    # PYTHONPATH leaks into an Apptainer container: the image's own code must win all the same.
    poison = place.folder / "poison/torch.py"
    poison.parent.mkdir()
    poison.write_text("raise SystemExit('a module of the host was imported')")
    # --nv is safe on a machine without a GPU.
    flags = ("--use-singularity", "--apptainer-args=--nv")
    words = (*flags, "--config", "experiment=smoke", f"base_image={BASE}")
    code, out = place.snakemake(*words, timeout=1200)
    assert code == 0, out
    check_finished(place, digest)
    sif = place.folder / f"build/image/{REPOSITORY}-{digest}.sif"
    where = subprocess.run(
        ["apptainer", "exec", str(sif), "python", "-I", "-c",
         "import pymarl, torch, sys; print(pymarl.__file__, torch.__file__, sys.prefix)"],
        capture_output=True, text=True, check=True, cwd=place.folder,
        env={**os.environ, "PYTHONPATH": str(poison.parent)},
    ).stdout.split()  # fmt: skip
    assert where[0].startswith("/opt/pymarl-pipeline/")
    assert where[1].startswith("/opt/venv/")
    assert where[2] == "/opt/venv"

    code, out = place.snakemake(*words)
    assert code == 0
    assert "Nothing to be done" in out
    # The image as a file from elsewhere: nothing is built, and the runs say which one it was.
    file = place.experiment(
        env="matrix", maps=["two_step"], algs=["vdn"], seeds=[1], t_max=100,
        **{"with": {"test_interval": 50}},
    )  # fmt: skip
    ready = sif.rename(place.folder / "pymarl.sif")
    code, out = place.snakemake(
        *flags, "runs", "--configfile", str(file), "--config", f"image={ready}"
    )
    ready.rename(sif)
    assert code == 0, out
    assert "build_image" not in out
    (said,) = place.folder.glob("results/runs/tiny/**/provenance.json")
    assert json.loads(said.read_text())["image_digest"] == digest
    # Without the flag the guard's digest is another one: the host's runs are not the container's.
    code, out = place.snakemake("-n", "-q", "rules", "--config", "experiment=smoke")
    assert "train" in out


def test_the_image_is_labelled_unprivileged_and_trains_without_network(digest):
    tag = f"{REPOSITORY}:{digest}"
    (config,) = json.loads(docker("image", "inspect", tag).stdout)
    assert config["Config"]["User"] == "1000"
    labels = config["Config"]["Labels"]
    assert labels["pymarl-pipeline.context-digest"] == digest
    assert labels["pymarl-pipeline.starcraft2"] == "none"
    assert labels["pymarl-pipeline.torch"] == "torch==2.13.0"
    assert labels["org.opencontainers.image.version"] == version("pymarl-pipeline")
    options = ("--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp", "-w", "/tmp")
    done = docker(
        "run", *options, "-e", "HOME=/tmp", tag, "python", "-m", "pymarl", "--config=vdn",
        "--env-config=matrix", "with", "t_max=60", "test_interval=30", "test_nepisode=2",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Run complete" in done.stdout + done.stderr
    # There is no network in it: the checker's own check.
    probe = "import socket; socket.create_connection(('192.0.2.1', 80), 3)"
    assert "unreachable" in docker("run", *options, tag, "python", "-c", probe).stderr


def test_secrets_of_the_host_are_in_no_image_log_or_result(docker_place, apptainer_place, digest):
    tag = f"{REPOSITORY}:{digest}"
    assert MARKER not in docker("history", "--no-trunc", tag).stdout
    # All layers, uncompressed, and the image's configuration.
    counted = subprocess.run(
        f"docker save {tag} | grep -caF -e {MARKER} -e {docker_place.folder}",
        shell=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert counted.stdout.strip() == "0", counted.stderr
    sif = apptainer_place.folder / f"build/image/{REPOSITORY}-{digest}.sif"
    inside = subprocess.run(
        ["apptainer", "exec", "--cleanenv", "--no-home", str(sif), "sh", "-c",
         f"grep -rlaF {MARKER} /.singularity.d /opt/pymarl-pipeline /home /etc /usr/local; env"],
        capture_output=True, text=True, check=False, cwd="/",
    ).stdout  # fmt: skip
    assert "PYMARL_IMAGE_DIGEST" in inside
    assert MARKER not in inside
    assert holds_marker(docker_place.folder) == []
    assert holds_marker(apptainer_place.folder / "results") == []
    assert holds_marker(apptainer_place.folder / ".snakemake") == []
    # The search finds what is there.
    assert holds_marker(docker_place.root) == [str(docker_place.root / "pymarl/.env")]


def test_a_failing_build_step_is_shown(workplace):
    done = workplace.call(
        "-m", "workflow", "build-image", "--base-image", BASE,
        "--build-args", '{"SC2": "4.10"}',
    )  # fmt: skip
    assert done[0] == 1
    assert "if you accept it, set ACCEPT_BLIZZARD_EULA=yes" in done[1]
    assert "the image was not built" in done[1]


def test_buildkit_takes_the_same_file_and_the_folder_as_it_is():
    """By hand: `docker build -f docker/Dockerfile .`; the whole file is read, one stage built."""
    # Debian's own docker; others may lie before it on PATH, without BuildKit.
    done = subprocess.run(
        ["/usr/bin/docker", "build", "--progress=plain", "--target=starcraft2",
         f"--build-arg=BASE_IMAGE={BASE}", "-f", "docker/Dockerfile", "."],
        cwd=ROOT, env={**os.environ, "DOCKER_BUILDKIT": "1"}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[starcraft2 2/2] RUN" in done.stderr + done.stdout


def test_an_image_with_game_maps_and_smac_from_stand_in_archives(tmp_path, monkeypatch, kernels):
    """Everything of SC2=4.10 but Blizzard's bytes: licence, sums, mirror, stages, label, training.

    The archive of the "game" starts the stand-in that speaks its protocol.
    """
    sums = write_archives(tmp_path / "served")
    source = copy_source(tmp_path / "source")
    monkeypatch.setattr(
        workflow.containers.image, "context_archive", lambda: context_archive(source)
    )
    tag = f"{REPOSITORY}:stand-in"
    with served(tmp_path / "served") as (address, asked):
        args = {"SC2": "4.10", "ACCEPT_BLIZZARD_EULA": "yes", "SC2_MIRROR": address}
        write_pins(source / "docker/pins.env", sums | {"SMAC": "0" * 64})
        with pytest.raises(PipelineError, match="wrong checksum"):
            workflow.containers.image.build_docker(tag, BASE, args, "host")
        write_pins(source / "docker/pins.env", sums)
        workflow.containers.image.build_docker(tag, BASE, args, "host")
    assert len(asked) >= 3
    try:
        found = docker(
            "run", "--rm", "--network", "none", tag, "sh", "-c",
            "ls -a $SC2PATH $SC2PATH/Maps/SMAC_Maps; python -I -c "
            "'import smac.env, pysc2.run_configs, s2clientprotocol; print(smac.env.__file__)'",
        )  # fmt: skip
        assert found.returncode == 0, found.stderr
        words = {"Maps", "Versions", ".hidden", "3m.SC2Map", "/opt/smac/smac/env/__init__.py"}
        assert words <= set(found.stdout.split())
        # The protocol goes over the loopback interface, which a container without network has.
        (tmp_path / "out").mkdir(mode=0o777)
        (tmp_path / "out").chmod(0o777)
        trained = docker(
            "run", "--rm", "--network", "none", "-w", "/tmp", "-v", f"{tmp_path}/out:/out",
            "-v", f"{kernels}:/kernels", "-e", "NUMBA_CACHE_DIR=/kernels/numba-cache",
            "--user", str(NOBODY), "-e", "HOME=/tmp", tag, "python", "-I", "-m", "pymarl",
            "--config=vdn", "--env-config=sc2", "with", "env_args.map_name=3m", "t_max=100",
            "test_interval=50", "test_nepisode=2", "run_dir=/out/run",
        )  # fmt: skip
        assert trained.returncode == 0, trained.stdout + trained.stderr
        said = json.loads((tmp_path / "out/run/provenance.json").read_text())
        assert said["backend"] == "standin"
        (config,) = json.loads(docker("image", "inspect", tag).stdout)
        assert config["Config"]["Labels"]["pymarl-pipeline.starcraft2"] == "4.10"
        assert address not in docker("history", "--no-trunc", tag).stdout
    finally:
        docker("image", "rm", tag)
