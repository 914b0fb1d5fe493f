"""The benchmark's own arithmetic, and that it trains what it says."""

import json

import pytest
import torch as th

from pymarl.bench import training_speed
from pymarl.bench.__main__ import main
from pymarl.bench.pymarl_loop import PyMARLLoop, choose
from pymarl.bench.training_speed import RateMeter, TrainingJob
from pymarl.bench.workloads import WORKLOADS
from pymarl.errors import ConfigError
from pymarl.utils.logging import Logger
from pymarl.utils.seeding import seeded_torch


def test_a_rate_is_steps_over_time_between_two_passes():
    ticks = iter([10.0, 11.0, 15.0])
    meter = RateMeter(lambda: next(ticks))
    for t_env in (100, 300, 1100):
        meter.update(t_env, None)
    assert meter.rate_from(0) == 1000 / 5
    assert meter.rate_from(1) == 800 / 4
    with pytest.raises(ConfigError, match="ended after 3 rollouts"):
        meter.rate_from(2)


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_batch_has_the_longest_episode_of_its_phase(name):
    workload = WORKLOADS[name]
    lengths = workload.lengths(32, seed=0)
    assert max(lengths) == workload.longest <= workload.sizes.episode_limit
    assert sum(lengths) / 32 == pytest.approx(workload.mean, rel=0.15)


@pytest.mark.parametrize("fast", [True, False])
def test_a_job_trains_in_the_form_it_names(fast, monkeypatch):
    forms = []
    train = training_speed.run_sequential

    def watched(args, *rest):
        forms.append((args.fast, args.batch_size_run, args.runner))
        return train(args, *rest)

    monkeypatch.setattr(training_speed, "run_sequential", watched)
    count = iter(range(10**6))
    # The clock counts its readings: one a pass of the loop, each of 8 episodes of 3m.
    rate = TrainingJob("3m", 8, 3000, fast=fast).rate(lambda: float(next(count)))
    assert forms == [(fast, 8, "vector")]
    assert 8 * 10 < rate < 8 * 60


@pytest.mark.filterwarnings("ignore:Creating a tensor from a list")
def test_pymarls_loop_plays_the_episodes_of_the_runner(monkeypatch):
    """Greedy test episodes of untrained networks: torch cells against the fast form."""
    loop = PyMARLLoop("8m")
    for _ in range(8):
        loop.play(test_mode=True)
    returns = []
    monkeypatch.setattr(Logger, "log_test_episode", lambda _, row: returns.append(row["return"]))
    TrainingJob("8m", 1, 2000).rate()
    assert loop.test_returns == pytest.approx(returns[:8], abs=1e-5)
    assert len(set(loop.test_returns)) > 1


def test_pymarls_loop_updates_after_every_episode_and_tests_every_interval():
    loop = PyMARLLoop("3m", "test_interval=500", "test_nepisode=3", "batch_size=4")
    ticks = iter(range(10**6))
    rate = loop.rate(1100, lambda: float(next(ticks)))
    assert loop.t_env > 1100
    assert loop.updates == loop.episodes - 3
    assert loop.tests == 3 * 3  # at the start, and after 500 and 1,000 steps
    assert rate > 900  # two readings of a clock that advances by 1


def test_torch_chooses_epsilon_greedily():
    q = th.tensor([[[0.0, 2.0, 1.0], [5.0, 3.0, 4.0]]]).repeat(4000, 1, 1)
    available = th.tensor([[[1, 0, 1], [0, 1, 1]]]).repeat(4000, 1, 1)
    with seeded_torch(1):
        assert choose(q, available, 0.0).unique(dim=0).tolist() == [[2, 2]]
        explored = choose(q, available, 0.5)
    assert (explored[:, 0] != 1).all()
    assert (explored[:, 1] != 0).all()
    assert (explored == 2).float().mean(0).tolist() == pytest.approx([0.75, 0.75], abs=0.03)


def test_a_comparison_is_one_json_line(monkeypatch, capsys):
    monkeypatch.setattr(training_speed, "compare_forms", lambda *_: (100.0, 450.0))
    assert main(["--only", "training", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["ratio"] for row in rows] == [4.5] * 3
