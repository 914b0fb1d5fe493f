"""The benchmark's own arithmetic, and that it trains what it says."""

import json

import pytest

from pymarl.bench import endtoend
from pymarl.bench.__main__ import main
from pymarl.bench.endtoend import Job, Meter
from pymarl.bench.worlds import WORLDS
from pymarl.errors import ConfigError


def test_a_rate_is_steps_over_time_between_two_passes():
    ticks = iter([10.0, 11.0, 15.0])
    meter = Meter(lambda: next(ticks))
    for t_env in (100, 300, 1100):
        meter.update(t_env, None)
    assert meter.rate_from(0) == 1000 / 5
    assert meter.rate_from(1) == 800 / 4
    with pytest.raises(ConfigError, match="ended after 3 rollouts"):
        meter.rate_from(2)


@pytest.mark.parametrize("name", WORLDS)
def test_a_batch_has_the_longest_episode_of_its_phase(name):
    world = WORLDS[name]
    lengths = world.lengths(32, seed=0)
    assert max(lengths) == world.longest <= world.limit
    assert sum(lengths) / 32 == pytest.approx(world.mean, rel=0.15)


@pytest.mark.parametrize("fast", [True, False])
def test_a_job_trains_in_the_form_it_names(fast, monkeypatch):
    forms = []
    train = endtoend.run_sequential

    def watched(args, *rest):
        forms.append((args.fast, args.batch_size_run, args.runner))
        return train(args, *rest)

    monkeypatch.setattr(endtoend, "run_sequential", watched)
    count = iter(range(10**6))
    # The clock counts its readings: one a pass of the loop, each of 8 episodes of 3m.
    rate = Job("3m", 8, 3000, fast=fast).rate(lambda: float(next(count)))
    assert forms == [(fast, 8, "vector")]
    assert 8 * 10 < rate < 8 * 60


def test_a_comparison_is_one_json_line(monkeypatch, capsys):
    monkeypatch.setattr(endtoend, "compare_forms", lambda *_: (100.0, 450.0))
    assert main(["--only", "training", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["ratio"] for row in rows] == [4.5] * 3
