"""Small cooperative matrix games with known best returns, for seeing what a learner can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import field_validator
from typing_extensions import override

from pymarl.envs.env_args import EnvArgs, MapName
from pymarl.envs.joint_actions import not_running
from pymarl.envs.multiagentenv import Array, Info, MultiAgentEnv
from pymarl.utils.suggest import did_you_mean


@dataclass(frozen=True)
class Game:
    """A two-agent game of a few states without randomness; play starts in state 0.

    Attributes:
        payoffs: team reward (states, A, A); rows agent 0, columns agent 1.
        following: next state (states, A, A); the number of states is the end.
        steps: length of every episode.
    """

    payoffs: Array
    following: Array
    steps: int

    @property
    def end(self) -> int:
        """Return the number of the state after the last step."""
        return len(self.payoffs)


def one_step(payoffs: list[list[float]]) -> Game:
    """Return the game that ends after one joint action."""
    return Game(np.array([payoffs]), np.ones((1, len(payoffs), len(payoffs)), np.int64), steps=1)


GAMES: dict[str, Game] = {
    "two_step": Game(
        payoffs=np.array(
            [[[0.0, 0.0], [0.0, 0.0]], [[7.0, 7.0], [7.0, 7.0]], [[0.0, 1.0], [1.0, 8.0]]]
        ),
        following=np.array([[[1, 1], [2, 2]], [[3, 3], [3, 3]], [[3, 3], [3, 3]]]),
        steps=2,
    ),
    "non_monotonic": one_step([[8.0, -12.0, -12.0], [-12.0, 0.0, 0.0], [-12.0, 0.0, 0.0]]),
    "penalty": one_step([[10.0, 0.0, -20.0], [0.0, 2.0, 0.0], [-20.0, 0.0, 10.0]]),
}


class MatrixArgs(EnvArgs):
    """Arguments of ``env=matrix``.

    Attributes:
        map_name: the game.
        seed: accepted as everywhere; there is nothing to seed.
    """

    map_name: MapName = "two_step"

    @field_validator("map_name")
    @classmethod
    def _check_game(cls, map_name: str) -> str:
        if map_name not in GAMES:
            raise ValueError(
                f"unknown game; known: {', '.join(GAMES)}{did_you_mean(map_name, GAMES)}"
            )
        return map_name


class MatrixGame(MultiAgentEnv):
    """Two agents choose at the same time; the payoff matrix of the state rewards the team.

    ``two_step`` (best 8): agent 0's first action chooses between a state worth 7 everywhere and one
    worth [[0, 1], [1, 8]]. An additive value (VDN) cannot represent the second well enough to go
    there and earns 7; a monotone one (QMIX) can and earns 8.
    ``non_monotonic`` (best 8): one wrong partner costs 12, so under uniform exploration the best
    action looks worst to each agent; VDN and QMIX settle for 0, QTRAN represents the matrix.
    ``penalty`` (best 10): two best joint actions, and -20 for mixing them up.

    - observation and state: one-hot state number, float32 (states + 1,); both agents see the state.
    - action: 0 .. A - 1, always available; A is 2 in ``two_step``, else 3.
    - reward: as above, given to the team.
    - termination: after the last step. There is no randomness.

    Source: ``two_step``: Rashid et al. 2018 (arXiv 1803.11485), section 5 and tables 1 and 2.
    ``non_monotonic``: Son et al. 2019 (arXiv 1905.05408), table 1. ``penalty``: Claus and Boutilier
    1998, section 2, with k = -20.
    """

    n_agents = 2

    def __init__(self, **env_args: Any) -> None:
        """Make the game; ``env_args`` as in ``MatrixArgs``.

        Raises:
            ConfigError: an argument is wrong.
        """
        args = MatrixArgs.parse(env_args)
        self._game = GAMES[args.map_name]
        self._n_actions = int(self._game.payoffs.shape[1])
        self.episode_limit = self._game.steps
        self._seed = args.seed
        self._state, self._begun = self._game.end, False

    def reset(self, seed: int | None = None) -> tuple[list[Array], Array]:
        """Go to the first state."""
        self._state, self._begun = 0, True
        return self.get_obs(), self.get_state()

    def step(self, actions: Sequence[int] | Array) -> tuple[float, bool, Info]:
        """Play one joint action."""
        if self._state == self._game.end:
            raise not_running(self._begun)
        first, second = self.checked_actions(actions).tolist()
        payoff = float(self._game.payoffs[self._state, first, second])
        self._state = int(self._game.following[self._state, first, second])
        return payoff, self._state == self._game.end, {}

    def get_obs(self) -> list[Array]:
        """Return the one-hot state for both agents."""
        return [self.get_state() for _ in range(self.n_agents)]

    def get_obs_agent(self, agent_id: int) -> Array:
        """Return the one-hot state."""
        return self.get_state()

    def get_obs_size(self) -> int:
        """Return the number of states, the end included."""
        return self._game.end + 1

    def get_state(self) -> Array:
        """Return the one-hot state, float32."""
        state: Array = np.eye(self._game.end + 1, dtype=np.float32)[self._state]
        return state

    def get_state_size(self) -> int:
        """Return the number of states, the end included."""
        return self._game.end + 1

    def get_avail_actions(self) -> list[list[int]]:
        """Return that all actions are always available."""
        return [self.get_avail_agent_actions(agent) for agent in range(self.n_agents)]

    def get_avail_agent_actions(self, agent_id: int) -> list[int]:
        """Return A ones."""
        return [1] * self._n_actions

    @override
    def get_total_actions(self) -> int:
        return self._n_actions

    def seed(self) -> int | None:
        """Return the seed the game was made with."""
        return self._seed
