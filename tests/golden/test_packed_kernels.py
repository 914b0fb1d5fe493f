"""The compiled forms against torch's own layers: the GRU cell, the mixing network, the maxima."""

import numpy as np
import pytest
import torch as th

from pymarl.backends.packed.gru_gates import Gates, advance_gru
from pymarl.backends.packed.linear_kernels import CHUNK
from pymarl.backends.packed_backend import PackedBackend
from pymarl.backends.reference_backend import ReferenceBackend, best_action_values
from pymarl.bench.workloads import WORKLOADS, Workload, make_learner, random_batch
from pymarl.envs.env_info import EnvInfo
from pymarl.utils.seeding import seeded_torch

SIZES = EnvInfo(n_agents=3, n_actions=5, state_shape=11, obs_shape=7, episode_limit=20)
SMALL = Workload(SIZES, 9, 4, 15)
WIDE = Workload(SIZES._replace(n_agents=60), 9, 4, 15)  # more rows in a step than one chunk holds


def normal(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def test_one_step_of_the_gates_is_torchs_gru_cell():
    rng, rows, H = np.random.default_rng(0), 37, 24
    with seeded_torch(1):
        cell = th.nn.GRUCell(H, H)
    x, before = normal(rng, rows, H), normal(rng, rows, H)
    w_ih, w_hh, b_ih, b_hh = (
        p.detach().numpy() for p in (cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)
    )
    outs = [np.empty((rows, H), np.float32) for _ in range(5)]
    advance_gru(x @ w_ih.T, before @ w_hh.T, b_ih, b_hh, before, Gates(*outs[:4]), outs[4])
    expected = cell(th.from_numpy(x), th.from_numpy(before)).detach().numpy()
    assert np.abs(outs[-1] - expected).max() < 5e-7
    assert np.abs(outs[0] - outs[1]).max() > 0.1  # the gates differ: none stands for the other


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_a_diverged_hidden_state_stays_visible(value):
    H = 8
    zeros = np.zeros((1, 3 * H), np.float32)
    before = np.full((1, H), value, np.float32)
    gi = np.full((1, 3 * H), np.nan if np.isnan(value) else 0.0, np.float32)
    outs = [np.empty((1, H), np.float32) for _ in range(5)]
    advance_gru(gi, zeros, zeros[0], zeros[0], before, Gates(*outs[:4]), outs[4])
    after = outs[-1]
    assert np.isnan(after).all() if np.isnan(value) else (after >= np.float32(value) / 2).all()


@pytest.mark.parametrize("rows", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_the_compiled_mixing_network_is_the_module(rows):
    mixer = make_learner(SMALL, "qmix", fast=True).mixer
    rng = np.random.default_rng(rows)
    states, weight = (th.from_numpy(normal(rng, rows, k)) for k in (SIZES.state_shape, 1))
    found = []
    for backend in (PackedBackend(), ReferenceBackend()):
        mixer.zero_grad()
        qs = th.from_numpy(normal(np.random.default_rng(1), rows, SIZES.n_agents)).requires_grad_()
        q_tot = backend.mix(mixer, qs, states)
        ((q_tot * weight).sum() / rows).backward()
        found.append([q_tot.detach(), qs.grad, *(p.grad.clone() for p in mixer.parameters())])
    for compiled, plain in zip(*found, strict=True):
        scale = max(1.0, float(plain.abs().max()))
        th.testing.assert_close(compiled, plain, rtol=0, atol=1e-6 * scale)
        assert plain.abs().max() > 0


@pytest.mark.parametrize("workload", [SMALL, WIDE], ids=["small steps", "steps over chunks"])
@pytest.mark.parametrize("n_episodes", [1, 9])
def test_an_update_over_chunks_has_the_gradients_of_the_unrolled_cell(workload, n_episodes):
    batch = random_batch(workload, n_episodes, seed=3)
    gradients = []
    for fast in (True, False):
        learner = make_learner(workload, "qmix", fast=fast)
        learner.loss(batch)[0].backward()
        gradients.append([p.grad for p in learner.params])
    for packed, padded in zip(*gradients, strict=True):
        scale = max(1.0, float(padded.abs().max()))
        th.testing.assert_close(packed, padded, rtol=0, atol=1e-6 * scale)
        assert padded.abs().max() > 0


@pytest.mark.parametrize("last_action", [True, False])
@pytest.mark.parametrize("agent_id", [True, False])
def test_packed_inputs_are_those_of_every_step(last_action, agent_id):
    learner = make_learner(SMALL, "qmix", fast=True)
    batch = random_batch(SMALL, 4, seed=0)
    mac = learner.mac
    mac.args = mac.args.model_copy(
        update={"obs_last_action": last_action, "obs_agent_id": agent_id}
    )
    mac.input_shape = SIZES.obs_shape + SIZES.n_actions * last_action + SIZES.n_agents * agent_id
    transitions = mac.transitions(batch)
    rows = transitions.layout.rows
    packed = transitions.inputs.view(len(rows), SIZES.n_agents, -1)
    steps = [mac.build_inputs(batch, t) for t in range(batch.max_seq_length)]
    padded = th.stack([step.view(4, SIZES.n_agents, -1) for step in steps], 1).flatten(0, 1)
    assert th.equal(packed, padded[rows])
    assert packed.shape[-1] == mac.input_shape


@pytest.mark.parametrize("double_q", [True, False])
def test_best_values_are_the_masked_maxima(double_q):
    workload = WORKLOADS["3m"]
    rng = np.random.default_rng(0)
    shape = (50, workload.sizes.n_agents, workload.sizes.n_actions)
    # Few distinct values, so that there are equal ones to choose between.
    target, online = (
        th.from_numpy(rng.integers(-3, 3, shape).astype(np.float32)) for _ in range(2)
    )
    avail = th.from_numpy((rng.random(shape) < 0.4).astype(np.uint8))
    avail[..., 1] = 1
    chooser = online if double_q else None
    found = PackedBackend().best_action_values(target, chooser, avail)
    assert th.equal(found, best_action_values(target, chooser, avail))
    assert not th.equal(found, target.max(-1).values)
