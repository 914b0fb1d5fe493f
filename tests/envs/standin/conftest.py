"""One installed folder for all tests, and real pysc2 on it."""

import subprocess
import sys

import pytest
from absl import flags

from pymarl.envs.standin.installer import install
from tests.envs.standin.clients.server_processes import ServerProcess, ServerThread


@pytest.fixture(scope="session")
def sc2path(tmp_path_factory):
    """A StarCraft II folder with the stand-in."""
    folder = tmp_path_factory.mktemp("sc2") / "StarCraftII"
    install(folder)
    return folder


@pytest.fixture
def pysc2(sc2path, monkeypatch):
    """The run configuration of real pysc2 on that folder."""
    monkeypatch.setenv("SC2PATH", str(sc2path))
    from pysc2 import run_configs

    if not flags.FLAGS.is_parsed():
        flags.FLAGS(["tests"])
    return run_configs.get()


@pytest.fixture
def process():
    """A server process of its own."""
    with ServerProcess() as one:
        yield one


@pytest.fixture
def server():
    """The server's loop in a thread: what needs no process of its own."""
    with ServerThread() as one:
        yield one


@pytest.fixture(scope="session")
def spare_port_holder():
    """A process that listens on a port and never answers; yields the port."""
    code = (
        "import socket, time; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen();"
        "print(s.getsockname()[1], flush=True); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    yield int(process.stdout.readline())
    process.kill()
    process.communicate()
