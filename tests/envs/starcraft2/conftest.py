"""A stand-in game folder, once per session; these tests need StarCraft II's packages."""

import importlib.util
import sys
from pathlib import Path

import pytest

from tests.support.standin import install_standin

NEEDED = ("pysc2", "s2clientprotocol", "psutil")
missing = [module for module in NEEDED if importlib.util.find_spec(module) is None]
collect_ignore_glob = ["test_*.py"] if missing else []


@pytest.fixture(scope="session")
def standin_folder(tmp_path_factory):
    return install_standin(tmp_path_factory.mktemp("standin") / "StarCraftII")


@pytest.fixture
def sc2path(standin_folder, monkeypatch):
    monkeypatch.setenv("SC2PATH", str(standin_folder))
    return standin_folder


@pytest.fixture
def make(sc2path):
    """Return a function that makes ``sc2`` environments; they are closed at the end."""
    from pymarl.envs.starcraft2.starcraft2_env import StarCraft2Env

    made = []

    def build(**env_args):
        defaults = {"map_name": "3m", "seed": 3, "game_timeout_s": 60.0, "restart_backoff_s": 0.01}
        made.append(StarCraft2Env(**(defaults | env_args)))
        return made[-1]

    yield build
    for env in made:
        env.close()


def alive(pid: int) -> bool:
    """Return whether a process runs (zombies do not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def program(path, body: str):
    """Write a small Python program in the place of the game's executable; return its folder."""
    executable = path / "Versions" / "Base75689" / "SC2_x64"
    executable.parent.mkdir(parents=True)
    executable.write_text(f"#!{sys.executable} -IS\nimport sys, os, time, socket, signal\n{body}")
    executable.chmod(0o755)
    maps = path / "Maps" / "SMAC_Maps"
    maps.mkdir(parents=True)
    (maps / "3m.SC2Map").write_bytes(b"any bytes")
    return path
