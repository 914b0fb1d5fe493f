"""The Q-learning loss against loops over every axis: double Q, mixing, masks, time limits."""

import pytest
import torch as th

from pymarl.backends.reference_backend import ReferenceBackend
from pymarl.backends.transitions import padded_transitions
from pymarl.learners.q_learner import QLearner
from pymarl.modules.mixers.qmix import QMixer
from tests.reference import q_learning as slow
from tests.reference.batches import Sizes, random_batch
from tests.reference.learners import make_learner

LENGTHS = [4, 1, 7, 5]
SIZES = Sizes()


def slow_loss(learner: QLearner, lengths: list[int], batch: object) -> float:
    args = learner.args
    flags = {"last_action": args.obs_last_action, "agent_id": args.obs_agent_id}
    episodes = range(len(lengths))
    online = [slow.agent_values(learner.mac.agent, batch, b, **flags) for b in episodes]
    target = [slow.agent_values(learner.target_mac.agent, batch, b, **flags) for b in episodes]
    mixers: object = args.mixer
    if isinstance(learner.mixer, QMixer):
        mixers = (learner.mixer, learner.target_mixer)
    settings = {"double_q": args.double_q, "td_lambda": args.td_lambda}
    return slow.loss(batch, lengths, online, target, mixers, args.gamma, **settings)


@pytest.mark.parametrize("fast", ["true", "false"])
@pytest.mark.parametrize(
    ("alg", "overrides"),
    [
        ("iql", ()),
        ("vdn", ()),
        ("qmix", ()),
        ("qmix", ("hypernet_layers=1",)),
        ("qmix", ("double_q=false",)),
        ("vdn", ("obs_last_action=false", "gamma=0.5")),
        ("iql", ("obs_agent_id=false",)),
        ("iql", ("td_lambda=0.8",)),
        ("qmix", ("td_lambda=0.6",)),
    ],
)
def test_loss_equals_the_loops(alg, overrides, fast):
    learner = make_learner(alg, SIZES, f"fast={fast}", *overrides)
    batch = random_batch(LENGTHS, SIZES, seed=1)
    loss, _ = learner.loss(batch)
    assert float(loss.detach()) == pytest.approx(slow_loss(learner, LENGTHS, batch), rel=1e-5)


@pytest.mark.parametrize("fast", ["true", "false"])
def test_a_time_limit_end_is_bootstrapped_and_a_terminal_one_is_not(fast):
    learner = make_learner("vdn", SIZES, f"fast={fast}")
    ended = random_batch([5, 5], SIZES, seed=2)
    cut = random_batch([5, 5], SIZES, seed=2, truncated=(0,))
    losses = [float(learner.loss(batch)[0].detach()) for batch in (ended, cut)]
    expected = [slow_loss(learner, [5, 5], batch) for batch in (ended, cut)]
    assert losses == pytest.approx(expected, rel=1e-5)
    assert losses[0] != pytest.approx(losses[1], rel=1e-3)


@pytest.mark.parametrize("td_lambda", [0.0, 0.6])
@pytest.mark.parametrize("alg", ["iql", "vdn", "qmix"])
def test_packed_and_padded_losses_have_the_same_gradients(alg, td_lambda):
    batch = random_batch([9, 2, 6, 6, 1], Sizes(n_agents=4, obs=11, state=6, n_actions=5), seed=4)
    gradients = []
    for fast in ("true", "false"):
        settings = (f"fast={fast}", "rnn_hidden_dim=16", f"td_lambda={td_lambda}")
        learner = make_learner(alg, Sizes(4, 11, 6, 5), *settings)
        loss, stats = learner.loss(batch)
        loss.backward()
        gradients.append([parameter.grad for parameter in learner.params])
        assert set(stats) == {"td_error_abs", "q_taken_mean", "target_mean"}
    for packed, padded in zip(*gradients, strict=True):
        assert packed is not None
        assert padded is not None
        th.testing.assert_close(packed, padded, rtol=0, atol=1e-6)


def values_of(learner, batch):
    """The agents' values at all steps, by the cell whatever the learner's backend."""
    return ReferenceBackend().evaluate(learner.mac, padded_transitions(batch)).detach()


@pytest.mark.parametrize("optimizer", ["rmsprop", "adam"])
def test_a_hundred_updates_on_both_paths_end_at_the_same_values(optimizer):
    """Curves of the two paths part when a rounding turns an action; learning does not."""
    batches = [random_batch(LENGTHS, SIZES, seed=k) for k in range(5)]
    overrides = (f"optimizer={optimizer}", "target_update_interval=20")
    learners = [
        make_learner("qmix", SIZES, f"fast={fast}", *overrides) for fast in ("true", "false")
    ]
    before = values_of(learners[0], batches[0])
    for learner in learners:
        for update in range(100):
            learner.train(batches[update % 5], t_env=update, episode_num=update)
    values = [values_of(learner, batches[0]) for learner in learners]
    moved = (values[0] - before).abs().max()
    assert moved > 0.05
    assert (values[0] - values[1]).abs().max() < 1e-3 * moved


def test_statistics_are_the_same_on_both_paths():
    batch = random_batch(LENGTHS, SIZES, seed=5)
    packed = make_learner("qmix", SIZES, "fast=true").loss(batch)[1]
    padded = make_learner("qmix", SIZES, "fast=false").loss(batch)[1]
    for key, value in packed.items():
        assert float(value) == pytest.approx(float(padded[key]), rel=1e-5)


def test_the_comparison_notices_a_wrong_target(monkeypatch):
    """Planted defect: forgetting that terminal steps have no future."""
    monkeypatch.setattr(
        "pymarl.learners.td_targets.one_step_targets",
        lambda rewards, terminated, values, gamma: rewards + gamma * values,
    )
    learner = make_learner("vdn", SIZES)
    batch = random_batch(LENGTHS, SIZES, seed=1)
    loss = float(learner.loss(batch)[0].detach())
    assert loss != pytest.approx(slow_loss(learner, LENGTHS, batch), rel=1e-3)


def test_padding_has_no_influence():
    learner = make_learner("qmix", SIZES, "fast=false")
    batch = random_batch(LENGTHS, SIZES, seed=6)
    before = float(learner.loss(batch)[0].detach())
    for b, length in enumerate(LENGTHS):
        for key in ("obs", "state", "reward"):
            batch[key][b, length + 1 :] = 1e3
    assert float(learner.loss(batch)[0].detach()) == pytest.approx(before, rel=1e-6)
