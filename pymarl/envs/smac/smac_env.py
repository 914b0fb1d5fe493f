"""What all environments of SMAC's definition share, whatever engine plays the battle."""

import logging
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.multiagentenv import MultiAgentEnv
from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.battle_info import BattleCounters, episode_info, feature_names, step_info
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.rules import features as D
from pymarl.envs.smac.rules.episode import Memory, Out
from pymarl.envs.smac.rules.state_dict import state_dict
from pymarl.envs.smac.rules.visibility import visibility_matrix

_LOG = logging.getLogger("pymarl.envs.smac")
Array = NDArray[Any]


class SmacEnv(MultiAgentEnv):
    """SMAC's ``StarCraft2Env`` without the engine: what agents see, infos and counters.

    Observation: list of N float32 (O,), see ``rules/observation.py``. State: float32 (S,), see
        ``rules/state.py``.
    Actions: 0 no-op (dead), 1 stop, 2-5 move north/south/east/west, 6.. attack enemy k (medivacs:
        heal agent k).
    Reward: SMAC's team reward, see ``rules/reward.py``. End: one side is gone (medivac rule on MMM)
        or the episode limit.

    An engine's class fills ``memory.table[0]``, has the kernels of ``rules/episode.py`` write
    ``out``, and returns ``_results()`` from ``step``.

    Args:
        args: SMAC's keys.
        spec: the map.
        features: the map's arrays for the feature kernels.
        memory: of one environment.
        out: of one environment.
    """

    def __init__(
        self, args: SmacArgs, spec: MapSpec, features: D.Features, memory: Memory, out: Out
    ) -> None:
        self.args, self.map, self.features = args, spec, features
        self.n_agents, self.n_enemies = int(features.c[D.N]), int(features.c[D.E])
        self.n_actions = int(features.c[D.A])
        self.episode_limit = spec.limit
        self.battles = BattleCounters()
        self._memory, self._out = memory, out
        # The arrays of the only environment; views, so every step is seen through them.
        self._obs: Array = out.obs[0]
        self._state: Array = out.state[0]
        self._avail: Array = out.avail[0]
        self._info: Array = out.info[0]

    @abstractmethod
    def step(self, actions: Sequence[int] | Array) -> tuple[float, bool, dict[str, Any]]:
        """Advance one step; see ``MultiAgentEnv.step``.

        With ``heuristic_ai`` the given actions only enter ``last_action``; the scripted ones are
        carried out and, as in SMAC, written back into ``actions`` when that is a mutable sequence.
        """

    def _results(self, actions: Sequence[int] | Array) -> tuple[float, bool, dict[str, Any]]:
        """Return what ``step(actions)`` returns, from the arrays the kernels have written."""
        if self.args.heuristic_ai:
            self._write_back(actions)
        info = step_info(self._info.tolist())
        reward, terminated = float(self._out.reward[0]), bool(self._out.terminated[0])
        if terminated:
            info = episode_info(self._out, 0, continuing_episode=self.args.continuing_episode)
            self.battles.count(won=info["battle_won"], timeout=info["timeout"])
        if self.args.debug:
            given = self._memory.last[0].tolist()
            _LOG.debug("actions %s reward %.4f info %s", given, reward, info)
        return reward, terminated, info

    def _write_back(self, actions: Any) -> None:
        """Write the scripted actions into the caller's sequence."""
        orders = self._memory.orders[0]
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
        return int(self.features.c[D.O])

    def get_state(self) -> Array:
        """Return the state as a fresh array."""
        return self._state.copy()

    def get_state_size(self) -> int:
        """Return S."""
        return int(self.features.c[D.S])

    def get_state_dict(self) -> dict[str, Any]:
        """Return the state as SMAC's dictionary.

        Allies, enemies, and last_action and timestep when configured.
        """
        return state_dict(self.features, self._state, self.args)

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
        return visibility_matrix(self._memory.table[0], self.n_agents)

    # --- bookkeeping
    def get_stats(self) -> dict[str, Any]:
        """Return SMAC's counters since the environment was made."""
        return self.battles.stats()

    def get_env_info(self) -> dict[str, Any]:
        """Return the sizes and SMAC's names of the state's features."""
        return {**super().get_env_info(), **feature_names(self.map)}

    def seed(self) -> int | None:
        """Return the seed of the environment's own stream."""
        return self.args.seed
