"""SMAC's observation, state and availability against hand-built situations."""

import numpy as np
import pytest

from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.smac.rules.unit_table import COLUMNS
from tests.envs.rules.scene import look, scene


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
    ]  # fmt: skip  # a part of the observation a row
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
        [("marine", 10, 10), ("marine", 12, 10)],
        [("marine", 25, 25)],
        obs_last_action=True,
        state_timestep_number=True,
        obs_timestep_number=True,
    )
    v.step(np.array([[4, 1]]))
    state, obs = v.out.state[0], v.out.obs[0]
    assert state[-15:].tolist() == pytest.approx([*np.eye(7)[4], *np.eye(7)[1], 1 / 1000], rel=1e-6)
    assert obs[1, 4 + 5 + 5 : 4 + 5 + 5 + 7].tolist() == np.eye(7)[4].tolist()
    assert obs[0, -1] == pytest.approx(1 / 1000)
    assert obs.shape[1] == v.obs_size


def test_a_medivac_addresses_agents_and_shows_its_energy():
    v = scene(
        [("marine", 10, 10), ("medivac", 12, 10)],
        [("marine", 15, 10), ("marine", 30, 30)],
        map_type="MMM",
    )
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
