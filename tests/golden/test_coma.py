"""COMA's targets, critic training, policies and actor loss against loops over every axis."""

import copy

import numpy as np
import pytest
import torch as th

from pymarl.backends.transitions import transition_mask
from pymarl.components.action_selectors import MultinomialActionSelector
from pymarl.config.build import resolve
from pymarl.controllers.policy import action_probabilities, renormalised
from pymarl.errors import ConfigError
from tests.reference import coma as slow
from tests.reference import q_learning
from tests.reference.batches import Sizes, random_batch
from tests.reference.learners import make_args, make_learner

LENGTHS = [4, 1, 7, 5]
CUT = (0,)
SIZES = Sizes()


def parts(*overrides):
    learner = make_learner("coma", SIZES, *overrides)
    return learner, random_batch(LENGTHS, SIZES, seed=1, truncated=CUT)


def slow_logits(learner, batch):
    flags = {"last_action": True, "agent_id": True}
    episodes = range(len(LENGTHS))
    return [q_learning.agent_values(learner.mac.agent, batch, b, **flags) for b in episodes]


@pytest.mark.parametrize("overrides", [(), ("td_lambda=0.0", "gamma=0.5")])
def test_critic_targets(overrides):
    learner, batch = parts(*overrides)
    inputs = learner.critic.build_inputs(batch)
    found = learner.critic_targets(batch, inputs, transition_mask(batch["filled"]))
    args = learner.args
    wanted = slow.td_targets(learner.target_critic, batch, LENGTHS, args.gamma, args.td_lambda)
    for place, value in wanted.items():
        assert float(found[place]) == pytest.approx(value, rel=1e-4, abs=1e-5)


def test_the_critic_is_trained_step_by_step_from_the_end():
    learner, batch = parts("critic_lr=0.005", "grad_norm_clip=0.5")
    args, copied = learner.args, copy.deepcopy(learner.critic)
    wanted = slow.td_targets(learner.target_critic, batch, LENGTHS, args.gamma, args.td_lambda)
    seen = slow.train_critic(copied, wanted, batch, LENGTHS, args)
    q_values, stats = learner.train_critic(batch, transition_mask(batch["filled"]), t_env=0)
    assert learner.critic_training_steps == max(LENGTHS)
    for place, values in seen.items():
        np.testing.assert_allclose(q_values[place].numpy(), values, rtol=1e-3, atol=1e-4)
    for trained, expected in zip(learner.critic.parameters(), copied.parameters(), strict=True):
        th.testing.assert_close(trained, expected, rtol=1e-3, atol=1e-4)
    assert set(stats) == {
        "critic_loss",
        "critic_grad_norm",
        "td_error_abs",
        "q_taken_mean",
        "target_mean",
    }


@pytest.mark.parametrize("fast", ["true", "false"])
@pytest.mark.parametrize("mask_before_softmax", [True, False])
def test_actor_loss(fast, mask_before_softmax):
    learner, batch = parts(
        f"fast={fast}", f"mask_before_softmax={str(mask_before_softmax).lower()}"
    )
    mask = transition_mask(batch["filled"])
    q_values, _ = learner.train_critic(batch, mask, t_env=0)
    loss, stats = learner.actor_loss(batch, q_values)
    values = {
        (b, t, i): q_values[b, t, i].double().numpy()
        for b, length in enumerate(LENGTHS)
        for t in range(length)
        for i in range(SIZES.n_agents)
    }
    logits = slow_logits(learner, batch)
    epsilon = learner.mac.action_selector.epsilon
    expected = slow.actor_loss(
        logits, values, batch, LENGTHS, epsilon, mask_before_softmax=mask_before_softmax
    )
    assert epsilon == 0.5
    assert float(loss.detach()) == pytest.approx(expected, rel=1e-5)
    assert set(stats) == {"advantage_mean", "pi_max"}


def test_packed_and_padded_actor_losses_have_the_same_gradients():
    gradients = []
    for fast in ("true", "false"):
        learner, batch = parts(f"fast={fast}")
        mask = transition_mask(batch["filled"])
        q_values, _ = learner.train_critic(batch, mask, t_env=0)
        loss, stats = learner.actor_loss(batch, q_values)
        loss.backward()
        gradients.append(
            [p.grad for p in learner.agent_params] + [stats["advantage_mean"], stats["pi_max"]]
        )
    for packed, padded in zip(*gradients, strict=True):
        th.testing.assert_close(packed, padded, rtol=0, atol=1e-6)


def test_the_baseline_takes_the_others_part_out():
    """Where the critic says that an agent's own choice changes nothing, it has no advantage."""
    learner, batch = parts()
    mask = transition_mask(batch["filled"])
    q_values = th.randn(*mask.shape[:2], SIZES.n_agents, 1).expand(-1, -1, -1, SIZES.n_actions)
    loss, _ = learner.actor_loss(batch, q_values)
    assert float(loss.detach()) == pytest.approx(0.0, abs=1e-6)


