"""The adapter of upstream's environment, against a minimal fake of its package."""

import sys
import types

import numpy as np
import pytest

from pymarl.config.build import resolve
from pymarl.envs import REGISTRY
from pymarl.envs.starcraft2 import requirements
from pymarl.envs.starcraft2.__main__ import main
from pymarl.envs.starcraft2.args import UpstreamSmacArgs
from pymarl.envs.starcraft2.client.server_identity import (
    STANDIN_MARK,
    server_provenance,
    standin_data_version,
)
from pymarl.envs.starcraft2.tools.upstream_parity import compare
from pymarl.envs.starcraft2.upstream_smac_env import UpstreamSmacEnv
from pymarl.errors import ConfigError, EnvError, EpisodeLostError


class FakeSmac:
    """What the adapter uses of upstream's StarCraft2Env: two agents, one enemy, three steps."""

    def __init__(self, map_name="8m", seed=None, **rest):
        self.map_name, self._seed, self.rest = map_name, seed, rest
        self.n_agents, self.episode_limit = 2, 3
        self.force_restarts = self.battles_game = self.resets = self.closed = 0
        self.crash_at_step = self.crash_at_reset = False
        self._controller = None

    def reset(self):
        self.resets += 1
        self._controller = types.SimpleNamespace(ping=self.ping)
        self.steps = 0
        if self.crash_at_reset:
            self.crash_at_reset = False
            self.force_restarts += 1

    def ping(self):
        return types.SimpleNamespace(
            game_version="4.10.0.75689", data_version="B89B", base_build=75689
        )

    def step(self, actions):
        if self.crash_at_step:
            self.force_restarts += 1
            return 0, True, {}
        self.steps += 1
        over = self.steps == 3
        self.battles_game += over
        return np.float64(0.5), over, {"battle_won": np.bool_(over), "dead_enemies": 1}

    def get_obs(self):
        return [np.full(4, self.steps, np.float64) for _ in range(2)]

    def get_obs_agent(self, agent):
        return self.get_obs()[agent]

    def get_obs_size(self):
        return 4

    def get_state(self):
        return np.full(5, self.steps, np.float64)

    def get_state_size(self):
        return 5

    def get_avail_agent_actions(self, agent):
        return [0, 1] + [0] * 4 + [np.float64(agent)]

    def get_total_actions(self):
        return 7

    def get_stats(self):
        rate = 1 / self.battles_game  # upstream divides by zero before the first battle
        return {"battles_game": self.battles_game, "win_rate": np.float64(rate)}

    def get_env_info(self):
        return {"n_agents": 2, "obs_shape": 4}

    def save_replay(self):
        self.saved = True

    def close(self):
        self.closed += 1


@pytest.fixture
def smac(monkeypatch):
    package, env = types.ModuleType("smac"), types.ModuleType("smac.env")
    env.StarCraft2Env, package.env = FakeSmac, env
    package.__path__, env.__spec__ = [], types.SimpleNamespace(name="smac.env")
    monkeypatch.setitem(sys.modules, "smac", package)
    monkeypatch.setitem(sys.modules, "smac.env", env)


def test_it_speaks_our_contract(smac):
    args = resolve("qmix", "smac", ["env_args.map_name=2s3z", "env_args.seed=7"]).env_args
    env = REGISTRY["smac"](**args.model_dump())
    assert env.env.map_name == "2s3z"
    assert env.env.rest["reward_win"] == 200
    assert "map_file" not in env.env.rest
    assert (env.seed(), env.n_agents, env.episode_limit) == (7, 2, 3)
    assert env.get_stats()["win_rate"] == 0
    env.reset(5)
    assert env.obs_array().dtype == env.get_state().dtype == np.float32
    assert env.avail_array().tolist() == [[0, 1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 1]]
    reward, over, info = env.step([1, 1])
    assert (type(reward), type(over)) == (float, bool)
    assert {key: type(value) for key, value in info.items()} == {
        "battle_won": bool,
        "dead_enemies": int,
    }
    env.step([1, 1])
    assert env.step([1, 1])[1]
    assert type(env.get_stats()["win_rate"]) is float
    env.save_replay()
    assert env.env.saved


