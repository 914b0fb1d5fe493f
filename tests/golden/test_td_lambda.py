"""TD(lambda) targets against the sum over all n-step returns, padded and as packed rows."""

import numpy as np
import pytest
import torch as th

from pymarl.backends.packed_backend import PackedTransitions
from pymarl.backends.transitions import padded_transitions, transition_mask
from pymarl.learners.td_targets import one_step_targets, td_lambda_targets, td_targets
from tests.reference.batches import Sizes, random_batch
from tests.reference.learners import make_learner
from tests.reference.returns import lambda_return

LENGTHS = [4, 1, 7, 5, 7]
CUT = (0, 4)  # these end without a terminal flag, one of them before the longest
SIZES = Sizes()


def episodes(values_per_step=2):
    batch = random_batch(LENGTHS, SIZES, seed=1, truncated=CUT)
    rng = np.random.default_rng(2)
    T = batch.max_seq_length - 1
    values = th.from_numpy(rng.normal(size=(len(LENGTHS), T, values_per_step)).astype(np.float32))
    return batch, values


def fast(batch, values, gamma, td_lambda):
    mask = transition_mask(batch["filled"])
    rewards, terminated = batch["reward"][:, :-1], batch["terminated"][:, :-1]
    return td_lambda_targets(rewards, terminated, mask, values, gamma, td_lambda)


def slow(batch, values, gamma, td_lambda):
    expected = {}
    for b, length in enumerate(LENGTHS):
        rewards = batch["reward"][b, :length, 0].double().tolist()
        for k in range(values.shape[2]):
            after = values[b, :length, k].double().tolist()
            for t in range(length):
                expected[b, t, k] = lambda_return(
                    rewards, after, t, gamma, td_lambda, ended=b not in CUT
                )
    return expected


@pytest.mark.parametrize("td_lambda", [0.0, 0.4, 0.8, 1.0])
@pytest.mark.parametrize("gamma", [0.99, 0.5])
def test_targets_are_the_weighted_n_step_returns(td_lambda, gamma):
    batch, values = episodes()
    targets = fast(batch, values, gamma, td_lambda)
    for (b, t, k), expected in slow(batch, values, gamma, td_lambda).items():
        assert float(targets[b, t, k]) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_lambda_zero_is_the_one_step_target():
    batch, values = episodes()
    one_step = one_step_targets(batch["reward"][:, :-1], batch["terminated"][:, :-1], values, 0.9)
    mask = transition_mask(batch["filled"]).bool().expand_as(values)
    assert th.equal(fast(batch, values, 0.9, 0.0)[mask], one_step[mask])


def test_lambda_one_of_a_finished_episode_is_its_return():
    batch, values = episodes()
    rewards = batch["reward"][2, :7, 0].tolist()
    expected = sum(0.9**k * reward for k, reward in enumerate(rewards))
    assert float(fast(batch, values, 0.9, 1.0)[2, 0, 0]) == pytest.approx(expected, rel=1e-5)


def test_what_lies_behind_an_episode_has_no_influence():
    batch, values = episodes()
    before = fast(batch, values, 0.99, 0.7)
    for b, length in enumerate(LENGTHS):
        values[b, length:] = 1e6
        batch["reward"][b, length:] = 1e6
    after = fast(batch, values, 0.99, 0.7)
    for b, length in enumerate(LENGTHS):
        assert th.equal(before[b, :length], after[b, :length])


def test_packed_rows_have_the_same_targets():
    batch, values = episodes()
    packed = make_learner("qmix", SIZES).mac.transitions(batch)
    assert isinstance(packed, PackedTransitions)
    rows = td_targets(packed, packed.gather(values), 0.95, 0.6)
    padded = td_targets(padded_transitions(batch), values, 0.95, 0.6)
    assert th.equal(padded, fast(batch, values, 0.95, 0.6))
    assert th.equal(rows, packed.gather(padded))
    assert len(rows) == sum(LENGTHS)


def test_the_comparison_notices_a_leaking_episode_end():
    """Planted defect: running on into padding, as if every step counted."""
    batch, values = episodes()
    everything = th.ones_like(transition_mask(batch["filled"]))
    targets = td_lambda_targets(
        batch["reward"][:, :-1], batch["terminated"][:, :-1], everything, values, 0.99, 0.8
    )
    wrong = [
        (b, t)
        for (b, t, k), expected in slow(batch, values, 0.99, 0.8).items()
        if float(targets[b, t, k]) != pytest.approx(expected, rel=1e-4)
    ]
    assert {b for b, _ in wrong} == {0}
