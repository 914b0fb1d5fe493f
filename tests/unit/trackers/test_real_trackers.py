"""Short runs with the real packages of wandb, trackio and tensorboard, without network."""

import json

import pytest

from pymarl.main import EXIT_DONE, EXIT_SIGINT, main
from pymarl.runs.progress_reporter import ProgressReporter
from tests.unit.trackers.wandb_file import history, run_of

ARGUMENTS = [
    "--config=vdn", "--env-config=matrix", "with", "env_args.map_name=two_step", "t_max=200",
    "use_cuda=false", "test_nepisode=2", "test_interval=50", "log_interval=50", "seed=3",
    "runner_log_interval=50", "learner_log_interval=50", "checkpoint_interval=20", "label=mine",
]  # fmt: skip  # as typed


@pytest.fixture(autouse=True)
def nobody(tmp_path, monkeypatch):
    """A user without keys, whose caches are in the test's folder; and no way out of here."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_BASE_URL", "NETRC", "TRACKIO_SPACE_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    for name in ("WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(home / name))
    # What would send anything needs a proxy that answers.
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")


def train(folder, *overrides):
    return main([*ARGUMENTS, f"run_dir={folder}", "experiment=mine", *overrides])


def stop_at(step, folder, monkeypatch, *overrides):
    """Run, and press Ctrl-C at ``step``."""

    def interrupt(_: ProgressReporter, t_env: int, win_rate: float | None) -> None:
        if t_env >= step:
            raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(ProgressReporter, "update", interrupt)
        assert train(folder, *overrides) == EXIT_SIGINT


def statistics(folder):
    """All numbers of info.json: (statistic, environment step) -> value."""
    info = json.loads((folder / "info.json").read_text())
    keys = [key for key in info if f"{key}_T" in info]
    return {(key, t): v for key in keys for t, v in zip(info[f"{key}_T"], info[key], strict=True)}


def rows_as_statistics(rows, x_axis):
    """Rows of a tracker's history in the same form; a number that is there twice fails."""
    found = {}
    for row in rows:
        for key, value in row.items():
            if key != x_axis and not key.startswith("_"):
                assert (key, row[x_axis]) not in found
                found[key, row[x_axis]] = value
    return found


@pytest.mark.parametrize("stopped", [False, True])
def test_wandb_offline_has_every_number_once(tmp_path, monkeypatch, stopped, capsys):
    pytest.importorskip("wandb")
    folder = tmp_path / "run"
    if stopped:
        stop_at(120, folder, monkeypatch, "use_wandb=true")
    assert train(folder, "use_wandb=true") == EXIT_DONE
    assert "wandb: offline, numbers are kept in" in capsys.readouterr().out
    (file,) = (folder / "wandb").rglob("*.wandb")
    assert rows_as_statistics(history(file), "t_env") == statistics(folder)
    run = run_of(file)
    assert run.display_name == "vdn-two_step-seed=3"
    assert (run.project, run.run_group) == ("mine", "matrix/two_step/vdn")
    assert list(run.tags) == ["matrix", "two_step", "vdn", "simulator", "mine"]
    config = {item.key: json.loads(item.value_json) for item in run.config.update}
    assert config["lr"] == json.loads((folder / "config.json").read_text())["lr"]
    # Nothing that only points to the folder of the attempt.
    assert not [path for path in folder.rglob("*") if path.is_symlink()]


@pytest.mark.parametrize("stopped", [False, True])
def test_trackio_has_every_number_once(tmp_path, monkeypatch, stopped):
    trackio = pytest.importorskip("trackio")
    from trackio.sqlite_storage import SQLiteStorage

    folder = tmp_path / "run"
    project = f"mine-{tmp_path.name}"
    overrides = ("use_trackio=true", f"tracker_project={project}")
    if stopped:
        stop_at(120, folder, monkeypatch, *overrides)
    assert train(folder, *overrides) == EXIT_DONE
    (run,) = trackio.Api().runs(project)
    assert run.name.startswith("vdn-two_step-seed=3-")
    rows = SQLiteStorage.get_logs(project, run.name)
    rows = [{key: value for key, value in row.items() if key != "timestamp"} for row in rows]
    assert rows_as_statistics(rows, "step") == statistics(folder)


@pytest.mark.parametrize("stopped", [False, True])
def test_tensorboard_has_every_number_and_the_settings(tmp_path, monkeypatch, stopped):
    accumulators = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    folder = tmp_path / "run"
    if stopped:
        stop_at(120, folder, monkeypatch, "use_tensorboard=true")
    assert train(folder, "use_tensorboard=true") == EXIT_DONE
    events = accumulators.EventAccumulator(str(folder / "tb"), {"scalars": 0})
    events.Reload()
    tags = [tag for tag in events.Tags()["scalars"] if not tag.startswith("final/")]
    found = [(tag, event.step) for tag in tags for event in events.Scalars(tag)]
    expected = statistics(folder)
    assert sorted(found) == sorted(expected)
    last = max(t for key, t in expected if key == "test_return_mean")
    (final,) = events.Scalars("final/test_return_mean")
    assert final.value == pytest.approx(expected["test_return_mean", last])
    (settings,) = (events.PluginTagToContent("hparams").get("_hparams_/session_start_info"),)
    assert b"env_args.map_name" in settings
