"""Builds of the product's Dockerfile that the pipeline does not make by itself."""

import json
import os
import subprocess

import pytest

import workflow.containers.image
from tests.container.archives import write_pins
from tests.container.images import BASE, docker
from tests.support.users import NOBODY, copy_source
from tests.support.workplace import ROOT
from workflow.containers.build_context import context_archive
from workflow.containers.engine import REPOSITORY
from workflow.errors import PipelineError

pytestmark = [
    pytest.mark.container,
    pytest.mark.timeout(1500),
    pytest.mark.usefixtures("container_tools"),
]


def test_a_failing_build_step_is_shown(workplace):
    done = workplace.call(
        "-m", "workflow", "build-image", "--base-image", BASE,
        "--build-args", '{"SC2": "4.10"}',
    )  # fmt: skip  # as typed
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
    )  # fmt: skip  # as typed
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[starcraft2 2/2] RUN" in done.stderr + done.stdout


def test_an_image_with_game_maps_and_smac_from_stand_ins(tmp_path, monkeypatch, kernels, mirror):
    """Everything of SC2=4.10 but Blizzard's bytes: licence, sums, mirror, stages, label, training.

    The archive of the "game" starts the stand-in that speaks its protocol.
    """
    source = copy_source(tmp_path / "source")
    monkeypatch.setattr(
        workflow.containers.image, "context_archive", lambda: context_archive(source)
    )
    tag = f"{REPOSITORY}:stand-in"
    args = {"SC2": "4.10", "ACCEPT_BLIZZARD_EULA": "yes", "SC2_MIRROR": mirror.address}
    changed = mirror.sources._replace(maps=mirror.sources.maps | {"3m.SC2Map": "0" * 64})
    write_pins(source / "docker/pins.env", changed)
    with pytest.raises(PipelineError, match=r"not SMAC's .*: 3m\.SC2Map"):
        workflow.containers.image.build_docker(tag, BASE, args, "host")
    write_pins(source / "docker/pins.env", mirror.sources)
    workflow.containers.image.build_docker(tag, BASE, args, "host")
    assert len(mirror.asked) >= 5
    try:
        found = docker(
            "run", "--rm", "--network", "none", tag, "sh", "-c",
            "ls -a $SC2PATH $SC2PATH/Maps/SMAC_Maps; python -I -c "
            "'import smac.env, smacv2.env, pysc2.run_configs, s2clientprotocol; "
            "print(smac.env.__file__, smacv2.env.__file__)'",
        )  # fmt: skip  # as typed
        assert found.returncode == 0, found.stderr
        expected = {"Maps", "Versions", ".hidden", "3m.SC2Map", "10gen_terran.SC2Map"}
        expected |= {f"/opt/smac/{package}/env/__init__.py" for package in ("smac", "smacv2")}
        assert expected <= set(found.stdout.split())
        # The protocol goes over the loopback interface, which a container without network has.
        (tmp_path / "out").mkdir(mode=0o777)
        (tmp_path / "out").chmod(0o777)
        trained = docker(
            "run", "--rm", "--network", "none", "-w", "/tmp", "-v", f"{tmp_path}/out:/out",
            "-v", f"{kernels}:/kernels", "-e", "NUMBA_CACHE_DIR=/kernels/numba-cache",
            "--user", str(NOBODY), "-e", "HOME=/tmp", tag, "python", "-I", "-m", "pymarl",
            "--config=vdn", "--env-config=sc2", "with", "env_args.map_name=3m", "t_max=100",
            "test_interval=50", "test_nepisode=2", "run_dir=/out/run",
        )  # fmt: skip  # as typed
        assert trained.returncode == 0, trained.stdout + trained.stderr
        said = json.loads((tmp_path / "out/run/provenance.json").read_text())
        assert said["backend"] == "standin"
        (config,) = json.loads(docker("image", "inspect", tag).stdout)
        assert config["Config"]["Labels"]["pymarl-pipeline.starcraft2"] == "4.10"
        assert mirror.address not in docker("history", "--no-trunc", tag).stdout
    finally:
        docker("image", "rm", tag)
