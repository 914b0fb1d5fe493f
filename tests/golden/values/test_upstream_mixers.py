"""The mixers give, for the same weights and inputs, what upstream's own modules gave."""

import json
from pathlib import Path

import pytest
import torch as th

from pymarl.modules.mixers.central import CENTRAL_MIXERS
from pymarl.modules.mixers.duplex import DuplexMixer
from pymarl.modules.mixers.qatten import QattenMixer
from tests.golden.values import upstream_numbers as upstream
from tests.reference.batches import Sizes
from tests.reference.learners import make_args

RECORDED = json.loads(Path(__file__).with_name("upstream_mixers.json").read_text())
SIZES = Sizes(
    n_agents=upstream.N_AGENTS,
    state=upstream.STATE,
    n_actions=upstream.N_ACTIONS,
    unit_dim=upstream.UNIT_DIM,
)
MIXERS = {
    "dmaq": ("qplex", ["hypernet_embed=6", "adv_hypernet_embed=5", "num_kernel=3"]),
    "qatten": (
        "qatten",
        [
            "n_query_embedding_layer1=6",
            "n_query_embedding_layer2=5",
            "n_key_embedding_layer1=5",
            "n_head_embedding_layer1=6",
            "n_constrant_value=3",
        ],
    ),
    "central": ("ow_qmix", ["hypernet_embed=6", "central_mixing_embed_dim=7"]),
}


def mixed(case):
    """Return (mixer, Q_tot, the agents' values) of one recorded case, in double precision."""
    name, *overrides = case.split()
    alg, sizes = MIXERS[name]
    args = make_args(alg, SIZES, *sizes, *overrides)
    x = upstream.inputs()
    qs = x["qs"].clone().requires_grad_()
    if name == "dmaq":
        mixer = DuplexMixer(args)
        upstream.fill(mixer)
        return mixer, mixer(qs, x["maxima"], x["states"], x["actions"]), qs
    mixer = QattenMixer(args) if name == "qatten" else CENTRAL_MIXERS[args.central_mixer](args)
    upstream.fill(mixer)
    return mixer, mixer(qs, x["states"]), qs


@pytest.mark.parametrize("case", RECORDED)
def test_values_and_gradients_are_upstreams(case):
    recorded = RECORDED[case]
    mixer, q_tot, qs = mixed(case)
    assert q_tot.flatten().tolist() == pytest.approx(recorded["q_tot"], rel=1e-9)
    (q_tot.flatten() * upstream.numbers("weight", upstream.ROWS)).sum().backward()
    th.testing.assert_close(qs.grad, th.tensor(recorded["dq"], dtype=qs.dtype), rtol=1e-9, atol=0)
    assert set(dict(mixer.named_parameters())) == set(recorded["gradients"])
    for name, parameter in mixer.named_parameters():
        gradient = recorded["gradients"][name]
        if gradient is None:
            assert parameter.grad is None
        else:
            found = float((parameter.grad * upstream.numbers(f"g{name}", *parameter.shape)).sum())
            assert found == pytest.approx(gradient, rel=1e-7, abs=1e-9), name
