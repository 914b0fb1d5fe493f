"""SMAC's observation, state, availability and reward against hand-built situations."""

import numpy as np
import pytest

from pymarl.envs.skirmish.engine.batch_step import Batch, observe, step_range
from pymarl.envs.skirmish.engine.game_loop import write_unit_table
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.maps.map_spec import map_names
from pymarl.envs.smac.rules.unit_table import COLUMNS
from tests.envs.arena import arena_spec

# Sizes that published code and papers state for SMAC with its default options.
SIZES = {
    "3m": (30, 48, 9), "8m": (80, 168, 14), "5m_vs_6m": (55, 98, 12), "2s3z": (80, 120, 11),
    "3s5z": (128, 216, 14), "3s5z_vs_3s6z": (136, 230, 15), "1c3s5z": (162, 270, 15),
    "MMM": (160, 290, 16), "MMM2": (176, 322, 18), "10m_vs_11m": (105, 243, 17),
    "27m_vs_30m": (285, 1170, 36), "corridor": (156, 282, 30), "6h_vs_8z": (78, 140, 14),
    "2c_vs_64zg": (332, 342, 70),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SIZES))
def test_sizes_are_smacs(name):
    info = SkirmishEnv(map_name=name).get_env_info()
    assert (info["obs_shape"], info["state_shape"], info["n_actions"]) == SIZES[name]


@pytest.mark.parametrize("name", map_names())
def test_every_map_gives_the_sizes_it_promises(name):
    env = SkirmishEnv(map_name=name)
    obs, state = env.reset(seed=1)
    info = env.get_env_info()
    assert np.stack(obs).shape == (info["n_agents"], info["obs_shape"])
    assert state.shape == (info["state_shape"],)
    assert np.array(env.get_avail_actions()).shape == (info["n_agents"], info["n_actions"])
    assert len(info["agent_features"]) == env.get_state_dict()["allies"].shape[1]
    assert len(info["enemy_features"]) == env.get_state_dict()["enemies"].shape[1]


def scene(allies, enemies, **env_args):
    spec_keys = {k: env_args.pop(k) for k in ("rows", "map_type") if k in env_args}
    v = VectorSkirmish(1, spec=arena_spec(allies, enemies, **spec_keys), **env_args)
    v.reset(seeds=[0])
    return v


def batch_of(v):
    return Batch(v.state, v.world, v.features, v.episode_state, v.out)


def look(v):
    write_unit_table(
        v.state, v.world, 0, np.arange(v.n_agents + v.n_enemies), v.episode_state.table[0]
    )
    observe(batch_of(v), 0)
    return v.out


def test_observation_by_hand():
    v = scene([("marine", 10, 10), ("marine", 13, 14)], [("marine", 14, 13), ("marine", 20, 10)])
    v.state.units[0][2].health = 9
    obs = look(v).obs[0, 0]
    third = [5 / 9, 4 / 9, 3 / 9]
    expected = [
        1, 1, 1, 1,  # can move everywhere
        1, *third, 9 / 45,  # enemy 0 at distance 5: attackable
        0, 0, 0, 0, 0,  # enemy 1 at distance 10: out of sight
        1, 5 / 9, 3 / 9, 4 / 9, 1,  # the other agent
        1,  # own health
    ]  # fmt: skip
    assert obs.tolist() == pytest.approx(expected, rel=1e-6)


def test_sight_is_open_and_shooting_closed_at_its_edge():
    v = scene(
        [("marine", 10, 10)], [("marine", 19, 10), ("marine", 16, 10), ("marine", 10, 16.001)]
    )
    out = look(v)
    assert out.obs[0, 0, 4:9].tolist() == [0, 0, 0, 0, 0]
    assert out.avail[0, 0, 6:].tolist() == [0, 1, 0]


def test_state_by_hand():
    v = scene([("stalker", 10, 10)], [("zealot", 20, 12)], map_type="custom")
    units = v.state.units[0]
    units[0].shield, units[0].cooldown, units[1].shield, units[1].health = 40, 7, 25, 50
    state = look(v).state[0]
    ally = [1, 7 / 35, (10 - 16) / 32, (10 - 16) / 32, 0.5]
    enemy = [0.5, (20 - 16) / 32, (12 - 16) / 32, 0.5]
    assert state.tolist() == pytest.approx([*ally, *enemy, *[0] * 7], rel=1e-6)


def test_last_actions_enter_state_and_observation():
    v = scene(
        [("marine", 10, 10), ("marine", 12, 10)], [("marine", 25, 25)],
        obs_last_action=True, state_timestep_number=True, obs_timestep_number=True,
    )  # fmt: skip
    v.step(np.array([[4, 1]]))
    state, obs = v.out.state[0], v.out.obs[0]
    assert state[-15:].tolist() == pytest.approx([*np.eye(7)[4], *np.eye(7)[1], 1 / 1000], rel=1e-6)
    assert obs[1, 4 + 5 + 5 : 4 + 5 + 5 + 7].tolist() == np.eye(7)[4].tolist()
    assert obs[0, -1] == pytest.approx(1 / 1000)
    assert obs.shape[1] == v.obs_size


