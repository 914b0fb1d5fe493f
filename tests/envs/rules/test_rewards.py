"""SMAC's reward and ends of episodes against hand-made changes of health."""

import numpy as np
import pytest

from pymarl.envs.skirmish.engine.batch_step import step_range
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from tests.envs.rules.scene import batch_of, scene

MAX = 2 * 10 + 200 + 2 * 160


def reward_after(changes, **env_args):
    """Reward of one step in which health changes are made by hand."""
    v = scene(
        [("zealot", 5, 5), ("zealot", 5, 9)], [("stalker", 28, 28), ("stalker", 28, 24)], **env_args
    )
    v.step_mul = 0  # no game loops: only the changes below
    for i, health, shield in changes:
        unit = v.state.units[0][i]
        unit.health, unit.shield, unit.alive = health, shield, int(health > 0)
    fixed = (batch_of(v), np.ones((1, 2), np.int64))
    assert step_range(*fixed, np.ones(1, np.uint8), 0, 0, 0, 1) == -1
    return float(v.out.reward[0]), bool(v.out.terminated[0]), bool(v.out.info[0].battle_won)


def test_reward_counts_damage_deaths_and_the_win():
    assert reward_after([(2, 80, 60)])[0] == pytest.approx(20 / (MAX / 20))
    assert reward_after([(2, 0, 0)])[0] == pytest.approx((160 + 10) / (MAX / 20))
    assert reward_after([(2, 0, 0), (3, 0, 0)]) == (pytest.approx(20), True, True)


def test_reward_takes_the_absolute_value_of_regeneration_as_smac_does():
    v = scene([("zealot", 5, 5)], [("stalker", 28, 28)])
    v.episode_state.health_before[0, 1] -= 10
    v.step_mul = 0
    fixed = (batch_of(v), np.ones((1, 1), np.int64))
    step_range(*fixed, np.ones(1, np.uint8), 0, 0, 0, 1)
    assert v.out.reward[0] == pytest.approx(10 / ((10 + 200 + 160) / 20))


def test_reward_options():
    negative = {"reward_only_positive": False}
    assert reward_after([(0, 100, 20)], **negative)[0] == pytest.approx(-30 * 0.5 / (MAX / 20))
    assert reward_after([(0, 0, 0)], **negative)[0] == pytest.approx(-(150 + 10) * 0.5 / (MAX / 20))
    assert reward_after([(2, 80, 60)], reward_scale=False)[0] == pytest.approx(20)
    both = [(0, 0, 0), (1, 0, 0)]
    assert reward_after(both, reward_scale=False, reward_defeat=-7)[0] == pytest.approx(-7)
    assert reward_after(both, reward_scale=False, reward_sparse=True)[0] == -1
    win = [(2, 0, 0), (3, 0, 0)]
    assert reward_after(win, reward_scale=False, reward_sparse=True)[0] == 1
    assert reward_after([(2, 0, 0)], reward_scale=False, reward_sparse=True)[0] == 0
    assert reward_after([(2, 0, 0)], reward_scale=False, reward_death_value=3)[0] == pytest.approx(
        163
    )


def test_both_sides_dead_is_a_draw():
    reward, over, won = reward_after(
        [(0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0)], reward_scale=False
    )
    assert over
    assert not won
    assert reward == pytest.approx(340)


@pytest.mark.parametrize(
    ("dead", "over", "won"),
    [
        ([0], True, False),  # only the agents' medivac is left: lost
        ([2], True, True),  # only the enemies' medivac is left: won
        ([0, 2], True, False),  # both at once: SMAC looks at the loss first
        ([3], False, False),
    ],
)
def test_medivac_rule_of_mmm(dead, over, won):
    v = scene(
        [("marine", 5, 5), ("medivac", 5, 9)],
        [("marine", 28, 28), ("medivac", 28, 24)],
        map_type="MMM",
    )
    v.state.units["alive"][0, dead] = 0
    fixed = (batch_of(v), np.ones((1, 2), np.int64))
    step_range(*fixed, np.ones(1, np.uint8), 0, 0, 0, 1)
    assert (bool(v.out.terminated[0]), bool(v.out.info[0].battle_won)) == (over, won)


def test_a_time_limit_is_a_terminal_unless_episodes_continue():
    for continuing in (False, True):
        env = SkirmishEnv(map_name="2s_vs_1sc", continuing_episode=continuing)
        env.reset(seed=0)
        over = False
        steps = 0
        while not over:
            _, over, info = env.step([1, 1])
            steps += 1
            assert info["battle_won"] is False
        assert steps == 300
        assert info["timeout"] is True
        assert info.get("episode_limit", False) is continuing
        assert env.get_stats()["timeouts"] == env.get_stats()["battles_draw"] == 1
        assert info["ally_health_left"] == info["enemy_health_left"] == 1
