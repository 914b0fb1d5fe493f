"""How actions are chosen from the agents' outputs."""

import numba as nb
import numpy as np
import torch as th
from numpy.typing import NDArray

from pymarl.components.epsilon_schedules import DecayThenFlatSchedule
from pymarl.config.schema import Config


class EpsilonGreedyActionSelector:
    """A random available action with probability epsilon, else the available one of highest value.

    Deviation from PyMARL: the random numbers come in as an argument (one table per episode, a
    function of seed and episode number), so that an episode does not depend on the batch or on the
    runner it is played in.
    """

    def __init__(self, args: Config) -> None:
        """Build the linear schedule."""
        self.schedule = DecayThenFlatSchedule(
            args.epsilon_start, args.epsilon_finish, args.epsilon_anneal_time
        )
        self.epsilon = self.schedule.eval(0)

    def select_action(
        self,
        agent_outputs: th.Tensor,
        avail_actions: th.Tensor,
        noise: th.Tensor,
        t_env: int,
        test_mode: bool = False,
    ) -> th.Tensor:
        """Return actions (B, N), int64, on the CPU.

        Args:
            agent_outputs: action values (B, N, A).
            avail_actions: zeros and ones (B, N, A), at least one 1 per agent.
            noise: uniform numbers in [0, 1), (B, 2, N): row 0 decides whether to explore, row 1
                which available action.
            t_env: environment steps so far, for the schedule.
            test_mode: greedy (epsilon 0).
        """
        self.epsilon = 0.0 if test_mode else self.schedule.eval(t_env)
        actions = th.empty(agent_outputs.shape[:2], dtype=th.long)
        epsilon_greedy(
            agent_outputs.detach().cpu().numpy(),
            avail_actions.cpu().numpy(),
            noise.numpy(),
            self.epsilon,
            actions.numpy(),
        )
        return actions


@nb.njit(cache=True)
def epsilon_greedy(
    q: NDArray[np.float32],
    avail: NDArray[np.uint8],
    noise: NDArray[np.float64],
    epsilon: float,
    actions: NDArray[np.int64],
) -> None:
    """Write epsilon-greedy actions (B, N); ties go to the lowest action.

    Args:
        q: values (B, N, A).
        avail: zeros and ones (B, N, A).
        noise: uniform numbers (B, 2, N).
        epsilon: probability of a random available action.
        actions: output (B, N).
    """
    B, N, A = q.shape
    for b in range(B):
        for i in range(N):
            count, best = 0, -1
            for a in range(A):
                if avail[b, i, a] > 0:
                    count += 1
                    if best < 0 or q[b, i, a] > q[b, i, best]:
                        best = a
            actions[b, i] = best
            if noise[b, 0, i] < epsilon:
                rank = min(int(noise[b, 1, i] * count), count - 1)
                for a in range(A):
                    if avail[b, i, a] > 0:
                        if rank == 0:
                            actions[b, i] = a
                        rank -= 1


REGISTRY: dict[str, type[EpsilonGreedyActionSelector]] = {
    "epsilon_greedy": EpsilonGreedyActionSelector
}
