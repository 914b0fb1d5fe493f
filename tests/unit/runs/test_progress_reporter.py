"""What a run shows of its progress: the file, the line in the log, the bar on a terminal."""

import io
import json
import sys
from datetime import datetime

import pytest

from pymarl.runs.progress_reporter import ProgressReporter
from pymarl.runs.stopwatch import Stopwatch


class Clock:
    """A clock that goes only when a test moves it."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    fake = Clock()
    monkeypatch.setattr("time.monotonic", fake)
    return fake


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_file_is_written_and_nothing_shown_without_a_terminal(tmp_path, capfd, clock):
    path = tmp_path / "progress.json"
    progress = ProgressReporter(1000, path)
    progress.start(0)
    clock.now += 10
    progress.update(0, None)
    assert not path.exists()
    progress.update(400, 0.25)
    written = json.loads(path.read_text())
    assert (written["t_env"], written["t_max"]) == (400, 1000)
    assert (written["rate"], written["eta_s"]) == (40, 15)
    assert written["test_battle_won_mean"] == 0.25
    datetime.fromisoformat(written["updated"])
    clock.now += 1
    progress.update(500, 0.5)
    assert json.loads(path.read_text()) == written
    progress.close()
    assert capfd.readouterr() == ("", "")


def test_the_line_of_a_fresh_run(clock):
    progress = ProgressReporter(50_000, None, "off")
    clock.now += 7  # environments and networks are made
    progress.start(0)
    assert progress.line(0) == "t_env 0/50000, 0 steps/s, ? left"
    clock.now += 10
    assert progress.line(9000) == "t_env 9000/50000, 900 steps/s, 45s left"
    progress.update(9000, None)
    clock.now += 10
    assert progress.line(20_000) == "t_env 20000/50000, 1000 steps/s, 30s left"


def test_the_line_of_a_resumed_run_counts_from_the_resume(clock):
    progress = ProgressReporter(50_000, None, "off")
    clock.now += 7
    progress.start(30_000)
    clock.now += 10
    assert progress.line(34_000) == "t_env 34000/50000, 400 steps/s, 40s left"
    progress.update(34_000, None)
    clock.now += 10
    assert progress.line(40_000) == "t_env 40000/50000, 500 steps/s, 20s left"


@pytest.mark.parametrize(
    ("first", "begin", "text"),
    [
        (
            0,
            "0.00/50.0k [00:00<?, ? steps/s]",
            " 80%|########  | 40.0k/50.0k [00:10<00:02, 4.00k steps/s, test win 25%]",
        ),
        (
            30_000,
            "30.0k/50.0k [00:00<?, ? steps/s]",
            " 80%|########  | 40.0k/50.0k [00:10<00:10, 1.00k steps/s, test win 25%]",
        ),
    ],
    ids=["fresh", "resumed"],
)
def test_the_bar_on_a_terminal(monkeypatch, first, begin, text):
    terminal, clock = Terminal(), Clock()
    monkeypatch.setattr(sys, "__stderr__", terminal)
    monkeypatch.setattr("tqdm.std.time", clock)
    progress = ProgressReporter(50_000, None, "auto")
    clock.now += 7
    progress.start(first)
    assert terminal.getvalue().split("\r")[-1].rstrip().endswith(begin)
    clock.now += 10
    progress.update(40_000, 0.25)
    assert terminal.getvalue().split("\r")[-1].rstrip() == text
    progress.close()
    assert terminal.getvalue().endswith("\r")


@pytest.mark.parametrize("mode", ["plain", "off"])
def test_other_modes_draw_nothing(monkeypatch, mode):
    terminal = Terminal()
    monkeypatch.setattr(sys, "__stderr__", terminal)
    progress = ProgressReporter(50_000, None, mode)
    progress.start(0)
    progress.update(40_000, 0.25)
    progress.close()
    assert terminal.getvalue() == ""


def test_a_stopwatch_adds_the_time_of_earlier_processes(clock):
    watch = Stopwatch()
    clock.now += 5
    assert watch.seconds() == 5
    watch.earlier = 100.0
    clock.now += 2
    assert watch.seconds() == 107
