"""Statistics, progress and sacred's files."""

import json
import logging
import random
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import torch as th

from pymarl.recording import RunFolderObserver
from pymarl.utils import seeding
from pymarl.utils.logging import ConsoleHandler, Logger
from pymarl.utils.progress import Progress
from pymarl.utils.timehelper import time_str


def test_statistics_are_plain_numbers_in_pymarls_layout():
    info: dict[str, list[float]] = {}
    logger = Logger()
    logger.setup_sacred(info)
    logger.log_stat("return_mean", np.float64(1.5), np.int64(20))
    logger.log_stat("loss", th.tensor(0.25), 20)
    assert info == {
        "return_mean": [1.5],
        "return_mean_T": [20],
        "loss": [0.25],
        "loss_T": [20],
    }
    assert json.loads(json.dumps(info)) == info
    assert logger.latest("loss") == 0.25
    assert logger.latest("test_return_mean") is None


def test_the_console_shows_the_newest_value_not_a_mean(caplog):
    logger = Logger(logging.getLogger("test"))
    for t, value in enumerate([1.0, 2.0, 9.0]):
        logger.log_stat("return_mean", value, t)
        logger.log_stat("episode", t + 1, t)
    with caplog.at_level(logging.INFO, logger="test"):
        logger.print_recent_stats()
    assert "9.0000" in caplog.text
    assert "4.0000" not in caplog.text


def test_a_restored_log_cuts_what_was_written_after_it(tmp_path):
    path = tmp_path / "test_episodes.jsonl"
    logger = Logger()
    logger.setup_test_episodes(path)
    logger.start_evaluation(10, 0)
    logger.log_test_episode({"return": 1.0})
    logger.log_stat("x", 1.0, 1)
    state = logger.state()
    logger.log_test_episode({"return": 2.0})
    logger.log_stat("x", 2.0, 2)
    logger.load_state(state)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert rows == [{"t_env": 10, "t_nominal": 0, "index": 0, "return": 1.0}]
    assert logger.info == {"x": [1.0], "x_T": [1]}


def test_console_lines_go_to_whatever_stdout_is(capsys):
    handler = ConsoleHandler()
    handler.emit(logging.LogRecord("pymarl", logging.INFO, "", 0, "hello %d", (7,), None))
    assert capsys.readouterr().out.rstrip().endswith("pymarl hello 7")


def test_progress_writes_its_file_and_stays_quiet_without_a_terminal(tmp_path, capfd, monkeypatch):
    clock = iter([0.0, 10.0, 10.0] + [12.0 + k for k in range(100)])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    path = tmp_path / "progress.json"
    progress = Progress(1000, path)
    progress.update(0, None)
    assert not path.exists()
    progress.update(400, 0.25)
    written = json.loads(path.read_text())
    assert (written["t_env"], written["t_max"]) == (400, 1000)
    assert written["test_battle_won_mean"] == 0.25
    assert written["eta_s"] == pytest.approx(600 / written["rate"])
    datetime.fromisoformat(written["updated"])
    progress.close()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59.9, "59s"), (61, "1m 1s"), (3700, "1h 1m"), (90061, "1d 1h"), (-5, "0s")],
)
def test_durations(seconds, text):
    assert time_str(seconds) == text


def test_a_heartbeat_in_the_middle_of_a_log_call_writes_equal_lists(tmp_path):
    observer = RunFolderObserver(tmp_path / "work")
    start = datetime(2026, 1, 1)
    observer.started_event({"sources": [], "base_dir": ""}, "main", {}, start, {}, {}, None)
    info = {"loss_T": [1, 2, 3], "loss": [0.5, 0.25], "note": "x"}
    observer.heartbeat_event(info, "", start, None)
    written = json.loads((tmp_path / "work" / "info.json").read_text())
    assert written == {"loss_T": [1, 2], "loss": [0.5, 0.25], "note": "x"}
    assert json.loads((tmp_path / "work" / "run.json").read_text())["status"] == "RUNNING"


def test_streams_are_functions_of_seed_name_and_index():
    def draw(*key: object) -> list[float]:
        return seeding.generator(*key).random(4).tolist()

    assert draw(1, "a", 0) == draw(1, "a", 0)
    keys = [(1, "a", 0), (2, "a", 0), (1, "b", 0), (1, "a", 1)]
    assert len({tuple(draw(*key)) for key in keys}) == len(keys)
    seeds = [seeding.episode_seed(1, seeding.ENV_TRAIN, k) for k in range(5000)]
    assert len(set(seeds)) == 5000
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_networks_are_made_without_touching_the_global_generator():
    before = th.get_rng_state()
    with seeding.seeded_torch(3):
        first = th.nn.Linear(4, 4).weight.clone()
    with seeding.seeded_torch(3):
        second = th.nn.Linear(4, 4).weight.clone()
    assert th.equal(first, second)
    assert th.equal(th.get_rng_state(), before)


def test_a_whole_training_draws_nothing_from_global_generators(tmp_path: Path):
    import contextlib

    from pymarl.config.build import resolve
    from pymarl.run import run_sequential

    args = resolve("qmix", "matrix", ["t_max=120", "use_cuda=false", "test_interval=50"])
    before = (random.getstate(), np.random.get_state()[1].tolist(), th.get_rng_state().tolist())  # noqa: NPY002
    with contextlib.ExitStack() as at_end:
        facts = run_sequential(args, Logger(), tmp_path, Progress(120, None, "off"), at_end)
    after = (random.getstate(), np.random.get_state()[1].tolist(), th.get_rng_state().tolist())  # noqa: NPY002
    assert facts["env_steps"] > 120
    assert after == before