def test_types_of_enemy_stalkers_and_zealots_are_reversed_as_in_smac():
    env = SkirmishEnv(map_name="2s3z")
    env.reset(seed=0)
    parts = env.get_state_dict()
    assert parts["allies"][:, -2:].tolist() == [[1, 0]] * 2 + [[0, 1]] * 3
    assert parts["enemies"][:, -2:].tolist() == [[0, 1]] * 2 + [[1, 0]] * 3


def test_agents_are_ordered_by_type_then_place():
    env = SkirmishEnv(map_name="MMM")
    assert env.vector.unit_names[:10] == ["marauder"] * 2 + ["marine"] * 7 + ["medivac"]
    assert env.vector.unit_names[10:] == ["marine"] * 7 + ["marauder"] * 2 + ["medivac"]
    spawned = env.vector.world.spawned[2:9]
    places = list(zip(spawned["x"], spawned["y"], strict=True))
    assert places == sorted(places)


def test_a_medivac_addresses_agents_and_shows_its_energy():
    v = scene(
        [("marine", 10, 10), ("medivac", 12, 10)], [("marine", 15, 10), ("marine", 30, 30)],
        map_type="MMM",
    )  # fmt: skip
    assert v.out.avail[0, 1, 6:].tolist() == [1, 0]
    assert v.out.avail[0, 0, 6:].tolist() == [1, 0]
    bits = 2
    second = v.out.state[0][4 + bits : 2 * (4 + bits)]
    assert second[1] == pytest.approx(50 / 200)


def test_dead_agents_see_nothing_and_only_do_nothing():
    v = scene([("marine", 10, 10), ("marine", 12, 10)], [("marine", 15, 10)])
    v.state.units[0][0].alive = 0
    out = look(v)
    assert out.avail[0, 0].tolist() == [1, 0, 0, 0, 0, 0, 0]
    assert not out.obs[0, 0].any()
    assert not out.obs[0, 1, 9:14].any()
    assert not out.state[0, :4].any()


def test_moves_look_half_a_move_ahead_at_the_cell():
    rows = ["....", "....", "#...", "...."]
    v = scene([("marine", 1.5, 2.5)], [("marine", 3.5, 0.5)], rows=rows)
    unit = v.state.units[0][0]
    unit.x, unit.y = 0.5, 2.5
    avail = look(v).avail[0, 0]
    assert avail[2:6].tolist() == [1, 0, 1, 1]  # south is the blocked cell; west is int(-0.5) = 0


def test_surroundings_follow_smacs_points_and_its_flipped_heights():
    v = scene(
        [("marine", 16.5, 16.5)],
        [("marine", 25, 25)],
        obs_pathing_grid=True,
        obs_terrain_height=True,
    )
    v.features.terrain_height[:] = np.arange(32)[:, None] / 100 + np.arange(32)[None] / 10_000
    v.features.pathing[16, 20] = 0
    obs = look(v).obs[0, 0]
    points = [(16, 20), (16, 12), (20, 16), (12, 16), (18, 18), (14, 14), (18, 14), (14, 18)]
    assert obs[4:12].tolist() == [0, 1, 1, 1, 1, 1, 1, 1]
    assert obs[12:21].tolist() == pytest.approx(
        [x / 100 + y / 10_000 for x, y in [*points, (16, 16)]]
    )
    terrain = SkirmishEnv(map_name="corridor").map.terrain
    assert terrain.smac_heights()[5, 4] == terrain.height_bytes()[31 - 4, 5] / 255


def test_obs_instead_of_state_joins_the_observations():
    env = SkirmishEnv(map_name="3m", obs_instead_of_state=True)
    obs, state = env.reset(seed=3)
    assert np.array_equal(np.concatenate(obs), state)
    assert env.get_state_size() == 3 * env.get_obs_size()


def test_health_options_shrink_the_observation():
    full, own, none = (
        SkirmishEnv(map_name="2s3z", obs_all_health=a, obs_own_health=o).get_obs_size()
        for a, o in ((True, True), (False, True), (False, False))
    )
    assert (full - own, own - none) == (2 * 9, 2)


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


MAX = 2 * 10 + 200 + 2 * 160


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
        [("marine", 5, 5), ("medivac", 5, 9)], [("marine", 28, 28), ("medivac", 28, 24)],
        map_type="MMM",
    )  # fmt: skip
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


def test_heuristic_walks_along_the_longer_axis_and_writes_its_actions_back():
    env = SkirmishEnv(map_name="3m", heuristic_ai=True, heuristic_rest=True)
    env.reset(seed=0)
    actions = [1, 1, 1]
    env.step(actions)
    assert actions == [4, 4, 4]
    assert env.get_state_dict()["last_action"].argmax(1).tolist() == [1, 1, 1]


def test_table_is_float32_and_keeps_dead_positions():
    env = SkirmishEnv(map_name="3m")
    env.reset(seed=0)
    table = env.vector.episode_state.table[0]
    assert {table[name].dtype for name in COLUMNS} == {np.dtype(np.float32)}
    env.vector.state.units[0][3].health = 0
    before = table["x"][3].copy()
    env.step([1, 1, 1])
    assert table["health"][3] == 0
    assert table["x"][3] == before
