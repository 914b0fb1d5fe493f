"""What a resumed run records: how long it took, and that its code or device has changed."""

import json
import time

import pytest

from pymarl.main import EXIT_DONE, EXIT_SIGINT, main
from pymarl.runs.checkpoint.checkpoint_store import CheckpointStore
from pymarl.runs.progress_reporter import ProgressReporter

CHANGED = "than the checkpoint's: bits may differ from an uninterrupted run"


class ShortRun:
    """A short run in this process that can be stopped at a step."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.latest = folder / "work/checkpoint/latest.json"

    def go(self) -> int:
        overrides = ["env_args.map_name=two_step", "t_max=200", "use_cuda=false", "test_nepisode=2"]
        return main(
            ["--config=vdn", "--env-config=matrix", "with", *overrides, f"run_dir={self.folder}"]
        )

    def stop_at(self, step: int) -> dict:
        """Run, press Ctrl-C at ``step``, and return the content of its latest.json."""

        def interrupt(_: ProgressReporter, t_env: int, win_rate: float | None) -> None:
            if t_env >= step:
                raise KeyboardInterrupt

        with self.monkeypatch.context() as context:
            context.setattr(ProgressReporter, "update", interrupt)
            assert self.go() == EXIT_SIGINT
        return json.loads(self.latest.read_text())

    def rewrite(self, latest: dict) -> None:
        self.latest.write_text(json.dumps(latest))

    def provenance(self) -> dict:
        return json.loads((self.folder / "provenance.json").read_text())


@pytest.fixture
def short_run(tmp_path, monkeypatch):
    return ShortRun(tmp_path / "run", monkeypatch)


def test_the_duration_covers_all_processes(short_run):
    began = time.monotonic()
    first = short_run.stop_at(60)
    assert 0 < first["elapsed_s"] < time.monotonic() - began
    short_run.rewrite(first | {"elapsed_s": 1000.0})
    second = short_run.stop_at(120)
    assert 1000 < second["elapsed_s"] < 1000 + time.monotonic() - began
    short_run.rewrite(second | {"elapsed_s": 3000.0})
    assert short_run.go() == EXIT_DONE
    found = short_run.provenance()
    assert 3000 < found["duration_s"] < 3000 + time.monotonic() - began
    assert found["resumes"] == 2


def test_an_older_checkpoint_that_does_not_say_these_things_is_taken_up(short_run, capsys):
    latest = short_run.stop_at(100)
    for key in ("elapsed_s", "code_sha256", "git_commit", "device"):
        del latest[key]
    short_run.rewrite(latest)
    began = time.monotonic()
    assert short_run.go() == EXIT_DONE
    assert 0 < short_run.provenance()["duration_s"] < time.monotonic() - began
    assert short_run.provenance()["resumes"] == 1
    assert CHANGED not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("key", "change"),
    [("code_sha256", "with other code"), ("device", "on another device"), (None, "")],
)
def test_other_code_or_another_device_is_said_once_and_not_refused(short_run, capsys, key, change):
    latest = short_run.stop_at(100)
    assert latest["device"] == "cpu"
    if key:
        short_run.rewrite(latest | {key: "another"})
    assert CHANGED not in capsys.readouterr().out
    assert short_run.go() == EXIT_DONE
    out = capsys.readouterr().out
    assert out.count(CHANGED) == (1 if key else 0)
    assert f"resumed {change} {CHANGED}" in out or not key
    assert short_run.provenance()["code_sha256"] == latest["code_sha256"]
    assert short_run.provenance()["git_commit"] == latest["git_commit"]


def test_the_rate_counts_from_where_training_begins(short_run, monkeypatch):
    starts = []
    start = ProgressReporter.start
    monkeypatch.setattr(
        ProgressReporter, "start", lambda self, t_env: (starts.append(t_env), start(self, t_env))
    )
    short_run.stop_at(100)
    saved = CheckpointStore(short_run.latest.parent).read().state["t_env"]
    assert 0 < saved <= 100
    assert short_run.go() == EXIT_DONE
    assert starts == [0, saved]