def test_target_critic_follows_after_so_many_critic_steps():
    learner, batch = parts("target_update_interval=14")
    before = copy.deepcopy(learner.target_critic.state_dict())
    learner.train(batch, t_env=0, episode_num=0)  # 7 steps
    assert all(th.equal(before[k], v) for k, v in learner.target_critic.state_dict().items())
    learner.train(batch, t_env=10, episode_num=0)
    after = learner.target_critic.state_dict()
    assert all(th.equal(after[k], v) for k, v in learner.critic.state_dict().items())
    assert learner.last_target_update_step == 14


def test_all_of_a_learner_is_in_its_state(tmp_path):
    learner, batch = parts()
    learner.train(batch, t_env=0, episode_num=0)
    other, _ = parts()
    other.load_state(learner.state())
    saved, _ = parts()
    learner.save_models(tmp_path)
    saved.load_models(tmp_path)
    saved.load_counters(learner.counters())
    for one in (learner, other, saved):
        one.train(batch, t_env=5, episode_num=8)
    for one in (other, saved):
        assert one.counters() == learner.counters()
        for mine, theirs in zip(one.agent_params, learner.agent_params, strict=True):
            assert th.equal(mine, theirs)
        for mine, theirs in zip(one.critic_params, learner.critic_params, strict=True):
            assert th.equal(mine, theirs)


@pytest.mark.parametrize("mask_before_softmax", [True, False])
@pytest.mark.parametrize("epsilon", [0.0, 0.3])
def test_probabilities_have_their_floor(mask_before_softmax, epsilon):
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(20, 4)) * 3
    avail = (rng.random((20, 4)) < 0.6).astype(float)
    avail[np.arange(20), rng.integers(0, 4, 20)] = 1
    available = th.from_numpy(avail)
    pi = action_probabilities(
        th.from_numpy(logits), available, epsilon, mask_before_softmax=mask_before_softmax
    )
    pi = renormalised(pi, available).numpy()
    for row in range(20):
        expected = slow.policy(
            logits[row], avail[row], epsilon, mask_before_softmax=mask_before_softmax
        )
        np.testing.assert_allclose(pi[row], expected, rtol=1e-6)
        if mask_before_softmax:
            assert pi[row][avail[row] > 0].min() >= epsilon / avail[row].sum() - 1e-12


def selector(*overrides):
    return MultinomialActionSelector(make_args("coma", SIZES, *overrides))


def test_actions_are_drawn_with_their_probabilities():
    n = 20_000
    pi = th.tensor([[0.1, 0.3, 0.2, 0.4]]).expand(n, 1, 4)
    avail = th.tensor([[1, 0, 1, 1]], dtype=th.uint8).expand(n, 1, 4)
    noise = th.from_numpy(np.random.default_rng(0).random((n, 2, 1)))
    drawn = selector().select_action(pi, avail, noise, t_env=0)
    shares = th.bincount(drawn.flatten(), minlength=4) / n
    np.testing.assert_allclose(shares.numpy(), np.array([1, 0, 2, 4]) / 7, atol=0.012)


@pytest.mark.parametrize(("edge", "action"), [(0.0, 1), (1.0 - 2**-53, 2)])
def test_impossible_actions_are_never_drawn(edge, action):
    pi = th.tensor([[[0.0, 0.5, 0.5, 0.7]]])
    avail = th.tensor([[[1, 1, 1, 0]]], dtype=th.uint8)
    noise = th.full((1, 2, 1), edge, dtype=th.float64)
    assert selector().select_action(pi, avail, noise, t_env=0).item() == action


def test_evaluations_take_the_most_probable_action_or_draw():
    pi = th.tensor([[[0.2, 0.5, 0.3]]])
    avail = th.ones(1, 1, 3, dtype=th.uint8)
    noise = th.full((1, 2, 1), 0.99, dtype=th.float64)
    assert selector().select_action(pi, avail, noise, 0, test_mode=True).item() == 1
    free = selector("test_greedy=false")
    assert free.select_action(pi, avail, noise, 0, test_mode=True).item() == 2


PYMARL_COMA = {
    "action_selector": "multinomial",
    "epsilon_start": 0.5,
    "epsilon_finish": 0.01,
    "epsilon_anneal_time": 100000,
    "mask_before_softmax": False,
    "runner": "parallel",
    "buffer_size": 8,
    "batch_size_run": 8,
    "batch_size": 8,
    "target_update_interval": 200,
    "lr": 0.0005,
    "critic_lr": 0.0005,
    "td_lambda": 0.8,
}


def test_settings_are_pymarls():
    args = resolve("coma", "sim", [])
    assert {key: getattr(args, key) for key in PYMARL_COMA} == PYMARL_COMA
    for env in ("sim", "sc2", "smac"):
        assert resolve("coma", env, []).env_args.state_last_action is False
    assert resolve("coma", "matrix", []).env_args.map_name


@pytest.mark.parametrize("override", ["batch_size=4", "buffer_size=9", "updates_per_rollout=2"])
def test_off_policy_settings_are_refused(override):
    with pytest.raises(ConfigError, match="on-policy"):
        resolve("coma", "sim", [override])
