"""What all environments of SMAC's definition share, whatever engine plays the battle."""

import logging
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from pymarl.envs.multiagentenv import MultiAgentEnv
from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.battle_info import BattleCounters, episode_info, feature_names, step_info
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.rules.episode import EpisodeState, StepOutput
from pymarl.envs.smac.rules.feature_records import Features
from pymarl.envs.smac.rules.relative_positions import visibility_matrix
from pymarl.envs.smac.state_description import state_dict

_LOG = logging.getLogger("pymarl.envs.smac")
Actions = Sequence[int] | NDArray[Any]


class SmacEnv(MultiAgentEnv):
    """SMAC's ``StarCraft2Env`` without the engine: what agents see, infos and counters.

    Observation: list of N float32 (O,), see ``rules/observation.py``.
    State: float32 (S,), see ``rules/state.py``.
    Actions: 0 no-op (the dead), 1 stop, 2-5 move north, south, east, west, 6 + k attack enemy k
        (medivacs: heal agent k); see ``rules/actions.py``.
    Reward: SMAC's team reward, see ``rules/reward.py``.
    End: one side is gone (medivac rule on MMM), or the episode limit.

    An engine's class fills the unit table, has the kernels of ``rules/episode.py`` write the
    output, counts the battles that end, and returns ``_results()`` from ``step``.

    Args:
        args: SMAC's keys.
        spec: the map.
        features: of the map and the keys.
        episode: the state of one environment.
        out: the output of one environment; what it held is replaced in every step.
    """

    def __init__(
        self,
        args: SmacArgs,
        spec: MapSpec,
        features: Features,
        episode: EpisodeState,
        out: StepOutput,
    ) -> None:
        self.args, self.map, self.features = args, spec, features
        self.n_agents, self.n_enemies = spec.n_agents, spec.n_enemies
        self.n_actions = int(features.sizes[0].n_actions)
        self.episode_limit = spec.limit
        self.battles = BattleCounters()
        self._show(episode, out)

    def _show(self, episode: EpisodeState, out: StepOutput) -> None:
        """Show these arrays from now on."""
        self._episode, self._out = episode, out
        # Of the only environment; views, so every step is seen through them.
        self._info = cast(NDArray[Any], out.info)
        self._obs: NDArray[Any] = out.obs[0]
        self._state: NDArray[Any] = out.state[0]
        self._avail: NDArray[Any] = out.avail[0]

    # --- playing
    @abstractmethod
    @override
    def step(self, actions: Actions) -> tuple[float, bool, dict[str, Any]]:
        """Advance one step; see ``MultiAgentEnv.step``.

        With ``heuristic_ai`` the given actions only enter ``last_action``; the scripted ones are
        carried out and, as in SMAC, written back into ``actions`` when that is a mutable sequence.
        """

    def _results(self, actions: Actions) -> tuple[float, bool, dict[str, Any]]:
        """Return what ``step(actions)`` returns, from the arrays the kernels have written."""
        if self.args.heuristic_ai and isinstance(actions, list | np.ndarray):
            actions[:] = self._episode.orders[0].tolist()
        # Of the only environment: item() takes a third of the time of indexing.
        info = step_info(self._info.item())
        reward, terminated = self._out.reward.item(), bool(self._out.terminated.item())
        if terminated:
            info = episode_info(self._out, 0, continuing_episode=self.args.continuing_episode)
        if self.args.debug:
            given = self._episode.last_actions[0].tolist()
            _LOG.debug("actions %s reward %.4f info %s", given, reward, info)
        return reward, terminated, info

    # --- what agents see
    def get_obs(self) -> list[NDArray[Any]]:
        """Return the observations as a list of fresh arrays."""
        return list(self._obs.copy())

    def get_obs_agent(self, agent_id: int) -> NDArray[Any]:
        """Return one observation as a fresh array."""
        one: NDArray[Any] = self._obs[agent_id].copy()
        return one

    def obs_array(self) -> NDArray[Any]:
        """Return all observations, float32 (N, O); valid until the next step or reset."""
        return self._obs

    @override
    def get_obs_size(self) -> int:
        return int(self.features.sizes[0].obs_size)

    def get_state(self) -> NDArray[Any]:
        """Return the state as a fresh array."""
        return self._state.copy()

    @override
    def get_state_size(self) -> int:
        return int(self.features.sizes[0].state_size)

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

    def avail_array(self) -> NDArray[Any]:
        """Return the availability, uint8 (N, A); valid until the next step or reset."""
        return self._avail

    @override
    def get_total_actions(self) -> int:
        return self.n_actions

    def get_visibility_matrix(self) -> NDArray[Any]:
        """Return bool (N, N + E): which units each agent sees."""
        sight = self._episode.unit_constants[0]["sight_range"][: self.n_agents]
        return visibility_matrix(self._episode.table[0], self.n_agents, sight)

    # --- bookkeeping
    def get_stats(self) -> dict[str, Any]:
        """Return SMAC's counters since the environment was made."""
        return self.battles.stats()

    def get_env_info(self) -> dict[str, Any]:
        """Return the sizes and SMAC's names of the state's features."""
        return {**super().get_env_info(), **feature_names(self.map, self.args)}

    def seed(self) -> int | None:
        """Return the seed of the environment's own stream."""
        return self.args.seed
