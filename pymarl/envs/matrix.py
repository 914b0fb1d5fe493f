"""The two-step cooperative matrix game of the QMIX paper."""

from collections.abc import Sequence

import numpy as np

from pymarl.envs.multiagentenv import Array, Info, MultiAgentEnv
from pymarl.errors import EnvError
from pymarl.utils.suggest import did_you_mean

GAMES = ("two_step",)
START, STATE_2A, STATE_2B, END = range(4)
PAYOFF_2A = np.array([[7.0, 7.0], [7.0, 7.0]])
PAYOFF_2B = np.array([[0.0, 1.0], [1.0, 8.0]])


class TwoStepGame(MultiAgentEnv):
    """Two agents, two actions, two steps; the best return is 8, the safe one 7.

    Step 1: agent 0's action chooses state 2A (0) or 2B (1), reward 0. Step 2: the payoff matrix of
    that state, rows agent 0, columns agent 1: 2A is 7 everywhere, 2B is [[0, 1], [1, 8]]. An
    additive value (VDN) cannot represent 2B well enough to go there and earns 7; a monotone one
    (QMIX) can and earns 8.

    - observation and state: one-hot state number, float32 (4,); both agents see the state.
    - action: 0 or 1, always available.
    - reward: as above, given to the team.
    - termination: after the second step. There is no randomness.

    Source: Rashid et al. 2018 (arXiv 1803.11485), section 5 and tables 1 and 2.
    """

    n_agents = 2
    episode_limit = 2

    def __init__(self, map_name: str = "two_step", seed: int | None = None) -> None:
        """Make the game; ``seed`` is accepted for the common constructor and has nothing to seed.

        Raises:
            EnvError: ``map_name`` is not a known game.
        """
        if map_name not in GAMES:
            raise EnvError(
                f"env_args.map_name={map_name!r}: unknown game; known: {', '.join(GAMES)}"
                f"{did_you_mean(map_name, GAMES)}"
            )
        self._seed = seed
        self._state = END

    def reset(self, seed: int | None = None) -> tuple[list[Array], Array]:
        """Go to the first state."""
        self._state = START
        return self.get_obs(), self.get_state()

    def step(self, actions: Sequence[int] | Array) -> tuple[float, bool, Info]:
        """Play one joint action."""
        first, second = (int(action) for action in actions)
        if self._state == END or not {first, second} <= {0, 1}:
            raise EnvError(
                f"step({[first, second]}) in state {self._state}: expected two actions 0 or 1 "
                "before the end"
            )
        if self._state == START:
            self._state = STATE_2B if first else STATE_2A
            return 0.0, False, {}
        payoff = PAYOFF_2B if self._state == STATE_2B else PAYOFF_2A
        self._state = END
        return float(payoff[first, second]), True, {}

    def get_obs(self) -> list[Array]:
        """Return the one-hot state for both agents."""
        return [self.get_state() for _ in range(self.n_agents)]

    def get_obs_agent(self, agent_id: int) -> Array:
        """Return the one-hot state."""
        return self.get_state()

    def get_obs_size(self) -> int:
        """Return 4."""
        return 4

    def get_state(self) -> Array:
        """Return the one-hot state, float32 (4,)."""
        state: Array = np.eye(4, dtype=np.float32)[self._state]
        return state

    def get_state_size(self) -> int:
        """Return 4."""
        return 4

    def get_avail_actions(self) -> list[list[int]]:
        """Return that both actions are always available."""
        return [[1, 1] for _ in range(self.n_agents)]

    def get_avail_agent_actions(self, agent_id: int) -> list[int]:
        """Return [1, 1]."""
        return [1, 1]

    def get_total_actions(self) -> int:
        """Return 2."""
        return 2

    def seed(self) -> int | None:
        """Return the seed the game was made with."""
        return self._seed
