"""Fixtures of the tests with a real dockerd and Apptainer (.ci/containers.sh up).

They need DOCKER_HOST, and BASE_IMAGE: a local image with Python, as no registry is asked. One image
serves all tests: they run in the order of the files, and each says what it needs of the earlier.
"""

import os
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.container.archives import Sources, served, write_archives
from tests.container.images import BASE, docker
from tests.support.users import unprivileged_workplace
from tests.support.workplace import Workplace
from workflow.containers.build_context import context_digest


@pytest.fixture(scope="session")
def container_tools():
    """Fail in CI, and skip elsewhere, when the tools are missing."""
    ready = BASE and shutil.which("apptainer") and docker("info").returncode == 0
    if not ready:
        if os.environ.get("CI"):
            pytest.fail("dockerd, apptainer or BASE_IMAGE is missing; see .ci/test-containers.sh")
        pytest.skip("needs dockerd, apptainer and BASE_IMAGE: .ci/containers.sh up")


@pytest.fixture(scope="session")
def digest():
    return context_digest(BASE, {})


@pytest.fixture(scope="session")
def kernels(tmp_path_factory):
    """What numba compiled in the image, handed from one test to the next."""
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(scope="session")
def apptainer_place(tmp_path_factory):
    place = Workplace(tmp_path_factory.mktemp("apptainer").resolve())
    yield place
    place.close()


@pytest.fixture(scope="session")
def docker_place():
    """An ordinary user who may talk to the daemon, with a source tree that he cannot change."""
    socket = Path(os.environ["DOCKER_HOST"].removeprefix("unix://"))
    with unprivileged_workplace((socket.stat().st_gid,)) as place:
        yield place


class Mirror(NamedTuple):
    """A server with stand-ins: its address, what it was asked for, what proves its files."""

    address: str
    asked: list[str]
    sources: Sources


@pytest.fixture
def mirror(tmp_path):
    """The stand-ins of tests/container/archives.py, served from ``tmp_path / "served"``."""
    needed = ("zip", "unzip", "curl", "git")
    if None in map(shutil.which, needed):
        if os.environ.get("CI"):
            pytest.fail(f"{', '.join(needed)} are needed: .ci/packages.sh")
        pytest.skip(f"needs {', '.join(needed)}")
    sources = write_archives(tmp_path / "served")
    with served(tmp_path / "served") as (address, asked):
        yield Mirror(address, asked, sources)
