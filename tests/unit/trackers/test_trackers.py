"""Trackers without their packages: identity, modes, batching, missing packages."""

import sys

import pytest
from typing_extensions import override

from pymarl.config.build import resolve
from pymarl.errors import ConfigError
from pymarl.main import EXIT_USAGE, main
from pymarl.trackers.tensorboard_tracker import flat
from pymarl.trackers.tracker import Tracker, identify
from pymarl.trackers.wandb_tracker import wandb_mode


class ListTracker(Tracker):
    """Keeps what it is told."""

    def __init__(self):
        super().__init__()
        self.said = []

    @override
    def _open(self, past):
        self.said.append(("open", past))

    @override
    def _write(self, t_env, values):
        self.said.append((t_env, dict(values)))

    @override
    def _close(self, latest, failed):
        self.said.append(("close", dict(latest), failed))


def test_numbers_of_one_step_come_together_and_nothing_is_opened_before():
    tracker = ListTracker()
    tracker.close(failed=False)
    assert tracker.said == []
    tracker.log("a", 1.0, 10)
    tracker.log("b", 2.0, 10)
    assert tracker.said == []
    tracker.log("a", 3.0, 20)
    assert tracker.said == [("open", []), (10, {"a": 1.0, "b": 2.0})]
    tracker.close(failed=True)
    assert tracker.said[2:] == [(20, {"a": 3.0}), ("close", {"a": 3.0, "b": 2.0}, True)]


def test_a_resumed_run_opens_with_its_past():
    tracker = ListTracker()
    tracker.resume(iter([(10, {"a": 1.0, "c": 4.0})]))
    tracker.log("a", 2.0, 20)
    tracker.close(failed=False)
    past = [(10, {"a": 1.0, "c": 4.0})]
    closed = ("close", {"a": 2.0, "c": 4.0}, False)
    assert tracker.said == [("open", past), (20, {"a": 2.0}), closed]


def test_a_runs_identity_stays_over_its_processes_and_is_its_own(tmp_path):
    overrides = ["env_args.map_name=3m", "seed=2", "experiment=e"]
    args = resolve("qmix", "sim", overrides)
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    first = identify(args, one)
    assert identify(args, one) == first
    assert identify(args, other).id != first.id
    assert first[1:5] == ("e", "sim/3m/qmix", "qmix-3m-seed=2", ("sim", "3m", "qmix", "simulator"))
    assert first.config["seed"] == 2
    named = resolve("qmix", "sim", [*overrides, "tracker_project=p", "label=ablation"])
    assert identify(named, one).project == "p"
    assert identify(named, one).tags[-1] == "ablation"


@pytest.mark.parametrize(
    ("wanted", "environment", "netrc", "mode"),
    [
        ("auto", {}, "", "offline"),
        ("auto", {"WANDB_API_KEY": "k"}, "", "online"),
        ("auto", {"WANDB_API_KEY": "k", "WANDB_MODE": "offline"}, "", "offline"),
        ("auto", {}, "machine api.wandb.ai login user password k", "online"),
        ("auto", {}, "machine other.example login user password k", "offline"),
        ("auto", {"WANDB_BASE_URL": "https://other.example:8080"},
         "machine other.example login user password k", "online"),
        ("auto", {}, "not a netrc", "offline"),
        ("offline", {"WANDB_API_KEY": "k"}, "", "offline"),
        ("online", {}, "", "online"),
    ],
)  # fmt: skip  # a table
def test_nothing_is_sent_without_a_key_or_a_word(tmp_path, wanted, environment, netrc, mode):
    if netrc:
        (tmp_path / ".netrc").write_text(netrc)
        (tmp_path / ".netrc").chmod(0o600)
    assert wandb_mode(wanted, environment, tmp_path) == mode


@pytest.mark.parametrize(
    ("key", "module", "advice"),
    [
        ("use_wandb", "wandb", "pip install 'pymarl-pipeline[wandb]'"),
        ("use_trackio", "trackio", "pip install 'pymarl-pipeline[trackio]'"),
        ("use_tensorboard", "torch.utils.tensorboard", "pip install tensorboard"),
    ],
)
def test_a_missing_package_is_one_line(tmp_path, monkeypatch, capsys, key, module, advice):
    monkeypatch.setitem(sys.modules, module, None)
    arguments = ["--config=vdn", "--env-config=matrix", "with", "env_args.map_name=two_step"]
    code = main([*arguments, f"{key}=true", "use_cuda=false", f"run_dir={tmp_path / 'run'}"])
    assert code == EXIT_USAGE
    said = capsys.readouterr().err
    assert f"{key}=True: the package is missing" in said
    assert advice in said
    assert "Traceback" not in said


def test_nested_settings_are_flat_and_plain():
    config = {"a": 1, "b": {"c": None, "d": True, "e": [1, 2]}, "f": "x"}
    assert flat(config) == {"a": 1, "b.c": "None", "b.d": True, "b.e": "[1, 2]", "f": "x"}


def test_modes_that_do_not_exist_are_refused():
    with pytest.raises(ConfigError, match="wandb_mode"):
        resolve("qmix", "sim", ["wandb_mode=sometimes"])
