"""What runners rely on, for every environment in the registry."""

import os

import numpy as np
import pytest

from pymarl.config.build import resolve
from pymarl.config.plugins import load_plugins
from pymarl.envs import REGISTRY
from pymarl.envs.env_info import EnvInfo
from pymarl.envs.multiagentenv import MultiAgentEnv
from pymarl.errors import ConfigError
from tests.support.standin import install_standin

load_plugins()
# Tests do not see the caller's PYMARL_ variables, but a plug-in's configuration may lie there.
CONFIGS = os.environ.get("PYMARL_CONFIG_DIR")
# Without upstream's environment: it has no seed per episode, and its package is not installed here.
NAMES = [name for name in REGISTRY if name != "smac"]


@pytest.fixture(autouse=True, scope="module")
def standin(tmp_path_factory):
    """Let ``sc2`` play on the stand-in server."""
    return install_standin(tmp_path_factory.mktemp("standin") / "StarCraftII")


@pytest.fixture(autouse=True)
def _game(standin, monkeypatch):
    monkeypatch.setenv("SC2PATH", str(standin))
    if CONFIGS:
        monkeypatch.setenv("PYMARL_CONFIG_DIR", CONFIGS)


def make(name: str) -> MultiAgentEnv:
    args = resolve("qmix", name, ["env_args.seed=5"])
    return REGISTRY[name](**args.env_args.model_dump())


def play(env: MultiAgentEnv, seed: int | None, policy_seed: int):
    """Return everything that can be seen in one episode of random available actions."""
    rng = np.random.default_rng(policy_seed)
    env.reset(seed)
    seen, terminated, steps = [], False, 0
    while not terminated:
        avail = np.array(env.avail_array())
        assert avail.shape == (env.n_agents, env.get_total_actions())
        assert set(np.unique(avail)) <= {0, 1}
        assert (avail.sum(1) >= 1).all()
        assert avail.tolist() == [list(row) for row in env.get_avail_actions()]
        obs, state = np.array(env.obs_array()), np.array(env.get_state())
        assert obs.dtype == state.dtype == np.float32
        assert obs.shape == (env.n_agents, env.get_obs_size())
        assert state.shape == (env.get_state_size(),)
        assert np.array_equal(obs, np.stack(env.get_obs()))
        assert np.isfinite(obs).all()
        assert np.isfinite(state).all()
        actions = [int(rng.choice(np.flatnonzero(row))) for row in avail]
        reward, terminated, info = env.step(actions)
        steps += 1
        assert type(reward) is float
        assert type(terminated) is bool
        assert all(type(value) in (bool, int, float) for value in info.values())
        seen.append(
            (obs.tobytes(), state.tobytes(), avail.tobytes(), reward, terminated, dict(info))
        )
        assert steps <= env.episode_limit
    return seen


@pytest.mark.parametrize("name", NAMES)
def test_an_episode_depends_on_its_seed_and_actions_only(name):
    env, other = make(name), make(name)
    first = play(env, seed=11, policy_seed=0)
    play(env, seed=12, policy_seed=1)
    assert play(env, seed=11, policy_seed=0) == first
    assert play(other, seed=11, policy_seed=0) == first
    env.close()
    other.close()
    env.close()


@pytest.mark.parametrize("name", NAMES)
def test_without_a_seed_the_environments_own_stream_goes_on(name):
    env, other = make(name), make(name)
    a = [play(env, seed=None, policy_seed=k) for k in range(2)]
    b = [play(other, seed=None, policy_seed=k) for k in range(2)]
    assert a == b
    env.close()
    other.close()


@pytest.mark.parametrize("name", NAMES)
def test_env_info_has_pymarls_keys(name):
    env = make(name)
    info = env.get_env_info()
    assert EnvInfo.of(info)._asdict().items() <= info.items()
    assert info["n_agents"] == env.n_agents
    assert info["n_actions"] == env.get_total_actions()
    assert info["obs_shape"] == env.get_obs_size()
    assert info["state_shape"] == env.get_state_size()
    assert info["episode_limit"] == env.episode_limit


@pytest.mark.parametrize("name", NAMES)
def test_the_constructor_takes_what_the_configuration_takes(name):
    model = REGISTRY.config_of(name)
    for wrong in ({"no_such_key": 1}, {"seed": 1.5}, {"seed": -1}, {"map_name": ""}):
        with pytest.raises(ConfigError) as of_model:
            model.parse(wrong)
        with pytest.raises(ConfigError) as of_constructor:
            REGISTRY[name](**wrong)
        assert str(of_constructor.value) == str(of_model.value)
        assert str(of_model.value).startswith(f"env_args.{next(iter(wrong))}=")


@pytest.mark.parametrize("name", NAMES)
def test_an_observer_rebuilds_what_was_shown_to_the_bit(name):
    env = make(name)
    observer, rng = env.observer(), np.random.default_rng(3)
    env.reset(7)
    if observer is None:
        assert env.units_array() is None
        env.close()
        return
    units, actions, shown, terminated = [], [], [], False
    while not terminated:
        units.append(env.units_array().copy())
        avail = np.array(env.avail_array(), np.uint8)
        shown.append((np.array(env.obs_array()), np.array(env.get_state()), avail))
        actions.append([int(rng.choice(np.flatnonzero(row))) for row in avail])
        _, terminated, _ = env.step(actions[-1])
    env.close()
    expected = [np.stack(entry) for entry in zip(*shown, strict=True)]
    rebuilt = [np.full_like(entry, 7) for entry in expected]
    assert units[0].shape == (observer.size,)
    observer.rebuild(np.stack(units), np.array(actions, np.uint8), *rebuilt)
    for one, other in zip(rebuilt, expected, strict=True):
        assert one.tobytes() == other.tobytes()
