"""SMACv2's sizes, ranges, features, rewards, rules, as docs/environments/smacv2.md has them."""

import numpy as np
import pytest

from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.smac.smacv2.names import RACES, SCENARIOS, SIZES
from pymarl.errors import ConfigError
from tests.envs.rules.scene import look, scene

ACTIONS = dict(zip(SIZES, (11, 16, 26, 17, 29), strict=True))
OBS = {
    "protoss": dict(zip(SIZES, (92, 182, 362, 191, 389), strict=True)),
    "other": dict(zip(SIZES, (82, 162, 322, 170, 346), strict=True)),
}
STATE = {
    "protoss": dict(zip(SIZES, (130, 310, 820, 327, 901), strict=True)),
    "other": dict(zip(SIZES, (120, 290, 780, 306, 858), strict=True)),
}
RL_ORDER = [
    "baneling", "colossus", "hydralisk", "marauder", "marine", "medivac", "stalker", "zealot",
    "zergling",
]  # fmt: skip  # a list of names


@pytest.mark.parametrize("race", RACES)
@pytest.mark.parametrize("size", SIZES)
def test_sizes_are_the_published_ones(race, size):
    env = SkirmishEnv(map_name=f"{race}_{size[0]}_vs_{size[1]}")
    info = env.get_env_info()
    kind = race if race == "protoss" else "other"
    sizes = info["n_actions"], info["obs_shape"], info["state_shape"], info["episode_limit"]
    assert sizes == (ACTIONS[size], OBS[kind][size], STATE[kind][size], 200)
    obs, state = env.reset(seed=2)
    assert (env.n_agents, env.n_enemies) == size
    assert len(obs) == size[0]
    assert obs[0].shape == (sizes[1],)
    assert state.shape == (sizes[2],)
    assert len(info["agent_features"]) == env.get_state_dict()["allies"].shape[1]


def test_terran_teams_larger_than_the_enemys_have_an_action_per_agent():
    assert SkirmishEnv(map_name="terran_9_vs_4").n_actions == 6 + 9
    assert SkirmishEnv(map_name="zerg_9_vs_4").n_actions == 6 + 4


@pytest.mark.parametrize("name", SCENARIOS)
def test_agents_are_sorted_by_type_id_x_and_y(name):
    env = SkirmishEnv(map_name=name)
    for seed in range(20):
        env.reset(seed=seed)
        table = env.vector.episode_state.table[0]
        names = env.vector.unit_names[: env.n_agents]
        keys = [
            (RL_ORDER.index(unit), float(table["x"][i]), float(table["y"][i]))
            for i, unit in enumerate(names)
        ]
        assert keys == sorted(keys)
        drawn = env.map.scenario.draw(seed)
        assert sorted(names) == sorted(drawn.allies)
        # Enemies stay in the order of their creation.
        assert env.vector.unit_names[env.n_agents :] == drawn.enemies


RANGES = {
    "stalker": (10, 6), "zealot": (9, 2), "colossus": (10, 7), "zergling": (8, 2),
    "hydralisk": (9, 5), "baneling": (8, 2), "marine": (9, 5), "marauder": (10, 6),
}  # fmt: skip  # a table


@pytest.mark.parametrize("unit", RANGES)
def test_ranges_are_those_of_the_type(unit):
    sight, shoot = RANGES[unit]
    enemies = [
        ("marine", 5 + distance, 16) for distance in (shoot, shoot + 0.001, sight - 0.001, sight)
    ]
    out = look(scene([(unit, 5, 16)], enemies, use_unit_ranges=True))
    assert out.avail[0, 0, 6:].tolist() == [1, 0, 0, 0]
    rows = out.obs[0, 0, 4 : 4 + 4 * 5].reshape(4, 5)
    assert rows[:, 0].tolist() == [1, 0, 0, 0]
    assert (rows[:, 1] > 0).tolist() == [True, True, True, False]
    assert rows[0, 1] == pytest.approx(shoot / sight)
    assert rows[2, 2] == pytest.approx((sight - 0.001) / sight)


def test_medivacs_heal_within_four_and_see_eleven():
    allies = [("medivac", 5, 16), ("marine", 9, 16), ("marine", 9.001, 16.0)]
    out = look(scene(allies, [("marine", 15.9, 16)] * 3, use_unit_ranges=True))
    medivac = 0
    assert out.avail[0, medivac, 6:].tolist() == [0, 1, 0]
    assert out.obs[0, medivac, 4 + 1] == pytest.approx(10.9 / 11)


