"""QTRAN's three losses against loops over every axis, and where their gradients go."""

import pytest
import torch as th

from pymarl.config.build import resolve
from pymarl.errors import ConfigError
from pymarl.learners.qtran_losses import non_optimality_loss, optimality_loss
from tests.reference import qtran as slow
from tests.reference.batches import Sizes, random_batch
from tests.reference.learners import make_learner

LENGTHS = [4, 1, 7, 5]
SIZES = Sizes()


def parts(*overrides):
    learner = make_learner("qtran", SIZES, *overrides)
    return learner, random_batch(LENGTHS, SIZES, seed=1, truncated=(2,))


@pytest.mark.parametrize("fast", ["true", "false"])
@pytest.mark.parametrize(
    "overrides",
    [
        (),
        ("double_q=false",),
        ("qtran_arch=coma_critic",),
        ("network_size=big", "gamma=0.5"),
        ("opt_loss=0.3", "nopt_min_loss=2.0"),
    ],
)
def test_losses_equal_the_loops(overrides, fast):
    learner, batch = parts(f"fast={fast}", *overrides)
    args = learner.args
    loss, stats = learner.loss(batch)
    networks = (
        learner.mac.agent,
        learner.target_mac.agent,
        learner.mixer,
        learner.target_mixer,
    )
    td, opt, nopt = slow.losses(networks, batch, LENGTHS, args.gamma, double_q=args.double_q)
    assert float(stats["td_loss"]) == pytest.approx(td, rel=1e-5)
    assert float(stats["opt_loss"]) == pytest.approx(opt, rel=1e-5)
    assert float(stats["nopt_loss"]) == pytest.approx(nopt, rel=1e-5)
    whole = td + args.opt_loss * opt + args.nopt_min_loss * nopt
    assert float(loss.detach()) == pytest.approx(whole, rel=1e-5)


def test_packed_and_padded_losses_have_the_same_gradients_and_statistics():
    gradients, statistics = [], []
    for fast in ("true", "false"):
        learner, batch = parts(f"fast={fast}")
        loss, stats = learner.loss(batch)
        loss.backward()
        gradients.append([parameter.grad for parameter in learner.params])
        statistics.append(stats)
    for packed, padded in zip(*gradients, strict=True):
        th.testing.assert_close(packed, padded, rtol=0, atol=1e-6)
    for key, value in statistics[0].items():
        assert float(value) == pytest.approx(float(statistics[1][key]), rel=1e-5)


@pytest.mark.parametrize("fast", ["true", "false"])
def test_statistics_are_means_over_real_steps_and_td_targets_that_of_the_targets(fast):
    learner, batch = parts(f"fast={fast}", "gamma=0.0")  # so that a target is the reward
    before = learner.loss(batch)[1]
    rewards = [batch["reward"][b, t, 0] for b, n in enumerate(LENGTHS) for t in range(n)]
    assert float(before["td_targets"]) == pytest.approx(
        float(sum(rewards)) / len(rewards), rel=1e-5
    )
    for b, n in enumerate(LENGTHS):
        for key in ("obs", "state", "reward"):
            batch[key][b, n + 1 :] = 1e3
    for key, value in learner.loss(batch)[1].items():
        assert float(value) == pytest.approx(float(before[key]), rel=1e-5), key


def test_the_joint_value_learns_from_the_td_loss_alone():
    """The agents follow the joint value, which is fixed in their losses."""
    learner, batch = parts("opt_loss=0.0", "nopt_min_loss=0.0")
    learner.loss(batch)[0].backward()
    alone = [parameter.grad.clone() for parameter in learner.mixer.Q.parameters()]
    learner, batch = parts()
    learner.loss(batch)[0].backward()
    for with_all, td_only in zip(learner.mixer.Q.parameters(), alone, strict=True):
        th.testing.assert_close(with_all.grad, td_only, rtol=0, atol=1e-6)
    assert all(parameter.grad.abs().sum() > 0 for parameter in learner.mixer.V.parameters())


def test_values_above_the_joint_one_cost_nothing_where_not_optimal():
    mask = th.ones(3, 1)
    sums, joint, v = th.tensor([[5.0], [1.0], [2.0]]), th.full((3, 1), 3.0), th.zeros(3, 1)
    assert float(optimality_loss(sums, joint, v, mask)) == pytest.approx((4 + 4 + 1) / 3)
    assert float(non_optimality_loss(sums, joint, v, mask)) == pytest.approx((4 + 1) / 3)


def test_targets_follow_and_state_is_complete(tmp_path):
    learner, batch = parts("target_update_interval=8")
    learner.train(batch, t_env=0, episode_num=0)
    assert learner.last_target_update_episode == 0
    learner.train(batch, t_env=10, episode_num=8)
    assert learner.last_target_update_episode == 8
    after = learner.target_networks["mixer"].state_dict()
    assert all(th.equal(after[key], value) for key, value in learner.mixer.state_dict().items())
    other, _ = parts("target_update_interval=8")
    other.load_state(learner.state())
    for one in (learner, other):
        one.train(batch, t_env=20, episode_num=9)
    for mine, theirs in zip(other.params, learner.params, strict=True):
        assert th.equal(mine, theirs)


def test_settings_are_pymarls():
    args = resolve("qtran", "sim", [])
    assert (args.mixer, args.mixing_embed_dim, args.qtran_arch) == ("qtran_base", 64, "qtran_paper")
    assert (args.opt_loss, args.nopt_min_loss, args.network_size) == (1, 0.1, "small")
    assert (args.runner, args.buffer_size, args.target_update_interval) == ("episode", 5000, 200)


def test_lambda_targets_are_refused():
    with pytest.raises(ConfigError, match="QTRAN has one-step targets"):
        resolve("qtran", "sim", ["td_lambda=0.5"])
