"""CW-QMIX and OW-QMIX against loops over every axis; their weights by hand; what Q* may do."""

import pytest
import torch as th

from pymarl.backends.packed_backend import PackedBackend
from pymarl.components.seeding import seeded_torch
from pymarl.config.build import resolve
from pymarl.errors import ConfigError
from pymarl.learners.value_methods import max_q_learner
from pymarl.learners.value_methods.weighted_losses import (
    central_weights,
    optimistic_weights,
    weighted_squared_error,
)
from pymarl.modules.mixers.central import CENTRAL_MIXERS
from tests.reference import factored_values as slow
from tests.reference.batches import Sizes, random_batch
from tests.reference.learners import make_args, make_learner

LENGTHS = [4, 1, 7, 5]
SIZES = Sizes()
ALGS = ["cw_qmix", "ow_qmix"]


def parts(alg, *overrides):
    learner = make_learner(alg, SIZES, "central_mixing_embed_dim=16", *overrides)
    return learner, random_batch(LENGTHS, SIZES, seed=1, truncated=(2,))


@pytest.mark.parametrize("fast", ["true", "false"])
@pytest.mark.parametrize("alg", ALGS)
@pytest.mark.parametrize(
    "overrides",
    [
        (),
        ("w=0.75", "td_lambda=0.6"),
        ("central_mixer=atten", "gamma=0.5"),
        ("central_loss=0.5", "qmix_loss=2.0", "central_rnn_hidden_dim=5"),
    ],
)
def test_losses_equal_the_loops(alg, overrides, fast):
    learner, batch = parts(alg, f"fast={fast}", *overrides)
    loss, stats = learner.loss(batch)
    qmix, central, weight = slow.weighted_qmix_losses(learner, batch, LENGTHS)
    assert float(stats["qmix_loss"]) == pytest.approx(qmix, rel=1e-5)
    assert float(stats["central_loss"]) == pytest.approx(central, rel=1e-5)
    assert float(stats["w_to_use"]) == pytest.approx(weight, rel=1e-5)
    whole = learner.args.qmix_loss * qmix + learner.args.central_loss * central
    assert float(loss.detach()) == pytest.approx(whole, rel=1e-5)
    assert learner.args.w < weight < 1


@pytest.mark.parametrize("alg", ALGS)
def test_the_comparison_notices_weights_the_wrong_way_round(alg, monkeypatch):
    """Planted defect: what is overestimated counts in full."""
    monkeypatch.setattr(
        max_q_learner,
        "optimistic_weights",
        lambda q_tot, targets, alpha: optimistic_weights(-q_tot, -targets, alpha),
    )
    monkeypatch.setattr(
        max_q_learner,
        "central_weights",
        lambda greedy, values, targets, alpha: central_weights(greedy, -values, -targets, alpha),
    )
    learner, batch = parts(alg)
    _, stats = learner.loss(batch)
    expected, _, _ = slow.weighted_qmix_losses(learner, batch, LENGTHS)
    assert float(stats["qmix_loss"]) != pytest.approx(expected, rel=1e-3)


def test_central_weights_of_the_four_cases():
    """Greedy or not, and the target above or below the greedy joint action's value."""
    greedy = th.tensor([[True], [True], [False], [False]])
    values = th.full((4, 1), 2.0)
    targets = th.tensor([[3.0], [1.0], [3.0], [1.0]])
    weights = central_weights(greedy, values, targets, 0.25)
    assert weights.flatten().tolist() == [1.0, 1.0, 1.0, 0.25]
    assert (
        central_weights(greedy[2:], values[2:], values[2:], 0.25).flatten().tolist() == [0.25] * 2
    )


def test_optimistic_weights_are_one_for_underestimates():
    q_tot = th.tensor([[1.0], [2.0], [3.0]], requires_grad=True)
    weights = optimistic_weights(q_tot, th.full((3, 1), 2.0), 0.1)
    assert weights.flatten().tolist() == pytest.approx([1.0, 0.1, 0.1])
    assert not weights.requires_grad


def test_weights_scale_errors_and_not_the_count():
    error, mask = th.tensor([[2.0], [3.0], [5.0]]), th.tensor([[1.0], [1.0], [0.0]])
    weights = th.tensor([[1.0], [0.1], [1.0]])
    found = float(weighted_squared_error(error, weights, mask))
    assert found == pytest.approx((4.0 + 0.1 * 9.0) / 2)


def test_with_alpha_one_both_are_plain_qmix_towards_the_same_targets():
    gradients = []
    for alg in ALGS:
        learner, batch = parts(alg, "w=1.0")
        loss, stats = learner.loss(batch)
        loss.backward()
        gradients.append([loss.detach(), *(parameter.grad for parameter in learner.params)])
        assert float(stats["w_to_use"]) == 1.0
        plain = slow.weighted_qmix_losses(learner, batch, LENGTHS)[0]
        assert float(stats["qmix_loss"]) == pytest.approx(plain, rel=1e-5)
    assert all(th.equal(one, other) for one, other in zip(*gradients, strict=True))
    losses = [float(parts(alg, "w=0.5")[0].loss(batch)[1]["qmix_loss"]) for alg in ALGS]
    assert losses[0] != pytest.approx(losses[1], rel=1e-3)


