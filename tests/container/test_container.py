"""The product's Dockerfile and rules with a real dockerd and Apptainer (.ci/containers.sh up).

Needs DOCKER_HOST, and BASE_IMAGE: a local image with Python, as no registry is asked.
"""

import json
import os
import shutil
import subprocess

import pytest

from tests.support.workplace import ROOT
from workflow.lib.context import context_digest
from workflow.lib.engine import REPOSITORY

BASE = os.environ.get("BASE_IMAGE", "")
SQUASH_ARGS = os.environ.get("PYMARL_MKSQUASHFS_ARGS")
pytestmark = [pytest.mark.container, pytest.mark.timeout(1500)]


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


@pytest.fixture(autouse=True)
def _quick_compression(workplace):
    """The one setting of ours that .ci/test-containers.sh passes on: a SIF in seconds."""
    if SQUASH_ARGS:
        workplace.env["PYMARL_MKSQUASHFS_ARGS"] = SQUASH_ARGS


@pytest.fixture(scope="module")
def digest():
    return context_digest(BASE, {})


def provenance(workplace):
    paths = sorted(workplace.folder.glob("results/runs/**/provenance.json"))
    return [json.loads(path.read_text()) for path in paths]


def check_finished(workplace, digest):
    runs = provenance(workplace)
    assert len(runs) == 4
    assert {run["image_digest"] for run in runs} == {digest}
    for output in (
        "figures/smoke/win_rate.svg",
        "tables/smoke/summary.csv",
        "report/smoke/index.html",
    ):
        assert (workplace.folder / "results" / output).stat().st_size > 0


def test_docker_engine_builds_trains_and_draws_then_does_nothing(workplace, digest):
    words = ("--engine", "docker", "--config", f"base_image={BASE}")
    code, out = workplace.reproduce("smoke", *words, timeout=1200)
    assert code == 0, out
    check_finished(workplace, digest)
    log = (workplace.folder / f"results/logs/images/{digest}.log").read_text()
    assert f"Successfully tagged {REPOSITORY}:{digest}" in log
    code, out = workplace.reproduce("smoke", *words)
    assert code == 0, out
    assert "nothing to be done" in out


def test_apptainer_engine_builds_the_sif_trains_in_it_and_draws(workplace, digest):
    words = ("--use-singularity", "--config", "experiment=smoke", f"base_image={BASE}")
    # PYTHONPATH leaks into an Apptainer container: the image's own code must win all the same.
    poison = workplace.folder / "poison" / "torch.py"
    poison.parent.mkdir()
    poison.write_text("raise SystemExit('a module of the host was imported')")
    code, out = workplace.snakemake(*words, timeout=1200)
    assert code == 0, out
    check_finished(workplace, digest)
    sif = workplace.folder / f"build/image/{REPOSITORY}-{digest}.sif"
    assert sif.is_file()

    where = subprocess.run(
        ["apptainer", "exec", str(sif), "python", "-I", "-c",
         "import pymarl, torch, sys; print(pymarl.__file__, torch.__file__, sys.prefix)"],
        capture_output=True, text=True, check=True, cwd=workplace.folder,
        env={**os.environ, "PYTHONPATH": str(poison.parent)},
    ).stdout.split()  # fmt: skip
    assert where[0].startswith("/opt/pymarl-pipeline/")
    assert where[1].startswith("/opt/venv/")
    assert where[2] == "/opt/venv"

    code, out = workplace.snakemake(*words)
    assert code == 0
    assert "Nothing to be done" in out
    # Without the flag the guard's digest is another one: the host's runs are not the container's.
    code, out = workplace.snakemake("-n", "-q", "rules", "--config", "experiment=smoke")
    assert "train" in out


def test_the_image_is_labelled_unprivileged_and_trains_without_network(workplace, digest):
    tag = f"{REPOSITORY}:{digest}"
    if docker("image", "inspect", tag).returncode:
        pytest.skip("built by the test of the docker engine")
    (config,) = json.loads(docker("image", "inspect", tag).stdout)
    assert config["Config"]["User"] == "1000"
    labels = config["Config"]["Labels"]
    assert labels["pymarl-pipeline.context-digest"] == digest
    assert labels["pymarl-pipeline.starcraft2"] == "none"
    # Nothing of the host's environment is in the image.
    assert not any("SECRET" in word for word in config["Config"]["Env"])
    done = docker(
        "run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp", "-w", "/tmp",
        "-e", "HOME=/tmp", tag, "python", "-m", "pymarl", "--config=vdn", "--env-config=matrix",
        "with", "t_max=60", "test_interval=30", "test_nepisode=2",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Run complete" in done.stdout + done.stderr


def test_a_failing_build_step_is_shown(workplace):
    done = workplace.call(
        "-m", "workflow.lib.build_image_cli", "--base-image", BASE,
        "--build-args", '{"SC2": "4.10"}',
    )  # fmt: skip
    assert done[0] == 1
    assert "if you accept it, build with ACCEPT_BLIZZARD_EULA=yes" in done[1]
    assert "the image was not built" in done[1]
