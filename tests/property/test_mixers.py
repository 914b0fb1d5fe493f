"""QMIX is monotone in every agent's value, whatever its parameters and the state."""

import torch as th
from hypothesis import given, settings
from hypothesis import strategies as st

from pymarl.modules.mixers import REGISTRY
from tests.reference.batches import Sizes
from tests.reference.learners import make_args

SIZES = Sizes()


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    agent=st.integers(0, SIZES.n_agents - 1),
    step=st.floats(0.0, 10.0),
    layers=st.sampled_from([1, 2]),
)
def test_qmix_never_falls_when_an_agents_value_rises(seed, agent, step, layers):
    args = make_args("qmix", SIZES, f"hypernet_layers={layers}")
    with th.random.fork_rng():
        th.manual_seed(seed)
        mixer = REGISTRY["qmix"](args)
        for parameter in mixer.parameters():
            parameter.data.normal_(0, 1.0)
        qs, state = 3 * th.randn(1, SIZES.n_agents), th.randn(1, SIZES.state)
    raised = qs.clone()
    raised[0, agent] += step
    before, after = mixer(qs, state).item(), mixer(raised, state).item()
    assert after >= before - 1e-4 * max(1.0, abs(before))


def test_vdn_is_the_sum():
    mixer = REGISTRY["vdn"](make_args("vdn", SIZES))
    qs = th.tensor([[[1.0, 2.0, -4.0]]])
    assert mixer(qs, th.zeros(1, 1, SIZES.state)).tolist() == [[[-1.0]]]
