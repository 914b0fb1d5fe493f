"""The simulator as a PettingZoo ``ParallelEnv`` (extra ``pettingzoo``)."""

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, Space
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from pymarl.envs.joint_actions import whole_numbers
from pymarl.envs.multiagentenv import wrong_snapshot
from pymarl.envs.skirmish.replays.render import MODES, check_mode
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.skirmish.snapshots import BattleSnapshot
from pymarl.envs.smac.rules.actions import NO_OP, STOP
from pymarl.errors import EnvError
from pymarl.utils.suggest import did_you_mean

Observation = dict[str, Any]


class SkirmishParallelEnv(ParallelEnv[str, Observation, int]):  # type: ignore[misc]  # pettingzoo is untyped
    """One battle for PettingZoo: agents ``agent_0``.., a dead agent leaves the episode.

    Observation per agent: {"observation": float32 (O,), "action_mask": int8 (A,)}. Every agent gets
    the team reward. ``terminations`` are deaths and the end of the battle, ``truncations`` the
    episode limit. Deviation from SMAC: dead agents are gone, so the no-op never has to be chosen;
    an unavailable action of a living agent is replaced by "stop", as PettingZoo's tests sample
    without masks.

    Args:
        render_mode: one of ``metadata["render_modes"]``, or None.
        env_args: as for ``SkirmishEnv``.
    """

    metadata: dict[str, Any] = {"name": "skirmish_v0", "render_modes": list(MODES)}  # noqa: RUF012  # the base class declares a dict

    def __init__(self, render_mode: str | None = None, **env_args: Any) -> None:
        self.render_mode = None if render_mode is None else check_mode(render_mode)
        self.env = SkirmishEnv(**env_args)
        self.possible_agents = [f"agent_{i}" for i in range(self.env.n_agents)]
        self.agents: list[str] = []
        sizes = self.env.get_obs_size(), self.env.n_actions
        self.observation_spaces: dict[str, Space[Any]] = {
            name: Dict(
                {
                    "observation": Box(-np.inf, np.inf, (sizes[0],), np.float32),
                    "action_mask": Box(0, 1, (sizes[1],), np.int8),
                }
            )
            for name in self.possible_agents
        }
        self.action_spaces: dict[str, Space[Any]] = {
            name: Discrete(sizes[1]) for name in self.possible_agents
        }

    def observation_space(self, agent: str) -> Space[Any]:
        """Return the agent's observation space."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Space[Any]:
        """Return the agent's action space."""
        return self.action_spaces[agent]

    def state(self) -> Any:
        """Return the global state, float32 (S,)."""
        return self.env.get_state()

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, dict[str, Any]]]:
        """Begin an episode; see ``ParallelEnv.reset``."""
        self.env.reset(seed)
        self.agents = list(self.possible_agents)
        return self._observations(), {name: {} for name in self.agents}

    def step(
        self, actions: dict[str, int]
    ) -> tuple[
        dict[str, Observation],
        dict[str, float],
        dict[str, bool],
        dict[str, bool],
        dict[str, dict[str, Any]],
    ]:
        """Advance one step; see ``ParallelEnv.step``.

        Raises:
            EnvError: no episode runs, an agent is unknown, or an action is no action at all.
        """
        wanted = self._wanted(actions)
        avail = self.env.avail_array()
        available = np.take_along_axis(avail, wanted[:, None], 1)[:, 0] > 0
        # The living stop instead of what they cannot do; the dead have the no-op.
        chosen = np.where(avail[:, STOP] > 0, np.where(available, wanted, STOP), NO_OP)
        reward, over, info = self.env.step(chosen)
        timeout = bool(info.get("timeout", False))
        # Only the living may stop.
        alive = self.env.avail_array()[:, STOP]
        acting = self.agents
        index = {name: i for i, name in enumerate(self.possible_agents)}
        terminations = {name: (over and not timeout) or not alive[index[name]] for name in acting}
        observations = self._observations()
        result = (
            observations,
            dict.fromkeys(acting, reward),
            {name: bool(value) for name, value in terminations.items()},
            {name: timeout and not terminations[name] for name in acting},
            {name: dict(info) for name in acting},
        )
        self.agents = [] if over else [name for name in acting if not terminations[name]]
        return result

    def _wanted(self, actions: Any) -> NDArray[np.int64]:
        """Return the actions that agents ask for, int64 (N,), "stop" for those who do not.

        Raises:
            EnvError: as :meth:`step`.
        """
        if not isinstance(actions, dict):
            raise EnvError(
                f"step: expected a dictionary from names of agents to actions, as in "
                f"{{'agent_0': 1}}, got {type(actions).__name__}"
            )
        names, n_actions = self.possible_agents, self.env.n_actions
        wanted = np.full(len(names), STOP, np.int64)
        for name, action in actions.items():
            if name not in names:
                known = f"; agents are {names[0]} to {names[-1]}"
                raise EnvError(f"step: unknown agent {name!r}{known}{did_you_mean(name, names)}")
            number = whole_numbers(action, (), f"the action of {name}")
            if not 0 <= number < n_actions:
                known = f"expected 0 to {n_actions - 1}"
                raise EnvError(f"step: {name} cannot perform action {number}; {known}")
            wanted[names.index(name)] = number
        return wanted

    def get_snapshot(self) -> tuple[BattleSnapshot, tuple[str, ...]]:
        """Return everything that the future depends on; see ``MultiAgentEnv.get_snapshot``."""
        return self.env.get_snapshot(), tuple(self.agents)

    def set_snapshot(self, snapshot: Any) -> None:
        """Go back to where this environment, or another one made in the same way, was.

        Raises:
            EnvError: it is no snapshot of such an environment.
        """
        if not isinstance(snapshot, tuple) or len(snapshot) != 2:
            raise wrong_snapshot(snapshot, type(self).__name__)
        battle, agents = snapshot
        self.env.set_snapshot(battle)
        self.agents = list(agents)

    def _observations(self) -> dict[str, Observation]:
        """Return the observations of the agents of this step."""
        obs, avail = self.env.obs_array(), self.env.avail_array()
        index = {name: i for i, name in enumerate(self.possible_agents)}
        return {
            name: {
                "observation": obs[index[name]].copy(),
                "action_mask": avail[index[name]].astype(np.int8),
            }
            for name in self.agents
        }

    def render(self) -> Any:
        """Return what ``SkirmishEnv.render`` gives for ``render_mode``; None without a mode."""
        return None if self.render_mode is None else self.env.render(self.render_mode)

    def close(self) -> None:
        """Free the environment."""
        self.env.close()
