"""QPLEX against loops over every axis, and what makes it QPLEX: IGM and its gradients."""

import itertools
import json
import subprocess
import sys

import pytest
import torch as th

from pymarl.components.seeding import seeded_torch
from pymarl.config.build import resolve
from pymarl.errors import ConfigError
from pymarl.modules.mixers.duplex import DuplexMixer, duplex_value
from tests.reference import factored_values as slow
from tests.reference.batches import Sizes, random_batch
from tests.reference.learners import make_args, make_learner

LENGTHS = [4, 1, 7, 5]
SIZES = Sizes()


def parts(*overrides, alg="qplex"):
    learner = make_learner(alg, SIZES, *overrides)
    return learner, random_batch(LENGTHS, SIZES, seed=1, truncated=(2,))


@pytest.mark.parametrize("fast", ["true", "false"])
@pytest.mark.parametrize(
    "overrides",
    [
        (),
        ("double_q=false",),
        ("adv_hypernet_layers=2", "td_lambda=0.6"),
        ("adv_hypernet_layers=3", "num_kernel=10", "gamma=0.5"),
        ("weighted_head=false",),
        ("is_minus_one=false",),
    ],
)
def test_the_loss_equals_the_loops(overrides, fast):
    learner, batch = parts(f"fast={fast}", *overrides)
    expected = slow.qplex_loss(learner, batch, LENGTHS)
    assert float(learner.loss(batch)[0].detach()) == pytest.approx(expected, rel=1e-5)


def test_the_comparison_notices_maxima_of_the_wrong_network(monkeypatch):
    """Planted defect: the value at the online network's actions stands for the target's maximum."""
    forward = DuplexMixer.forward
    monkeypatch.setattr(
        DuplexMixer,
        "forward",
        lambda self, qs, maxima, states, actions: forward(self, qs, qs, states, actions),
    )
    learner, batch = parts()
    expected = slow.qplex_loss(learner, batch, LENGTHS)
    assert float(learner.loss(batch)[0].detach()) != pytest.approx(expected, rel=1e-3)


def test_packed_and_padded_losses_have_the_same_gradients_and_statistics():
    gradients, statistics = [], []
    for fast in ("true", "false"):
        learner, batch = parts(f"fast={fast}", alg="qplex_ft")
        loss, stats = learner.loss(batch)
        loss.backward()
        gradients.append([parameter.grad for parameter in learner.params])
        statistics.append(stats)
    for packed, padded in zip(*gradients, strict=True):
        th.testing.assert_close(packed, padded, rtol=0, atol=1e-6)
    for key, value in statistics[0].items():
        assert float(value) == pytest.approx(float(statistics[1][key]), rel=1e-5)


def random_mixer(seed, *overrides):
    """Return a mixer with parameters far from their first values."""
    with seeded_torch(seed):
        mixer = DuplexMixer(make_args("qplex", SIZES, *overrides))
        for parameter in mixer.parameters():
            parameter.data.normal_(0, 1.0)
        state = th.randn(1, SIZES.state)
        table = th.randn(SIZES.n_agents, SIZES.n_actions)
    return mixer, state, table


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("minus_one", ["true", "false"])
def test_the_joint_maximum_is_where_every_agents_own_maximum_is(seed, minus_one):
    """All 64 joint actions: A_tot is 0 at the greedy one and below 0 elsewhere."""
    mixer, state, table = random_mixer(seed, f"is_minus_one={minus_one}", "adv_hypernet_layers=2")
    maxima, best = table.max(-1)
    values = {}
    for joint in itertools.product(range(SIZES.n_actions), repeat=SIZES.n_agents):
        actions = th.tensor(joint).view(1, -1, 1)
        qs = table.gather(1, actions[0]).view(1, -1)
        values[joint] = float(mixer(qs, maxima.view(1, -1), state, actions).detach())
    v_tot = float(mixer.greedy_value(maxima.view(1, -1), state).detach())
    greedy = tuple(best.tolist())
    assert max(values, key=values.get) == greedy
    assert values[greedy] == pytest.approx(v_tot, rel=1e-5)
    assert all(value < v_tot for joint, value in values.items() if joint != greedy)
    assert min(values.values()) < v_tot - 0.1


def test_coefficients_are_positive_and_depend_on_the_joint_action():
    mixer, state, _ = random_mixer(3)
    actions = [th.tensor(joint).view(1, -1) for joint in ((0, 1, 2), (0, 1, 3))]
    first, other = (mixer.si_weight(state, taken) for taken in actions)
    assert (first > 0).all()
    assert ((first - other).abs() > 1e-6).all()  # of every agent, though one acted otherwise


def test_the_gradient_to_an_agents_value_is_its_positive_weight():
    """The advantages train the coefficients only."""
    mixer, state, table = random_mixer(5)
    actions = th.tensor([1, 0, 3]).view(1, -1, 1)
    qs = table.gather(1, actions[0]).view(1, -1).requires_grad_()
    mixer(qs, table.max(-1).values.view(1, -1), state, actions).sum().backward()
    weights = mixer.hyper_w_final(state).abs() + 1e-10
    th.testing.assert_close(qs.grad, weights.detach(), rtol=1e-6, atol=0)
    assert all(p.grad.abs().sum() > 0 for p in mixer.si_weight.parameters())


def test_duplex_value_by_hand():
    qs, maxima = th.tensor([[1.0, 2.0]]), th.tensor([[3.0, 2.0]])
    coefficients = th.tensor([[0.5, 9.0]])
    assert duplex_value(qs, maxima, coefficients, minus_one=True).tolist() == [5.0 - 0.5 * 2.0]
    assert duplex_value(qs, maxima, coefficients, minus_one=False).tolist() == [5.0 - 1.5 * 2.0]


def test_td_residuals_are_of_the_sum_of_values():
    learner, batch = parts()
    residuals = learner.td_residuals(batch)
    for b, length in enumerate(LENGTHS):
        episode = slow.Episode.of(batch, b, length)
        online = slow.values_of(learner, learner.mac.agent, batch, b)
        values = []
        for t in range(length + 1):
            best = slow.best_actions(online[t], episode.avail[t])
            qs = slow.at(online[t], best)
            values.append(slow.duplex(learner.mixer, qs, qs, episode.states[t], best))
        targets = episode.targets(values[1:], learner.args.gamma, 0.0)
        expected = [y - v for y, v in zip(targets, values, strict=False)]
        assert residuals[b, :length].tolist() == pytest.approx(expected, abs=1e-5)


def test_updates_begin_when_the_buffer_holds_the_burn_in_period(tmp_path):
    """One step an episode: of 50 episodes those from the 40th on are followed by an update."""
    settings = ["env_args.map_name=non_monotonic", "t_max=49", "burn_in_period=40"]
    settings += ["batch_size=8", "test_nepisode=1", f"run_dir={tmp_path}/run"]
    command = [sys.executable, "-m", "pymarl", "--config=qplex", "--env-config=matrix", "with"]
    subprocess.run([*command, *settings], check=True, capture_output=True)
    provenance = json.loads((tmp_path / "run" / "provenance.json").read_text())
    assert (provenance["env_steps"], provenance["updates"]) == (50, 11)


def test_a_burn_in_period_that_the_buffer_never_holds_is_refused():
    with pytest.raises(ConfigError, match="burn_in_period=100 is larger than buffer_size=50: no"):
        resolve("qplex", "sim", ["buffer_size=50"])
