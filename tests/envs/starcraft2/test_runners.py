"""Episodes that are lost in the middle: played again with other seeds, and nothing of them kept."""

import os
import signal

import psutil
import pytest
import torch as th

from pymarl.components import seeding
from pymarl.errors import EnvError
from pymarl.runners import base, episode_runner, parallel_runner
from tests.envs.starcraft2.shaky import Hopeless, Shaky
from tests.runners.playing import assert_equal, episodes, make_runner


def survivors(run_seed, count):
    """Return the seeds that the episodes end up with, and how often one was lost."""
    seeds, lost = [], 0
    for k in range(count):
        seed = seeding.episode_seed(run_seed, seeding.ENV_TRAIN, k)
        again = 0
        while seed % 2 == 0:
            again += 1
            lost += 1
            seed = seeding.episode_seed(seed, seeding.ENV_RETRY, again)
        seeds.append(seed)
    return seeds, lost


@pytest.mark.parametrize(("kind", "B"), [("episode", 1), ("parallel", 3), ("vector", 3)])
@pytest.mark.parametrize("fast", ["true", "false"])
def test_lost_episodes_are_played_again_and_leave_no_trace(kind, B, fast, monkeypatch):
    overrides = ["env_args.map_name=3m", "seed=4", f"fast={fast}"]
    module = episode_runner if kind == "episode" else parallel_runner
    seeds, lost = survivors(4, 6)
    assert lost >= 2, "the test needs a seed of which episodes are lost"

    with monkeypatch.context() as patch:
        patch.setitem(module.env_REGISTRY, "sim", Shaky)
        shaky = make_runner(kind, B, *overrides)
    try:
        played = episodes(shaky, 6)
        assert shaky.lost_episodes == lost
        assert shaky.train_episodes == 6
        assert shaky.t_env == sum(int(row["filled"].sum()) - 1 for row in played)
    finally:
        shaky.close_env()

    # The same episodes, their seeds given, in an environment that loses nothing.
    calm = make_runner(kind, B, *overrides)
    numbers = {seeding.episode_seed(4, seeding.ENV_TRAIN, k): seeds[k] for k in range(6)}
    whole = calm._reset
    calm._reset = lambda given, rows: whole([numbers[seed] for seed in given], rows)
    try:
        assert_equal(played, episodes(calm, 6))
    finally:
        calm.close_env()


def test_an_episode_that_is_always_lost_ends_the_run(monkeypatch):
    monkeypatch.setitem(episode_runner.env_REGISTRY, "sim", Hopeless)
    monkeypatch.setattr(base, "MAX_EPISODE_RETRIES", 3)
    runner = make_runner("episode", 1, "env_args.map_name=3m")
    try:
        with pytest.raises(
            EnvError, match="lost 4 times in a row; the last time: the game is gone"
        ):
            runner.run()
    finally:
        runner.close_env()


def test_test_episodes_record_the_seed_that_was_played(monkeypatch):
    monkeypatch.setitem(episode_runner.env_REGISTRY, "sim", Shaky)
    runner = make_runner("episode", 1, "env_args.map_name=3m", "seed=4")
    rows = []
    runner.logger.log_test_episode = rows.append
    try:
        for _ in range(6):
            runner.run(test_mode=True)
    finally:
        runner.close_env()
    first = [seeding.episode_seed(4, seeding.ENV_TEST, k) for k in range(6)]
    assert any(seed % 2 == 0 for seed in first)
    assert all(row["env_seed"] % 2 for row in rows)
    assert [row["env_seed"] for row, seed in zip(rows, first, strict=True) if seed % 2] == [
        seed for seed in first if seed % 2
    ]


def test_a_game_killed_under_a_parallel_runner(sc2path):
    # The lost episode's length decides t_env, and that a falling epsilon, of those after it.
    overrides = ["env_args.map_name=3m", "seed=1", "epsilon_finish=1.0"]
    backoff = "env_args.restart_backoff_s=0.01"
    runner = make_runner("parallel", 2, *overrides, backoff, env="sc2")
    try:
        step = runner._step

        def deadly(t):
            if t == 4 and not runner.lost_episodes:
                worker = psutil.Process(runner.workers.workers[1].process.pid)
                os.kill(worker.children(recursive=True)[0].pid, signal.SIGKILL)
            step(t)

        runner._step = deadly
        played = episodes(runner, 4)
        assert runner.lost_episodes == 1
        stats = runner.get_stats()
        assert stats["restarts"] == 1
        assert stats["battles_game"] == 4
        assert runner.provenance()["backend"] == "standin"
    finally:
        runner.close_env()
    calm = make_runner("parallel", 2, *overrides, "compact_replay=false")
    try:
        same = episodes(calm, 4)
    finally:
        calm.close_env()
    # All but the lost episode are those of the simulator, bit for bit.
    for k in (0, 2, 3):
        assert_equal([played[k]], [same[k]])
    assert not th.equal(played[1]["obs"], same[1]["obs"])
