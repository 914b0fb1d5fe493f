"""Errors of the machine and of the folders a user names end in one line, too."""

import json
from pathlib import Path

import pytest

from pymarl.config.build import resolve
from pymarl.main import EXIT_DONE, EXIT_FAILED, EXIT_USAGE, main
from pymarl.runs.checkpoint.store import CheckpointStore
from pymarl.runs.checkpoint.training import FOLDER, fingerprint

GAME = ["env_args.map_name=two_step", "t_max=10", "use_cuda=false", "batch_size=2"]


def overrides(folder: Path, *more: str) -> list[str]:
    return [*GAME, f"run_dir={folder}", *more]


def play(*entries: str) -> int:
    return main(["--config=iql", "--env-config=matrix", "with", *entries])


def test_a_full_disk_is_one_line_and_exit_1(capsys, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path / "run.json"))

    monkeypatch.setattr("pymarl.utils.atomic.write_bytes", full)
    code = play(*overrides(tmp_path / "run"))
    err = capsys.readouterr().err
    assert code == EXIT_FAILED
    assert "No space left on device" in err
    assert "run.json" in err
    assert "Traceback" not in err
    assert not (tmp_path / "run" / "complete.json").exists()


@pytest.fixture
def models(tmp_path) -> Path:
    assert play(*overrides(tmp_path / "trained")) == EXIT_DONE
    return tmp_path / "trained" / "models"


def unfinished(folder: Path, identity: str) -> dict[str, bytes]:
    """Make a run folder with a training that can be resumed; return its files."""
    CheckpointStore(folder / "work" / FOLDER).write({"t_env": 5}, [], 0, {"fingerprint": identity})
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("key", ["evaluate=true", "save_replay=true"])
@pytest.mark.parametrize("same", [False, True], ids=["other settings", "same settings"])
def test_an_evaluation_leaves_an_unfinished_training_as_it_is(capsys, tmp_path, models, key, same):
    run = overrides(tmp_path / "run", f"checkpoint_path={models}")
    identity = fingerprint(resolve("iql", "matrix", run)) if same else "another"
    before = unfinished(tmp_path / "run", identity)
    for _ in range(2):  # the first refusal leaves the folder unlocked
        assert play(*run, key) == EXIT_USAGE
        [line] = capsys.readouterr().err.splitlines()
        assert f"{tmp_path / 'run'} holds an unfinished training, which is left as it is" in line
        assert "experiment= or run_dir=" in line
    assert contents(tmp_path / "run") == before


def test_an_evaluation_may_follow_a_failed_one(capsys, tmp_path, models):
    run = overrides(tmp_path / "run", "evaluate=true", "test_nepisode=2")
    assert play(*run, f"checkpoint_path={tmp_path}/none") == EXIT_FAILED
    assert play(*run, f"checkpoint_path={models}") == EXIT_DONE
    assert "an earlier attempt without a checkpoint is in" in capsys.readouterr().err
    assert (tmp_path / "run" / "complete.json").is_file()


def test_a_training_says_that_it_sets_one_with_other_settings_aside(capsys, tmp_path):
    before = unfinished(tmp_path / "run", "another")
    assert play(*overrides(tmp_path / "run")) == EXIT_DONE
    aside = tmp_path / "run" / "failed-1"
    expected = f"an earlier attempt with other settings is in {aside}; this run starts over"
    assert expected in capsys.readouterr().err
    assert contents(aside) == before


def test_a_damaged_model_is_one_line_and_exit_1(capsys, tmp_path, models):
    [model] = models.iterdir()
    (model / "agent.th").write_bytes((model / "agent.th").read_bytes()[:500])
    run = overrides(tmp_path / "run", "evaluate=true", f"checkpoint_path={models}")
    assert play(*run) == EXIT_FAILED
    [line] = [row for row in capsys.readouterr().err.splitlines() if row.startswith("pymarl: ")]
    assert f"{model / 'agent.th'}: damaged" in line
    assert "checkpoint_path" in line
    status = json.loads((tmp_path / "run" / "work" / "run.json").read_text())["status"]
    assert status == "FAILED"
