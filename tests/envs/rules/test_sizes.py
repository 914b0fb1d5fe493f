"""Sizes and orders that published code and papers state for SMAC, on every map."""

import numpy as np
import pytest

from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.smac.maps.map_spec import map_names

# With SMAC's default options.
SIZES = {
    "3m": (30, 48, 9), "8m": (80, 168, 14), "5m_vs_6m": (55, 98, 12), "2s3z": (80, 120, 11),
    "3s5z": (128, 216, 14), "3s5z_vs_3s6z": (136, 230, 15), "1c3s5z": (162, 270, 15),
    "MMM": (160, 290, 16), "MMM2": (176, 322, 18), "10m_vs_11m": (105, 243, 17),
    "27m_vs_30m": (285, 1170, 36), "corridor": (156, 282, 30), "6h_vs_8z": (78, 140, 14),
    "2c_vs_64zg": (332, 342, 70),
}  # fmt: skip  # a table of triples


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
    rows = state[: info["n_agents"] * info["unit_dim"]].reshape(info["n_agents"], -1)
    assert np.array_equal(rows, env.get_state_dict()["allies"])
    assert len(info["enemy_features"]) == env.get_state_dict()["enemies"].shape[1]


def test_obs_instead_of_state_joins_the_observations():
    env = SkirmishEnv(map_name="3m", obs_instead_of_state=True)
    obs, state = env.reset(seed=3)
    assert np.array_equal(np.concatenate(obs), state)
    assert env.get_env_info()["unit_dim"] == len(obs[0])
    assert env.get_state_size() == 3 * env.get_obs_size()


def test_health_options_shrink_the_observation():
    full, own, none = (
        SkirmishEnv(map_name="2s3z", obs_all_health=a, obs_own_health=o).get_obs_size()
        for a, o in ((True, True), (False, True), (False, False))
    )
    assert (full - own, own - none) == (2 * 9, 2)


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