def test_a_restart_in_an_episode_voids_it(smac):
    env = UpstreamSmacEnv(map_name="3m")
    env.reset()
    env.env.crash_at_step = True
    with pytest.raises(EpisodeLostError):
        env.step([1, 1])


def test_a_restart_in_a_reset_is_reset_again(smac):
    env = UpstreamSmacEnv(map_name="3m")
    env.env.crash_at_reset = True
    env.reset()
    assert env.env.resets == 2
    # Until an episode has ended upstream forgets the running game at a reset: it is closed first.
    assert env.env.closed == 2


def test_it_tells_the_game_from_the_stand_in(smac):
    game = UpstreamSmacEnv(map_name="3m").provenance()
    assert (game["backend"], game["engine_version"]) == ("sc2", None)
    env = UpstreamSmacEnv(map_name="3m")
    answer = types.SimpleNamespace(
        game_version="4.10", data_version=f"{STANDIN_MARK}, of some kind"
    )
    env.env.ping = lambda: answer
    standin = env.provenance()
    # It tells no version of its engine: from before they were counted.
    assert (standin["backend"], standin["engine_version"]) == ("standin", 1)


def test_the_stand_in_tells_the_version_of_its_engine():
    for version in (1, 2, 31):
        answer = types.SimpleNamespace(
            game_version="4.10.0.75689", data_version=standin_data_version(version)
        )
        assert server_provenance(answer)["engine_version"] == version
    game = types.SimpleNamespace(game_version="4.10.0.75689", data_version="engine 2")
    assert server_provenance(game)["engine_version"] is None


def test_whatever_upstream_raises_is_an_error_with_its_name(smac):
    def fails(*_):
        raise RuntimeError("no SC2 binary")

    env = UpstreamSmacEnv(map_name="3m")
    env.env.reset = fails
    with pytest.raises(EnvError, match="upstream's environment: RuntimeError: no SC2 binary"):
        env.reset()


def test_without_the_package_it_says_how_to_get_it(sc2path):
    if requirements.is_importable("smac.env"):
        pytest.skip("upstream's package is installed here")
    with pytest.raises(ConfigError, match=r"PyPI's 'smac' is something else.*oxwhirl/smac"):
        UpstreamSmacEnv(map_name="3m")
    with pytest.raises(ConfigError, match="oxwhirl/smac"):
        UpstreamSmacArgs(map_name="3m").check_available()


@pytest.mark.skipif(
    not requirements.is_importable("smac.env"), reason="upstream's package is not installed"
)
@pytest.mark.parametrize("name", ["3m", "MMM2", "2s3z", "1c3s5z", "bane_vs_bane"])
def test_upstreams_environment_gives_the_same(name, sc2path, capsys):
    assert main(["parity", "--map", name, "--episodes", "2"]) == 0
    assert "difference: None" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["observation", "state", "availability", "reward", "info", None])
def test_parity_finds_the_first_difference(smac, what):
    class Other(FakeSmac):
        def get_obs(self):
            obs = super().get_obs()
            obs[1][2] += 0.25 * (what == "observation" and self.steps == 2)
            return obs

        def get_state(self):
            return super().get_state() + (what == "state" and self.steps == 2)

        def get_avail_agent_actions(self, agent):
            avail = super().get_avail_agent_actions(agent)
            avail[2] = int(what == "availability" and self.steps == 2)
            return avail

        def step(self, actions):
            reward, over, info = super().step(actions)
            if what == "info" and self.steps == 2:
                info["dead_enemies"] = 0
            return reward + (what == "reward" and self.steps == 2), over, info

    ours, other = UpstreamSmacEnv(map_name="3m"), UpstreamSmacEnv(map_name="3m")
    other.env = Other()
    result = compare(ours, other, episodes=2, seed=0, reseed=False)
    if what is None:
        assert result.difference is None
        assert (result.episodes, result.steps) == (2, 6)
        return
    assert result.difference.quantity == what
    assert (result.difference.episode, result.difference.step) == (0, 2)
    if what == "observation":
        assert str(result.difference) == (
            "episode 0, step 2: observation [1, 2]: ours 2.0, upstream's 2.25"
        )
