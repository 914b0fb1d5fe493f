"""Worker processes: failures are reported, nothing hangs, nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pymarl.envs.matrix import MatrixGame
from pymarl.errors import EnvWorkerError
from pymarl.runners import workers as workers_module
from pymarl.runners.workers import EnvWorkers
from tests.runners import fakes

ACTIONS = np.zeros(2, np.int64)


def alive(pid: int) -> bool:
    """Return whether process ``pid`` runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pids, seconds: float) -> bool:
    """Wait until none of ``pids`` runs, at most ``seconds``."""
    deadline = time.monotonic() + seconds
    while any(alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def start(*classes, timeout_s=60.0, folder=""):
    """Return workers of ``classes`` and their process ids."""
    pool = EnvWorkers(
        classes[0], [{"map_name": str(folder), "seed": k} for k in range(2)], timeout_s
    )
    return pool, [worker.process.pid for worker in pool.workers]


def ask(pool, index):
    """Let one environment begin an episode."""
    pool.send(index, "reset", 0)
    return list(pool.answers([index]))


def step_second(pool):
    """Let both environments begin an episode and the second one make a step."""
    for index in range(2):
        pool.send(index, "reset", 0)
    assert {index for index, _ in pool.answers(range(2))} == {0, 1}
    pool.send(1, "step", ACTIONS)
    return dict(pool.answers([1]))


@pytest.mark.parametrize(
    ("env_class", "expected"),
    [
        (fakes.Failing, ["environment 1 of 2", "'step'", "EnvError: the fake battle", "misbehave"]),
        (fakes.Resetting, ["environment 1 of 2", "the game has closed its socket", "misbehave"]),
        (fakes.Exiting, ["environment 1 of 2", "SystemExit: enough"]),
        (fakes.Leaving, ["environment 1 of 2", "died with exit code 7", "sent no traceback"]),
        (fakes.Killed, ["environment 1 of 2", "was killed by SIGKILL", "memory"]),
    ],
)
def test_a_failing_worker_says_why(env_class, expected):
    pool, pids = start(env_class)
    try:
        with pytest.raises(EnvWorkerError) as caught:
            step_second(pool)
        for part in expected:
            assert part in str(caught.value)
    finally:
        pool.close()
    assert gone(pids, 10)


def test_a_hanging_worker_is_given_up_and_killed_with_its_children(monkeypatch, tmp_path):
    monkeypatch.setattr(workers_module, "CLOSE_S", 0.5)
    pool, pids = start(fakes.Hanging, timeout_s=15.0, folder=tmp_path)
    children = [int(path.read_text()) for path in tmp_path.glob("child-*")]
    assert len(children) == 2
    pool.timeout_s = 1.0
    try:
        with pytest.raises(
            EnvWorkerError, match=r"environment 1 .*'step' within env_timeout_s=1 s"
        ):
            step_second(pool)
    finally:
        pool.close()
    assert gone([*pids, *children], 5)


def test_an_environment_that_cannot_be_made_leaves_no_process(monkeypatch):
    started = []
    original = workers_module._start

    def recorded():
        worker = original()
        started.append(worker.process)
        return worker

    monkeypatch.setattr(workers_module, "_start", recorded)
    with pytest.raises(EnvWorkerError, match="no game at this place"):
        start(fakes.Unmakeable)
    assert len(started) >= 1
    assert all(process.returncode is not None for process in started)


def test_a_worker_that_died_between_requests_is_noticed_when_asked():
    pool, pids = start(fakes.Fake)
    try:
        os.kill(pids[0], signal.SIGKILL)
        assert gone(pids[:1], 10)
        with pytest.raises(EnvWorkerError, match=r"environment 0 of 2.* was killed by SIGKILL"):
            ask(pool, 0)
    finally:
        pool.close()


def test_closing_closes_the_environments_and_may_be_repeated(tmp_path):
    pool, pids = start(fakes.Closing, folder=tmp_path)
    pool.close()
    pool.close()
    assert gone(pids, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["closed-0", "closed-1"]


PARENT = """
import sys, time, numpy as np
from pymarl.runners.workers import EnvWorkers
from tests.runners import fakes
env_args = [{"map_name": sys.argv[2], "seed": k} for k in range(2)]
pool = EnvWorkers(getattr(fakes, sys.argv[1]), env_args, 60)
pool.send(0, "reset", 0)
list(pool.answers([0]))
if sys.argv[1] == "Hanging":
    pool.send(0, "step", np.zeros(2, int))
print(*(worker.process.pid for worker in pool.workers), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize(("name", "seconds"), [("Closing", 8), ("Hanging", 25)])
def test_workers_end_when_the_parent_is_killed(tmp_path, name, seconds):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, name, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path])},
    )
    with parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(alive(pid) for pid in pids)
        parent.kill()
    children = [int(path.read_text()) for path in tmp_path.glob("child-*")]
    assert gone([*pids, *children], seconds)
    if name == "Closing":
        # they had the time to close their environments
        assert len(list(tmp_path.glob("closed-*"))) == 2


def test_workers_import_no_torch():
    code = "import pymarl.envs.worker, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_answers_come_as_they_are_ready_and_steps_are_the_environments(tmp_path):
    pool, _ = start(fakes.Fake)
    try:
        ((obs, state, avail, units), reward, ended, info, actions) = step_second(pool)[1]
        game = MatrixGame()
        game.reset(0)
        assert (reward, ended, info) == game.step(ACTIONS)
        assert np.array_equal(obs, game.obs_array())
        assert np.array_equal(state, game.get_state())
        assert np.array_equal(avail, game.avail_array())
        assert np.array_equal(actions, ACTIONS)
        assert units is None
    finally:
        pool.close()
