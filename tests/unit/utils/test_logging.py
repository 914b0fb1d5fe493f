"""The Logger: statistics in sacred's info, on the console, in CSV and trackers."""

import json
import logging

import numpy as np
import pytest
import torch as th

from pymarl.errors import CheckpointError
from pymarl.utils.logging import ConsoleHandler, Logger


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


def test_the_csv_has_every_number_once_also_after_a_resume(tmp_path):
    path = tmp_path / "metrics.csv"
    logger = Logger()
    logger.setup_csv(path)
    logger.log_stat("loss", 0.1, 10)
    logger.log_stat("return_mean", np.float32(1 / 3), np.int64(20))
    state = logger.state()
    logger.log_stat("loss", 9.0, 30)
    with path.open("a") as stream:
        stream.write("30,retu")  # killed in the middle of a line
    resumed = Logger()
    resumed.setup_csv(path)
    resumed.load_state(state)
    resumed.log_stat("loss", 0.2, 30)
    expected = ["t_env,key,value", "10,loss,0.1", f"20,return_mean,{float(np.float32(1 / 3))!r}"]
    assert path.read_text().splitlines() == [*expected, "30,loss,0.2"]


def test_a_csv_that_is_switched_on_later_holds_what_was_logged_before(tmp_path):
    before = Logger()
    for t in (10, 20):
        before.log_stat("b", t / 2, t)
        before.log_stat("a", t, t)
    logger = Logger()
    logger.setup_csv(tmp_path / "metrics.csv")
    logger.load_state(before.state())
    logger.log_stat("a", 30.0, 30)
    lines = (tmp_path / "metrics.csv").read_text().splitlines()
    assert lines == [
        "t_env,key,value",
        "10,a,10.0",
        "10,b,5.0",
        "20,a,20.0",
        "20,b,10.0",
        "30,a,30.0",
    ]


@pytest.mark.parametrize("name", ["metrics.csv", "test_episodes.jsonl"])
def test_a_file_that_lost_lines_is_named(tmp_path, name):
    logger = Logger()
    logger.setup_csv(tmp_path / "metrics.csv")
    logger.setup_test_episodes(tmp_path / "test_episodes.jsonl")
    logger.log_stat("x", 1.0, 1)
    logger.log_test_episode({"return": 1.0})
    state = logger.state()
    path = tmp_path / name
    path.write_text(path.read_text()[:-3])
    with pytest.raises(CheckpointError, match=f"{name}: has .* lines are missing"):
        logger.load_state(state)


def test_trackers_get_every_number_and_what_a_checkpoint_held():
    got = []

    class Tracker:
        def log(self, key, value, t):
            got.append((key, value, t))

        def resume(self, past):
            got.append(list(past))

        def close(self, failed):
            got.append(failed)

    first = Logger()
    for t in (10, 20):
        first.log_stat("b", t / 2, t)
        first.log_stat("a", float(t), t)
    logger = Logger()
    logger.trackers = [Tracker()]
    logger.load_state(first.state())
    logger.log_stat("a", np.float32(0.5), np.int64(30))
    logger.close(failed=True)
    past = [(10, {"a": 10.0, "b": 5.0}), (20, {"a": 20.0, "b": 10.0})]
    assert got == [past, ("a", 0.5, 30), True]
    assert [type(value) for value in got[1]] == [str, float, int]


def test_console_lines_go_to_whatever_stdout_is(capsys):
    handler = ConsoleHandler()
    handler.emit(logging.LogRecord("pymarl", logging.INFO, "", 0, "hello %d", (7,), None))
    assert capsys.readouterr().out.rstrip().endswith("pymarl hello 7")
