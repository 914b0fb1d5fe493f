"""The examples of docs/development/extending.md, run as they are printed there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pymarl import registries
from pymarl.config.plugins import VARIABLE, load_plugins
from pymarl.errors import ConfigError
from pymarl.main import main
from pymarl.utils.registry import Registry

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "development" / "extending.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```(?:python|yaml)\n# (\S+)\n(.*?)```", PAGE, flags=re.DOTALL))
SUITE = ("envs", "actions", "copies")
SHORT = ["t_max=60", "test_nepisode=2", "use_cuda=false", "batch_size=2", "experiment=page"]
ON_POLICY = [entry.replace("batch_size=2", "batch_size=4") for entry in SHORT]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with all files of the page, and registries that forget them afterwards."""
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    for name, text in BLOCKS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYMARL_CONFIG_DIR", str(tmp_path / "configs"))
    monkeypatch.chdir(tmp_path)
    tables = [table for table in vars(registries).values() if isinstance(table, Registry)]
    kept = [(table, dict(table.entries)) for table in tables]
    modules = set(sys.modules)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for table, entries in kept:
        table.entries = entries
    for module in set(sys.modules) - modules:
        if getattr(sys.modules[module], "__file__", None) in {str(tmp_path / n) for n in BLOCKS}:
            del sys.modules[module]


def trained(place, monkeypatch, plugin, alg, env, overrides):
    """Run the command line with a plug-in and return the statistics and the configuration."""
    if plugin:
        monkeypatch.setenv(VARIABLE, str(place / plugin))
    assert main([f"--config={alg}", f"--env-config={env}", "with", *overrides, "run_dir=run"]) == 0
    read = [json.loads((place / "run" / f"{name}.json").read_text()) for name in ("info", "config")]
    return read[0], read[1]


def test_the_page_has_all_its_files():
    assert set(BLOCKS) == {
        "ff_agent.py",
        "weighted_mixer.py",
        "reinforce.py",
        "configs/algs/reinforce.yaml",
        "meeting.py",
        "configs/envs/meeting.yaml",
        "2m_vs_3m.yaml",
    }


def test_an_agent(place, monkeypatch):
    overrides = ["agent=ff", "env_args.map_name=two_step", *SHORT]
    info, config = trained(place, monkeypatch, "ff_agent.py", "qmix", "matrix", overrides)
    assert config["agent"] == "ff"
    assert len(info["loss"]) >= 1


def test_a_mixer(place, monkeypatch):
    overrides = ["mixer=weighted", "env_args.map_name=two_step", *SHORT]
    info, config = trained(place, monkeypatch, "weighted_mixer.py", "vdn", "matrix", overrides)
    assert config["mixer"] == "weighted"
    assert len(info["loss"]) >= 1


def test_an_algorithm(place, monkeypatch):
    overrides = ["env_args.map_name=two_step", "runner=episode", "batch_size_run=1", *ON_POLICY]
    info, config = trained(place, monkeypatch, "reinforce.py", "reinforce", "matrix", overrides)
    assert config["subtract_mean"] is True
    assert len(info["loss"]) >= 1


def test_an_environment(place, monkeypatch):
    info, config = trained(place, monkeypatch, "meeting.py", "iql", "meeting", SHORT)
    assert config["env_args"]["walls"] is True
    assert 0 <= info["test_battle_won_mean"][-1] <= 1
    assert "unknown key" not in json.dumps(config)


def test_an_environment_in_worker_processes(place, monkeypatch):
    overrides = ["runner=parallel", "batch_size_run=2", *SHORT]
    info, _ = trained(place, monkeypatch, "meeting.py", "iql", "meeting", overrides)
    assert len(info["test_return_mean"]) >= 1


def test_an_environment_in_the_suite_of_all(place):
    """The page's environment passes what every registered one must pass."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
         *(str(ROOT / "tests" / "contract" / f"test_{name}.py") for name in SUITE),
         "-k", "meeting"],
        cwd=ROOT,
        env={**os.environ, VARIABLE: str(place / "meeting.py")},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip  # as typed
    assert done.returncode == 0, done.stdout
    # Two of each environment and its batch: futures, independence, new ones; and two of snapshots.
    assert int(re.findall(r"(\d+) passed", done.stdout)[0]) >= 3 + 16 + 7


def test_a_map(place, monkeypatch):
    overrides = ["env_args.map_name=2m_vs_3m", "env_args.map_file=2m_vs_3m.yaml", *SHORT]
    info, config = trained(place, monkeypatch, None, "qmix", "sim", overrides)
    assert config["env_args"]["map_name"] == "2m_vs_3m"
    assert len(info["test_return_mean"]) >= 1


@pytest.mark.parametrize(
    ("entry", "reason"),
    [("nowhere.py", "no file nowhere.py"), ("no_such_module_here", "ModuleNotFoundError")],
)
def test_a_plugin_that_cannot_be_imported_is_one_line(monkeypatch, entry, reason):
    monkeypatch.setenv(VARIABLE, entry)
    with pytest.raises(ConfigError, match=reason) as caught:
        load_plugins()
    assert "\n" not in str(caught.value)


def test_a_broken_plugin_is_named(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text("1 / 0\n")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv(VARIABLE, os.pathsep.join(["json", str(tmp_path / "mine.py")]))
    with pytest.raises(ConfigError, match=r"mine\.py': ZeroDivisionError"):
        load_plugins()
    assert "mine" not in sys.modules