def test_weights_touch_qmix_and_not_the_central_value():
    found = []
    for w in ("0.1", "1.0"):
        learner, batch = parts("ow_qmix", f"w={w}")
        learner.loss(batch)[0].backward()
        found.append(
            {name: [p.grad for p in n.parameters()] for name, n in learner.networks.items()}
        )
    for name in ("central_agent", "central_mixer"):
        assert all(map(th.equal, found[0][name], found[1][name])), name
    for name in ("agent", "mixer"):
        assert not any(map(th.equal, found[0][name], found[1][name])), name


def test_the_central_value_may_fall_when_a_utility_rises_and_qmix_may_not():
    args = make_args("ow_qmix", SIZES)
    with seeded_torch(1):
        for kind in CENTRAL_MIXERS.values():
            mixer = kind(args)
            qs = th.randn(64, SIZES.n_agents).requires_grad_()
            mixer(qs, th.randn(64, SIZES.state)).sum().backward()
            assert (qs.grad < 0).any()
            assert (qs.grad > 0).any()


@pytest.mark.parametrize("alg", [*ALGS, "ow_qmix_ft"])
def test_packed_and_padded_losses_have_the_same_gradients_and_statistics(alg):
    gradients, statistics = [], []
    for fast in ("true", "false"):
        learner, batch = parts(alg, f"fast={fast}")
        loss, stats = learner.loss(batch)
        loss.backward()
        gradients.append([parameter.grad for parameter in learner.params])
        statistics.append(stats)
    for packed, padded in zip(*gradients, strict=True):
        th.testing.assert_close(packed, padded, rtol=0, atol=1e-6)
    for key, value in statistics[0].items():
        assert float(value) == pytest.approx(float(statistics[1][key]), rel=1e-5)


@pytest.mark.parametrize("rows", [1, 511, 512, 513, 1300])
def test_the_central_mixer_in_chunks_is_the_module(rows):
    with seeded_torch(rows):
        mixer = CENTRAL_MIXERS["ff"](make_args("ow_qmix", SIZES))
        values, states = th.randn(rows, SIZES.n_agents), th.randn(rows, SIZES.state)
        weight, backend = th.randn(rows, 1), PackedBackend()
    found = []
    for mixed in (lambda *inputs: backend.mix(mixer, *inputs), mixer):
        mixer.zero_grad()
        qs = values.clone().requires_grad_()
        q_star = mixed(qs, states)
        ((q_star * weight).sum() / rows).backward()
        found.append([q_star.detach(), qs.grad, *(p.grad.clone() for p in mixer.parameters())])
    for chunked, plain in zip(*found, strict=True):
        th.testing.assert_close(chunked, plain, rtol=0, atol=2e-6)
        assert plain.abs().max() > 0
    with th.no_grad():
        th.testing.assert_close(backend.mix(mixer, values, states), found[1][0], rtol=0, atol=2e-6)


def test_mixing_twice_before_back_propagating_is_refused():
    mixer, backend = CENTRAL_MIXERS["ff"](make_args("ow_qmix", SIZES)), PackedBackend()
    inputs = th.zeros(3, SIZES.n_agents), th.zeros(3, SIZES.state)
    first = backend.mix(mixer, *inputs)
    backend.mix(mixer, *inputs)
    with pytest.raises(RuntimeError, match="workspace was used again before this backward pass"):
        first.sum().backward()


def test_a_diverged_utility_stays_visible():
    mixer, backend = CENTRAL_MIXERS["ff"](make_args("ow_qmix", SIZES)), PackedBackend()
    qs = th.zeros(3, SIZES.n_agents)
    qs[1, 0] = float("nan")
    q_star = backend.mix(mixer, qs, th.zeros(3, SIZES.state))
    assert q_star.isnan().flatten().tolist() == [False, True, False]


@pytest.mark.parametrize("alg", ALGS)
def test_td_residuals_are_of_the_central_value_at_the_greedy_joint_action(alg):
    learner, batch = parts(alg)
    residuals = learner.td_residuals(batch)
    for b, length in enumerate(LENGTHS):
        episode = slow.Episode.of(batch, b, length)
        online = slow.values_of(learner, learner.mac.agent, batch, b)
        utilities = slow.values_of(learner, learner.central_mac.agent, batch, b)
        values = [
            slow.central(
                learner.central_mixer,
                slow.at(utilities[t], slow.best_actions(online[t], episode.avail[t])),
                episode.states[t],
            )
            for t in range(length + 1)
        ]
        targets = episode.targets(values[1:], learner.args.gamma, 0.0)
        expected = [y - v for y, v in zip(targets, values, strict=False)]
        assert residuals[b, :length].tolist() == pytest.approx(expected, abs=1e-5)


def test_the_attention_mixer_needs_the_size_of_its_hypernetwork():
    with pytest.raises(ConfigError, match="hypernet_embed: missing, and central_mixer=atten needs"):
        resolve("ow_qmix", "sim", ["mixer=vdn", "central_mixer=atten", "hypernet_embed=null"])
