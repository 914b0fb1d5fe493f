"""Upstream's own StarCraft2Env as a PyMARL environment (``env=smac``), for comparing."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from pymarl.envs.multiagentenv import Array, Info, MultiAgentEnv
from pymarl.envs.starcraft2 import needs
from pymarl.envs.starcraft2.about import describe
from pymarl.errors import EnvError, EpisodeLostError


class UpstreamSmacEnv(MultiAgentEnv):
    """A thin adapter of ``smac.env.StarCraft2Env``; the package must be installed.

    Everything is upstream's but two things. An episode in which upstream had to restart the game is
    void, where upstream reports a lost battle; and ``reset`` goes on until a first observation
    belongs to the game that runs. Upstream has no seed per episode: ``reset(seed)`` ignores it.

    Args:
        env_args: upstream's own.

    Attributes:
        env: upstream's environment.

    Raises:
        ConfigError: the package is missing.
    """

    def __init__(self, **env_args: Any) -> None:
        needs.require()
        needs.require_upstream()
        with _named():
            from smac.env import StarCraft2Env

            self.env: Any = StarCraft2Env(**env_args)
        self.n_agents = int(self.env.n_agents)
        self.episode_limit = int(self.env.episode_limit)
        self._seed = env_args.get("seed")
        self._origin: Info = {}

    def reset(self, seed: int | None = None) -> tuple[list[Array], Array]:
        """Begin an episode; see ``MultiAgentEnv.reset``."""
        before = None
        while before != self.env.force_restarts:
            if not self.env.battles_game:
                # Until an episode has ended, upstream starts a game at every reset and forgets the
                # last one.
                self.env.close()
            before = self.env.force_restarts
            with _named():
                self.env.reset()
        if not self._origin:
            # There is no public way to ask; the private name is that of all its versions.
            with _named():
                self._origin = describe(self.env._controller.ping())
        return self.get_obs(), self.get_state()

    def step(self, actions: Sequence[int] | Array) -> tuple[float, bool, Info]:
        """Advance one step; see ``MultiAgentEnv.step``.

        Raises:
            EpisodeLostError: upstream had to restart the game.
        """
        before = self.env.force_restarts
        with _named():
            reward, terminated, info = self.env.step(actions)
        if self.env.force_restarts != before:
            raise EpisodeLostError("upstream's environment restarted the game in an episode")
        return float(reward), bool(terminated), {key: _plain(info[key]) for key in info}

    def get_obs(self) -> list[Array]:
        """Return upstream's observations as float32."""
        return [np.asarray(obs, np.float32) for obs in self.env.get_obs()]

    def get_obs_agent(self, agent_id: int) -> Array:
        """Return one of upstream's observations as float32."""
        return np.asarray(self.env.get_obs_agent(agent_id), np.float32)

    def get_obs_size(self) -> int:
        """Return O."""
        return int(self.env.get_obs_size())

    def get_state(self) -> Array:
        """Return upstream's state as float32."""
        return np.asarray(self.env.get_state(), np.float32)

    def get_state_size(self) -> int:
        """Return S."""
        return int(self.env.get_state_size())

    def get_avail_actions(self) -> list[list[int]]:
        """Return upstream's availability."""
        return [self.get_avail_agent_actions(agent) for agent in range(self.n_agents)]

    def get_avail_agent_actions(self, agent_id: int) -> list[int]:
        """Return upstream's availability of one agent."""
        return [int(one) for one in self.env.get_avail_agent_actions(agent_id)]

    def get_total_actions(self) -> int:
        """Return A."""
        return int(self.env.get_total_actions())

    def get_stats(self) -> Info:
        """Return upstream's counters; before the first battle, when upstream divides by zero, 0."""
        if not self.env.battles_game:
            names = ("battles_won", "battles_game", "battles_draw", "win_rate", "timeouts")
            return dict.fromkeys(names, 0) | {"restarts": int(self.env.force_restarts)}
        return {key: _plain(value) for key, value in self.env.get_stats().items()}

    def get_env_info(self) -> Info:
        """Return upstream's sizes."""
        return dict(self.env.get_env_info())

    def provenance(self) -> Info:
        """Return the game's build and whether it is the stand-in; starts the game if need be."""
        if not self._origin:
            self.reset()
        return dict(self._origin)

    def seed(self) -> int | None:
        """Return the seed the game was created with."""
        return self._seed

    def save_replay(self) -> None:
        """Have upstream save its replay."""
        self.env.save_replay()

    def close(self) -> None:
        """Have upstream end the game."""
        self.env.close()


@contextlib.contextmanager
def _named() -> Iterator[None]:
    """Raise whatever upstream raises as an error of ours that names it.

    Raises:
        EnvError: upstream, pysc2 or the game failed.
    """
    try:
        yield
    except Exception as error:
        raise EnvError(f"upstream's environment: {type(error).__name__}: {error}") from error


def _plain(value: Any) -> Any:
    """Return a NumPy number as Python's."""
    return value.item() if isinstance(value, np.generic) else value
