"""The pipeline in both container engines, with an image of the product's Dockerfile."""

import json
import os
import shutil
import subprocess
from importlib.metadata import version

import pytest

from tests.container.images import BASE, MARKER, docker, holds_marker
from tests.support.users import NOBODY
from workflow.containers.engine import REPOSITORY

SQUASH_ARGS = os.environ.get("PYMARL_MKSQUASHFS_ARGS")
SITE_PACKAGES = "/opt/venv/lib/python3"
pytestmark = [
    pytest.mark.container,
    pytest.mark.timeout(1500),
    pytest.mark.usefixtures("container_tools"),
]


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


def test_docker_engine_for_an_ordinary_user_with_a_read_only_source(docker_place, digest, kernels):
    place = docker_place
    prepare(place)
    # A file of his own in the source, as a checkout of his would have it; the image is the same.
    (place.root / "pymarl/.env").write_text(f"TOKEN={MARKER}\n")
    arguments = ("--engine", "docker", "--config", f"base_image={BASE}")
    code, out = place.reproduce("smoke", *arguments, timeout=1200)
    assert code == 0, out
    check_finished(place, digest)
    assert {path.stat().st_uid for path in place.complete()} == {NOBODY}
    log = (place.folder / f"results/logs/images/{digest}.log").read_text()
    assert f"Successfully tagged {REPOSITORY}:{digest}" in log
    code, out = place.reproduce("smoke", *arguments)
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
    arguments = (*flags, "--config", "experiment=smoke", f"base_image={BASE}")
    code, out = place.snakemake(*arguments, timeout=1200)
    assert code == 0, out
    check_finished(place, digest)
    sif = place.folder / f"build/image/{REPOSITORY}-{digest}.sif"
    where = subprocess.run(
        ["apptainer", "exec", str(sif), "python", "-I", "-c",
         "import pymarl, torch, sys; print(pymarl.__file__, torch.__file__, sys.prefix)"],
        capture_output=True, text=True, check=True, cwd=place.folder,
        env={**os.environ, "PYTHONPATH": str(poison.parent)},
    ).stdout.split()  # fmt: skip  # as typed
    assert where[0].startswith("/opt/pymarl-pipeline/")
    assert where[1].startswith("/opt/venv/")
    assert where[2] == "/opt/venv"

    code, out = place.snakemake(*arguments)
    assert code == 0
    assert "Nothing to be done" in out
    # The image as a file from elsewhere: nothing is built, and the runs say which one it was.
    file = place.experiment(
        env="matrix",
        maps=["two_step"],
        algs=["vdn"],
        seeds=[1],
        t_max=100,
        **{"with": {"test_interval": 50}},
    )
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
    )  # fmt: skip  # as typed
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
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert counted.stdout.strip() == "0", counted.stderr
    sif = apptainer_place.folder / f"build/image/{REPOSITORY}-{digest}.sif"
    inside = subprocess.run(
        ["apptainer", "exec", "--cleanenv", "--no-home", str(sif), "sh", "-c",
         f"grep -rlaF {MARKER} /.singularity.d /opt/pymarl-pipeline /home /etc /usr/local; env"],
        capture_output=True, text=True, check=False, cwd="/",
    ).stdout  # fmt: skip  # as typed
    assert "PYMARL_IMAGE_DIGEST" in inside
    assert MARKER not in inside
    assert holds_marker(docker_place.folder) == []
    assert holds_marker(apptainer_place.folder / "results") == []
    assert holds_marker(apptainer_place.folder / ".snakemake") == []
    # The search finds what is there.
    assert holds_marker(docker_place.root) == [str(docker_place.root / "pymarl/.env")]