def test_the_least_range_can_be_set():
    enemies = [("marine", 5 + 2.5, 16)]
    for least, available in ((2, 0), (2.5, 1)):
        v = scene([("zealot", 5, 16)], enemies, use_unit_ranges=True, min_attack_range=least)
        assert look(v).avail[0, 0, 6] == available


def test_own_position_stands_before_the_type_bits():
    allies = [("stalker", 8, 24), ("zealot", 10, 24)]
    enemies = [("stalker", 30, 2), ("zealot", 31, 2)]
    out = look(scene(allies, enemies, obs_own_pos=True))
    assert out.obs[0, 0, -6:].tolist() == pytest.approx([1, 1, 8 / 32, 24 / 32, 1, 0])
    assert out.obs[0, 1, -6:].tolist() == pytest.approx([1, 1, 10 / 32, 24 / 32, 0, 1])


def test_smacs_maps_stay_smacs():
    env = SkirmishEnv(map_name="3m")
    assert env.get_obs_size() == 30
    constants = env.vector.features.units
    assert set(constants["sight_range"]) == {9.0}
    assert set(constants["shoot_range"]) == {6.0}


def test_type_bits_are_the_listed_order_on_both_sides():
    env = SkirmishEnv(map_name="protoss_5_vs_5")
    order = ["stalker", "zealot", "colossus"]
    for seed in range(5):
        env.reset(seed=seed)
        parts = env.get_state_dict()
        bits = np.concatenate([parts["allies"][:, -3:], parts["enemies"][:, -3:]])
        assert [order[k] for k in bits.argmax(1)] == env.vector.unit_names
        assert (bits.sum(1) == 1).all()


# --- action mask
def test_without_the_mask_every_living_target_is_available():
    v = scene(
        [("marine", 5, 16), ("medivac", 6, 16)],
        [("marine", 9, 16), ("marine", 25, 16), ("marine", 26, 16)],
        use_unit_ranges=True,
        action_mask=False,
    )
    v.state.units[0][4].alive = 0
    v.state.units[0][4].health = 0
    out = look(v)
    assert out.avail[0, 0, 6:].tolist() == [1, 1, 0]
    assert out.avail[0, 1, 6:].tolist() == [1, 0, 0]
    # The observation still tells what is in range.
    assert out.obs[0, 0, [4, 4 + 7, 4 + 14]].tolist() == [1, 0, 0]


def test_a_command_beyond_the_range_is_not_given():
    def unit_after(action):
        v = scene(
            [("marine", 5, 16)], [("marine", 25, 16)], use_unit_ranges=True, action_mask=False
        )
        # It looks to the east already: no loop is lost with turning.
        v.state.units[0][0].facing_x, v.state.units[0][0].facing_y = 1.0, 0.0
        v.step(np.array([[4]]))
        v.step(np.array([[action]]))
        return float(v.state.units[0][0].x), v.episode_state.orders[0].tolist()

    # It goes on with its move of two cells to the east; stop would have ended it half way.
    assert unit_after(6) == (pytest.approx(7.0, abs=0.06), [0])
    assert unit_after(1) == (pytest.approx(5 + 8 * 2.25 / 16), [1])


def test_replays_without_the_mask_are_exact():
    from pymarl.envs.skirmish.replays.replay import verify

    env = SkirmishEnv(map_name="terran_5_vs_5", action_mask=False)
    env.reset(seed=4)
    rng, done = np.random.default_rng(0), False
    while not done:
        done = env.step([int(rng.choice(np.flatnonzero(a))) for a in env.avail_array()])[1]
    assert "equal to the bit" in verify(env.replay())


# --- open loop
def test_open_loop_observations_hold_the_time_only():
    env = SkirmishEnv(map_name="zerg_5_vs_5", obs_starcraft=False, obs_timestep_number=True)
    assert env.get_obs_size() == 1
    env.reset(seed=1)
    assert np.stack(env.get_obs()).tolist() == [[0.0]] * 5
    env.step([1 if a[1] else 0 for a in env.get_avail_actions()])
    assert np.stack(env.get_obs()).tolist() == [[np.float32(1 / 200)]] * 5
    with pytest.raises(ConfigError, match="obs_timestep_number=True"):
        SkirmishEnv(map_name="zerg_5_vs_5", obs_starcraft=False)
