"""Upstream's own StarCraft2Env as a PyMARL environment (``env=smac``), for comparing."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from typing_extensions import override

from pymarl.envs.joint_actions import joint_action, not_running
from pymarl.envs.multiagentenv import Array, Info, MultiAgentEnv
from pymarl.envs.starcraft2 import requirements
from pymarl.envs.starcraft2.args import UpstreamSmacArgs
from pymarl.envs.starcraft2.client.server_identity import server_provenance
from pymarl.envs.starcraft2.no_copies import NoCopies
from pymarl.errors import EnvError, EpisodeLostError


class UpstreamSmacEnv(NoCopies, MultiAgentEnv):
    """A thin adapter of ``smac.env.StarCraft2Env``; the package must be installed.

    Everything is upstream's but two things. An episode in which upstream had to restart the game is
    void, where upstream reports a lost battle; and ``reset`` goes on until a first observation
    belongs to the game that runs. Upstream has no seed per episode: ``reset(seed)`` ignores it.

    Args:
        env_args: upstream's own, see ``UpstreamSmacArgs``.

    Attributes:
        env: upstream's environment.

    Raises:
        ConfigError: an argument is wrong, or the package is missing.
    """

    def __init__(self, **env_args: Any) -> None:
        args = UpstreamSmacArgs.parse(env_args)
        requirements.check_packages()
        requirements.check_upstream_package()
        with _naming_upstream():
            from smac.env import StarCraft2Env

            self.env: Any = StarCraft2Env(**args.model_dump())
        self.n_agents = int(self.env.n_agents)
        self.episode_limit = int(self.env.episode_limit)
        self._seed = args.seed
        self._provenance: Info = {}

    @override
    def reset(self, seed: int | None = None) -> tuple[list[Array], Array]:
        """Start an episode; ``seed`` is ignored, because upstream has none per episode."""
        before = None
        while before != self.env.force_restarts:
            if not self.env.battles_game:
                # Until an episode has ended, upstream starts a game at every reset and forgets the
                # last one.
                self.env.close()
            before = self.env.force_restarts
            with _naming_upstream():
                self.env.reset()
        if not self._provenance:
            # There is no public way to ask; the private name is that of all its versions.
            with _naming_upstream():
                self._provenance = server_provenance(self.env._controller.ping())
        return self.get_obs(), self.get_state()

    @override
    def step(self, actions: Sequence[int] | Array) -> tuple[float, bool, Info]:
        """Advance one step.

        Raises:
            EpisodeLostError: upstream had to restart the game.
        """
        if not self._provenance:
            raise not_running(begun=False)
        before, given = self.env.force_restarts, joint_action(actions, self.n_agents)
        with _naming_upstream():
            reward, terminated, info = self.env.step(given)
        if self.env.force_restarts != before:
            raise EpisodeLostError("upstream's environment restarted the game in an episode")
        return float(reward), bool(terminated), {key: _python_number(info[key]) for key in info}

    @override
    def get_obs(self) -> list[Array]:
        return [np.asarray(obs, np.float32) for obs in self.env.get_obs()]

    @override
    def get_obs_agent(self, agent_id: int) -> Array:
        return np.asarray(self.env.get_obs_agent(agent_id), np.float32)

    @override
    def get_obs_size(self) -> int:
        return int(self.env.get_obs_size())

    @override
    def get_state(self) -> Array:
        return np.asarray(self.env.get_state(), np.float32)

    @override
    def get_state_size(self) -> int:
        return int(self.env.get_state_size())

    @override
    def get_avail_actions(self) -> list[list[int]]:
        return [self.get_avail_agent_actions(agent) for agent in range(self.n_agents)]

    @override
    def get_avail_agent_actions(self, agent_id: int) -> list[int]:
        return [int(one) for one in self.env.get_avail_agent_actions(agent_id)]

    @override
    def get_total_actions(self) -> int:
        return int(self.env.get_total_actions())

    @override
    def get_stats(self) -> Info:
        """Return upstream's counters; before the first battle, when upstream divides by zero, 0."""
        if not self.env.battles_game:
            names = ("battles_won", "battles_game", "battles_draw", "win_rate", "timeouts")
            return dict.fromkeys(names, 0) | {"restarts": int(self.env.force_restarts)}
        return {key: _python_number(value) for key, value in self.env.get_stats().items()}

    @override
    def get_env_info(self) -> Info:
        return dict(self.env.get_env_info())

    @override
    def provenance(self) -> Info:
        """Return the game's build and whether it is the stand-in; starts the game if need be."""
        if not self._provenance:
            self.reset()
        return dict(self._provenance)

    @override
    def seed(self) -> int | None:
        """Return the seed the game was created with."""
        return self._seed

    @override
    def save_replay(self) -> None:
        self.env.save_replay()

    @override
    def close(self) -> None:
        self.env.close()


@contextlib.contextmanager
def _naming_upstream() -> Iterator[None]:
    """Raise whatever upstream raises as this project's error that names it.

    Raises:
        EnvError: upstream, pysc2 or the game failed.
    """
    try:
        yield
    except Exception as error:
        raise EnvError(f"upstream's environment: {type(error).__name__}: {error}") from error


def _python_number(value: Any) -> Any:
    """Return a NumPy number as Python's."""
    return value.item() if isinstance(value, np.generic) else value
