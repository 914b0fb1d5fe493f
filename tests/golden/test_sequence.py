"""The whole-sequence form of the GPU against the cell unrolled step by step, here on the CPU."""

import pytest
import torch as th

from pymarl.backends.cudnn_backend import CudnnBackend, sequence_inputs
from pymarl.backends.reference_backend import ReferenceBackend
from tests.reference.batches import Sizes, random_batch
from tests.reference.learners import make_learner

SIZES = Sizes(n_agents=4, obs=11, state=6, n_actions=5)
LENGTHS = [9, 2, 6, 6, 1]


def result(learner, batch, backend):
    """Return loss, statistics and gradients as one of the two padded backends has them."""
    learner.mac.backend = learner.target_mac.backend = backend
    loss, stats = learner.loss(batch)
    learner.optimiser.zero_grad()
    loss.backward()
    return loss.detach(), stats, [parameter.grad.clone() for parameter in learner.params]


@pytest.mark.parametrize(
    ("alg", "overrides"),
    [
        ("iql", ()),
        ("vdn", ("td_lambda=0.6",)),
        ("qmix", ()),
        ("qmix", ("obs_last_action=false",)),
        ("qmix", ("obs_agent_id=false", "double_q=false")),
        ("qtran", ()),
    ],
)
def test_loss_and_gradients_are_those_of_the_unrolled_cell(alg, overrides):
    learner = make_learner(alg, SIZES, "rnn_hidden_dim=16", *overrides)
    batch = random_batch(LENGTHS, SIZES, seed=4)
    step_by_step = result(learner, batch, ReferenceBackend())
    whole = result(learner, batch, CudnnBackend())
    th.testing.assert_close(whole[0], step_by_step[0], rtol=0, atol=1e-6)
    for key, value in step_by_step[1].items():
        th.testing.assert_close(whole[1][key], value, rtol=0, atol=1e-5)
    for one, other in zip(whole[2], step_by_step[2], strict=True):
        th.testing.assert_close(one, other, rtol=0, atol=1e-6)
    assert any(gradient.any() for gradient in whole[2])


def test_inputs_of_all_steps_are_the_controllers():
    learner = make_learner("qmix", SIZES)
    batch = random_batch(LENGTHS, SIZES, seed=1)
    inputs = sequence_inputs(learner.mac, batch)
    for t in range(batch.max_seq_length):
        assert th.equal(inputs[:, t].flatten(0, 1), learner.mac.build_inputs(batch, t))


def test_a_wrong_gate_order_would_be_noticed():
    """Planted defect: input and hidden biases exchanged."""
    learner = make_learner("vdn", SIZES, "rnn_hidden_dim=16")
    batch = random_batch(LENGTHS, SIZES, seed=4)
    step_by_step = result(learner, batch, ReferenceBackend())
    cell = learner.mac.agent.rnn
    with th.no_grad():
        swapped = cell.bias_ih.clone()
        cell.bias_ih.copy_(cell.bias_hh)
        cell.bias_hh.copy_(swapped)
    whole = result(learner, batch, CudnnBackend())
    assert not th.allclose(whole[0], step_by_step[0], rtol=0, atol=1e-6)
