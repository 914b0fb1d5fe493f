"""Qatten against loops over every axis, and what its attention and its heads are."""

import pytest
import torch as th

from pymarl.components.seeding import seeded_torch
from pymarl.config.build import resolve
from pymarl.errors import ConfigError
from pymarl.modules.mixers.qatten import QattenMixer, attention_weights
from tests.reference import factored_values as slow
from tests.reference.batches import Sizes, env_info, random_batch
from tests.reference.learners import make_args, make_learner

LENGTHS = [4, 1, 7, 5]
SIZES = Sizes(n_agents=3, obs=7, state=8, n_actions=4)
ROWS = Sizes(n_agents=3, obs=7, state=8, n_actions=4, unit_dim=2)


@pytest.mark.parametrize("fast", ["true", "false"])
@pytest.mark.parametrize("sizes", [SIZES, ROWS], ids=["agents' numbers", "agents' rows"])
@pytest.mark.parametrize("overrides", [(), ("type=unweighted",), ("double_q=false",)])
def test_the_loss_equals_the_loops(overrides, sizes, fast):
    learner = make_learner("qatten", sizes, f"fast={fast}", *overrides)
    batch = random_batch(LENGTHS, sizes, seed=1, truncated=(2,))
    expected = slow.qatten_loss(learner, batch, LENGTHS)
    assert float(learner.loss(batch)[0].detach()) == pytest.approx(expected, rel=1e-5)


def test_the_comparison_notices_rows_of_another_width():
    """Planted defect: PyMARL2's flag that nobody replaced would cut rows of one number."""
    learner = make_learner("qatten", ROWS)
    batch = random_batch(LENGTHS, ROWS, seed=1)
    expected = slow.qatten_loss(learner, batch, LENGTHS)
    for mixer in (learner.mixer, learner.target_mixer):
        for layer in mixer.key_embedding_layers:
            layer.weight = th.nn.Parameter(layer.weight[:, :1].detach().clone())
        mixer.unit_dim = 1
    assert float(learner.loss(batch)[0].detach()) != pytest.approx(expected, rel=1e-3)


def random_mixer(sizes=ROWS, *overrides):
    with seeded_torch(2):
        mixer = QattenMixer(make_args("qatten", sizes, *overrides))
        for parameter in mixer.parameters():
            parameter.data.normal_(0, 1.0)
        return mixer, th.randn(5, sizes.state), th.randn(5, sizes.n_agents)


def test_attention_sums_to_one_over_agents_and_heads_differ():
    mixer, states, _ = random_mixer()
    weights = mixer.attention(states)
    assert weights.shape == (4, 5, 3)
    th.testing.assert_close(weights.sum(-1), th.ones(4, 5))
    assert (weights.std(0) > 0).all()


def test_attention_by_hand():
    queries = th.tensor([[[2.0, 0.0, 0.0, 0.0]]])
    keys = th.tensor([[[[0.0, 5.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]]]])
    expected = th.tensor([0.0, 2.0 / 2.0]).softmax(-1)  # the root of 4 numbers is 2
    th.testing.assert_close(attention_weights(queries, keys), expected.view(1, 1, 2))


def test_permuted_agents_have_permuted_attention():
    """With the query held fixed: what the heads see of an agent is its own row."""
    mixer, states, qs = random_mixer()
    order = [2, 0, 1]
    rows = states[:, :6].view(5, 3, 2)
    queries = th.randn(4, 5, 32, generator=th.Generator().manual_seed(0))

    def heads(units, values):
        keys = th.stack([layer(units) for layer in mixer.key_embedding_layers])
        return (attention_weights(queries, keys) * values).sum(-1)

    th.testing.assert_close(heads(rows, qs), heads(rows[:, order], qs[:, order]))


def test_q_tot_never_falls_when_an_agents_value_rises():
    mixer, states, qs = random_mixer()
    qs.requires_grad_()
    mixer(qs, states).sum().backward()
    assert (qs.grad >= 0).all()
    assert qs.grad.max() > 0


def test_packed_and_padded_losses_have_the_same_gradients():
    gradients = []
    for fast in ("true", "false"):
        learner = make_learner("qatten_ft", ROWS, f"fast={fast}")
        learner.loss(random_batch(LENGTHS, ROWS, seed=4))[0].backward()
        gradients.append([parameter.grad for parameter in learner.params])
    for packed, padded in zip(*gradients, strict=True):
        if padded is not None:  # the weights of heads, which are not used when unweighted
            th.testing.assert_close(packed, padded, rtol=0, atol=1e-6)


def test_rows_come_from_the_environment():
    assert env_info(ROWS).unit_dim == 2
    mixer, _, _ = random_mixer()
    assert mixer.key_embedding_layers[0].in_features == 2
    assert random_mixer(SIZES)[0].key_embedding_layers[0].in_features == SIZES.n_agents


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("n_key_embedding_layer1=16", "n_query_embedding_layer2=32 and n_key_embedding_layer1=16"),
        ("n_attention_head=3", "n_head_embedding_layer2=4 and n_attention_head=3"),
        ("n_constrant_value=null", "n_constrant_value: missing, and mixer=qatten needs it"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(override, message):
    with pytest.raises(ConfigError, match=message):
        resolve("qatten", "sim", [override])
