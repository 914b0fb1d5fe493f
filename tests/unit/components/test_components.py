"""Schedules, selectors, clocks, transforms, batches."""

import pytest
import torch as th

from pymarl.components.action_selectors import EpsilonGreedyActionSelector
from pymarl.components.clocks import EveryT, NominalClock
from pymarl.components.epsilon_schedules import DecayThenFlatSchedule
from pymarl.components.transforms import OneHot
from tests.reference.batches import Sizes, random_batch
from tests.reference.learners import make_args

SIZES = Sizes()


@pytest.mark.parametrize(
    ("t", "epsilon"), [(0, 1.0), (25_000, 0.525), (50_000, 0.05), (2_000_000, 0.05)]
)
def test_the_linear_schedule_is_pymarls(t, epsilon):
    assert DecayThenFlatSchedule(1.0, 0.05, 50_000).eval(t) == pytest.approx(epsilon)


def test_the_exponential_schedule_ends_at_finish():
    schedule = DecayThenFlatSchedule(1.0, 0.05, 1000, decay="exp")
    assert schedule.eval(0) == 1.0
    assert schedule.eval(500) == pytest.approx(0.05**0.5)
    assert schedule.eval(5000) == 0.05


def select(outputs, avail, noise, t_env=0, test_mode=False, **overrides):
    selector = EpsilonGreedyActionSelector(
        make_args("qmix", SIZES, *(f"{key}={value}" for key, value in overrides.items()))
    )
    return selector.select_action(outputs, avail, noise, t_env, test_mode)


def test_greedy_takes_the_best_available_action():
    outputs = th.tensor([[[9.0, 1.0, 2.0], [0.0, -5.0, -6.0]]])
    avail = th.tensor([[[0, 1, 1], [0, 1, 1]]])
    actions = select(outputs, avail, th.zeros(1, 2, 2), test_mode=True)
    assert actions.tolist() == [[2, 1]]


def test_exploration_is_uniform_over_available_actions():
    avail = th.tensor([[0, 1, 0, 1, 1]]).expand(9000, 1, 5)
    noise = th.from_numpy(__import__("numpy").random.default_rng(0).random((9000, 2, 1)))
    actions = select(th.zeros(9000, 1, 5), avail, noise)
    counts = th.bincount(actions.flatten(), minlength=5).tolist()
    assert counts[0] == counts[2] == 0
    assert all(abs(counts[a] - 3000) < 200 for a in (1, 3, 4))


def test_epsilon_is_the_share_of_explored_actions():
    outputs = th.tensor([[[1.0, 0.0]]]).expand(20_000, 1, 2)
    noise = th.from_numpy(__import__("numpy").random.default_rng(1).random((20_000, 2, 1)))
    avail = th.ones(20_000, 1, 2)
    actions = select(outputs, avail, noise, t_env=25_000)
    # explored with 0.525, half of those pick the other action
    assert actions.float().mean().item() == pytest.approx(0.525 / 2, abs=0.01)


@pytest.mark.parametrize("edge", [0.0, 1.0 - 2**-53])
def test_the_ends_of_the_noise_interval_are_available_actions(edge):
    avail = th.tensor([[[0, 1, 0, 1, 0]]])
    actions = select(th.zeros(1, 1, 5), avail, th.tensor([[[0.0], [edge]]], dtype=th.float64))
    assert actions.item() == (1 if edge == 0.0 else 3)


def test_every_t_is_due_at_once_and_then_at_least_interval_later():
    clock = EveryT(100)
    assert [t for t in (0, 50, 99, 100, 130, 229, 231, 300) if clock.is_due(t)] == [0, 100, 229]


def test_the_nominal_clock_does_not_drift():
    clock = NominalClock(100)
    due = [(t, clock.nominal) for t in (7, 60, 104, 190, 207, 450, 499, 500) if clock.is_due(t)]
    assert due == [(7, 0), (104, 100), (207, 200), (450, 400), (500, 500)]


def test_one_hot():
    onehot = OneHot(3).transform(th.tensor([[0], [2]]))
    assert onehot.tolist() == [[1, 0, 0], [0, 0, 1]]
    with pytest.raises(RuntimeError):
        OneHot(3).transform(th.tensor([[3]]))


def test_batches_derive_slice_and_measure():
    batch = random_batch([2, 4], SIZES, seed=0)
    assert batch.max_t_filled() == 5
    assert batch["filled"].sum(1).flatten().tolist() == [3, 5]
    taken = batch["actions"][1, 2, :, 0]
    assert batch["actions_onehot"][1, 2].argmax(1).tolist() == taken.tolist()
    part = batch[1:, :3]
    assert (part.batch_size, part.max_seq_length) == (1, 3)
    assert th.equal(part["obs"], batch["obs"][1:, :3])
    with pytest.raises(KeyError, match="'speed' is not in the scheme"):
        batch.update({"speed": 1}, ts=0)
