"""The simulator as a PyMARL environment (``env=sim``)."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.multiagentenv import MultiAgentEnv
from pymarl.envs.skirmish.batch import BATTLE_WON, DEAD_ALLIES, DEAD_ENEMIES, TIMEOUT
from pymarl.envs.skirmish.export import write_battle
from pymarl.envs.skirmish.replay import Replay, record, replay_path, save
from pymarl.envs.skirmish.vector import VectorSkirmish
from pymarl.envs.smac.names import ally_state_names, enemy_state_names
from pymarl.envs.smac.statedict import state_dict
from pymarl.envs.smac.visibility import visibility_matrix
from pymarl.errors import EnvError

_LOG = logging.getLogger("pymarl.envs.skirmish")
Array = NDArray[Any]


class SkirmishEnv(MultiAgentEnv):
    """One battle of a SMAC map in the embedded simulator.

    SMAC's ``StarCraft2Env``, without StarCraft II.

    Observation: list of N float32 (O,), see ``envs/smac/observation.py``. State: float32 (S,), see
        ``state.py``.
    Actions: 0 no-op (dead), 1 stop, 2-5 move north/south/east/west, 6.. attack enemy k (medivacs:
        heal agent k).
    Reward: SMAC's team reward, see ``reward.py``. End: one side is gone (medivac rule on MMM) or
        the episode limit.

    Args:
        env_args: SMAC's keys and ``map_file``, see ``SmacArgs``; unknown keys are refused.

    Attributes:
        episode_seed: seed of the running episode; ``reset(seed=episode_seed)`` with the same
            actions repeats it.
        vector: the one-environment vector form it runs on.

    Raises:
        ConfigError: an argument or the map is wrong.
    """

    def __init__(self, **env_args: Any) -> None:
        self.vector = VectorSkirmish(1, **env_args)
        self.args = self.vector.args
        self.map = self.vector.map
        self.n_agents, self.n_enemies = self.vector.n_agents, self.vector.n_enemies
        self.n_actions = self.vector.n_actions
        self.episode_limit = self.vector.episode_limit
        self.episode_seed = 0
        self.battles_won = self.battles_game = self.timeouts = 0
        out = self.vector.out
        # The arrays of the only environment; views, so every step is seen through them.
        self._obs: Array = out.obs[0]
        self._state: Array = out.state[0]
        self._avail: Array = out.avail[0]
        self._info: Array = out.info[0]
        self._left: Array = out.left[0]
        self._actions = np.zeros((1, self.n_agents), np.int64)
        self._orders: list[Array] = []
        self._return = 0.0

    # --- episode
    def reset(self, seed: int | None = None) -> tuple[list[Array], Array]:
        """Begin an episode; see ``MultiAgentEnv.reset``."""
        self.vector.reset(seeds=None if seed is None else [seed])
        self.episode_seed = int(self.vector.episode_seeds[0])
        self._orders, self._return = [], 0.0
        return self.get_obs(), self.get_state()

    def step(self, actions: Sequence[int] | Array) -> tuple[float, bool, dict[str, Any]]:
        """Advance one step; see ``MultiAgentEnv.step``.

        With ``heuristic_ai`` the given actions only enter ``last_action``; the scripted ones are
        carried out and,
        as in SMAC, written back into ``actions`` when that is a mutable sequence.
        """
        self._actions[0] = actions
        self.vector.step(self._actions)
        if self.args.heuristic_ai:
            self._write_back(actions)
        self._orders.append(self.vector.memory.orders[0].astype(np.int16))
        out = self.vector.out
        info: dict[str, Any] = {
            "battle_won": bool(self._info[BATTLE_WON]),
            "dead_allies": int(self._info[DEAD_ALLIES]),
            "dead_enemies": int(self._info[DEAD_ENEMIES]),
        }
        reward, terminated = float(out.reward[0]), bool(out.terminated[0])
        self._return += reward
        if terminated:
            self._finish(info)
        if self.args.debug:
            _LOG.debug("actions %s reward %.4f info %s", self._actions[0].tolist(), reward, info)
        return reward, terminated, info

    def _finish(self, info: dict[str, Any]) -> None:
        """Count a finished battle and complete its info."""
        timeout = bool(self._info[TIMEOUT])
        self.battles_game += 1
        self.battles_won += int(info["battle_won"])
        self.timeouts += int(timeout)
        if timeout and self.args.continuing_episode:
            info["episode_limit"] = True
        info["timeout"] = timeout
        info["ally_health_left"] = float(self._left[0])
        info["enemy_health_left"] = float(self._left[1])

    def _write_back(self, actions: Any) -> None:
        """Write the scripted actions into the caller's sequence."""
        orders = self.vector.memory.orders[0]
        if isinstance(actions, list | np.ndarray):
            for i in range(self.n_agents):
                actions[i] = int(orders[i])

    # --- what agents see
    def get_obs(self) -> list[Array]:
        """Return the observations as a list of fresh arrays."""
        return list(self._obs.copy())

    def get_obs_agent(self, agent_id: int) -> Array:
        """Return one observation as a fresh array."""
        one: Array = self._obs[agent_id].copy()
        return one

    def obs_array(self) -> Array:
        """Return all observations, float32 (N, O); valid until the next step or reset."""
        return self._obs

    def get_obs_size(self) -> int:
        """Return O."""
        return self.vector.obs_size

    def get_state(self) -> Array:
        """Return the state as a fresh array."""
        return self._state.copy()

    def get_state_size(self) -> int:
        """Return S."""
        return self.vector.state_size

    def get_state_dict(self) -> dict[str, Any]:
        """Return the state as SMAC's dictionary.

        Allies, enemies, and last_action and timestep when configured.
        """
        return state_dict(self.vector.features, self._state, self.args)

    def get_avail_actions(self) -> list[list[int]]:
        """Return the availability of all agents as lists."""
        return cast(list[list[int]], self._avail.tolist())

    def get_avail_agent_actions(self, agent_id: int) -> list[int]:
        """Return the availability of one agent as a list."""
        return cast(list[int], self._avail[agent_id].tolist())

    def avail_array(self) -> Array:
        """Return the availability, uint8 (N, A); valid until the next step or reset."""
        return self._avail

    def get_total_actions(self) -> int:
        """Return A."""
        return self.n_actions

    def get_visibility_matrix(self) -> Array:
        """Return bool (N, N + E): which units each agent sees."""
        return visibility_matrix(self.vector.memory.table[0], self.n_agents)

    # --- bookkeeping
    def get_stats(self) -> dict[str, Any]:
        """Return SMAC's counters since the environment was made.

        ``win_rate`` is 0 before the first battle ends.
        """
        return {
            "battles_won": self.battles_won,
            "battles_game": self.battles_game,
            "battles_draw": self.timeouts,
            "win_rate": self.battles_won / self.battles_game if self.battles_game else 0.0,
            "timeouts": self.timeouts,
            "restarts": 0,
        }

    def get_env_info(self) -> dict[str, Any]:
        """Return the sizes and SMAC's names of the state's features."""
        return {
            **super().get_env_info(),
            "agent_features": ally_state_names(self.map),
            "enemy_features": enemy_state_names(self.map),
        }

    def seed(self) -> int | None:
        """Return the seed of the environment's own stream."""
        return self.args.seed

    def replay(self) -> Replay:
        """Return the replay of the episode so far.

        Raises:
            EnvError: no step was made yet.
        """
        if not self._orders:
            raise EnvError("there is nothing to replay: no step was made since the last reset")
        won, timeout = bool(self._info[BATTLE_WON]), bool(self._info[TIMEOUT])
        orders = np.array(self._orders)
        return record(self.vector, self.episode_seed, orders, won, timeout, self._return)

    def save_replay(self) -> None:
        """Write the episode so far to ``replay_dir`` (default.

        The current folder), never over another file.

        Beside the replay lies the same battle as JSON for the report's viewer.
        """
        prefix = self.args.replay_prefix or self.map.name
        path = replay_path(Path(self.args.replay_dir or "."), prefix, self.episode_seed)
        recorded = self.replay()
        save(recorded, path)
        write_battle(recorded, path.with_suffix(".json"), every=4)
        _LOG.info("replay saved at %s", path)

    def close(self) -> None:
        """Free the worker threads (there are none with one environment)."""
        self.vector.close()
