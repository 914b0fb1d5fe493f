"""How actions are chosen from the agents' outputs."""

from abc import ABC, abstractmethod

import numpy as np
import torch as th
from numpy.typing import NDArray

from pymarl.components.epsilon_schedules import DecayThenFlatSchedule
from pymarl.config.schema import Config
from pymarl.kernels.training_jit import compiled
from pymarl.registries import ACTION_SELECTORS
from pymarl.utils.registry import Registry


class ActionSelector(ABC):
    """Chooses actions and holds epsilon, which falls linearly over environment steps.

    Deviation from PyMARL: the random numbers come in as an argument (one table per episode, a
    function of seed and episode number), so that an episode does not depend on the batch or on the
    runner it is played in.
    """

    def __init__(self, args: Config) -> None:
        """Build the linear schedule."""
        self.args = args
        self.schedule = DecayThenFlatSchedule(
            args.epsilon_start, args.epsilon_finish, args.epsilon_anneal_time
        )
        self.epsilon = self.schedule.eval(0)

    def anneal(self, t_env: int, test_mode: bool = False) -> float:
        """Set and return epsilon: that of the schedule, or 0 in test mode."""
        self.epsilon = 0.0 if test_mode else self.schedule.eval(t_env)
        return self.epsilon

    @abstractmethod
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
            agent_outputs: values or probabilities (B, N, A).
            avail_actions: zeros and ones (B, N, A), at least one 1 per agent.
            noise: uniform numbers in [0, 1), (B, 2, N).
            t_env: environment steps so far, for the schedule.
            test_mode: whether this is an evaluation.
        """


class EpsilonGreedyActionSelector(ActionSelector):
    """A random available action with probability epsilon, else the available one of highest value.

    Row 0 of the noise decides whether to explore, row 1 which available action. Evaluations are
    greedy. Source: PyMARL ``components/action_selectors.py``. Deviation: see
    :class:`ActionSelector`.
    """

    def select_action(
        self,
        agent_outputs: th.Tensor,
        avail_actions: th.Tensor,
        noise: th.Tensor,
        t_env: int,
        test_mode: bool = False,
    ) -> th.Tensor:
        """Return actions as :class:`ActionSelector` says; ``agent_outputs`` are action values."""
        self.anneal(t_env, test_mode)
        actions = th.empty(agent_outputs.shape[:2], dtype=th.long)
        epsilon_greedy(
            agent_outputs.detach().cpu().numpy(),
            avail_actions.cpu().numpy(),
            noise.numpy(),
            self.epsilon,
            actions.numpy(),
        )
        return actions


class MultinomialActionSelector(ActionSelector):
    """An available action drawn from the agents' probabilities, renormalised over these actions.

    Row 0 of the noise is the draw. Evaluations take the most probable action when ``test_greedy``,
    else they draw too. Epsilon is the floor the controller mixes into the probabilities
    (``controllers/policy.py``), not a part of the choice here. Source: PyMARL
    ``components/action_selectors.py``. Deviation: see :class:`ActionSelector`.
    """

    def select_action(
        self,
        agent_outputs: th.Tensor,
        avail_actions: th.Tensor,
        noise: th.Tensor,
        t_env: int,
        test_mode: bool = False,
    ) -> th.Tensor:
        """Return actions as :class:`ActionSelector` says; ``agent_outputs`` are probabilities."""
        self.anneal(t_env, test_mode)
        probabilities = agent_outputs.detach().cpu()
        actions = th.empty(probabilities.shape[:2], dtype=th.long)
        if test_mode and self.args.test_greedy:
            epsilon_greedy(
                probabilities.numpy(),
                avail_actions.cpu().numpy(),
                noise.numpy(),
                0.0,
                actions.numpy(),
            )
        else:
            multinomial(
                probabilities.numpy(), avail_actions.cpu().numpy(), noise.numpy(), actions.numpy()
            )
        return actions


@compiled()
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


@compiled()
def multinomial(
    p: NDArray[np.float32],
    avail: NDArray[np.uint8],
    noise: NDArray[np.float64],
    actions: NDArray[np.int64],
) -> None:
    """Write actions (B, N) drawn from ``p`` by inversion of its cumulative sum in double precision.

    Where all available actions have probability 0 the last available one is taken.

    Args:
        p: probabilities (B, N, A), not necessarily summing to 1 over available actions.
        avail: zeros and ones (B, N, A).
        noise: uniform numbers (B, 2, N); row 0 is used.
        actions: output (B, N).
    """
    B, N, A = p.shape
    for b in range(B):
        for i in range(N):
            total = 0.0
            for a in range(A):
                if avail[b, i, a] > 0:
                    total += np.float64(p[b, i, a])
            threshold = noise[b, 0, i] * total
            passed, chosen = 0.0, -1
            for a in range(A):
                if avail[b, i, a] > 0 and (chosen < 0 or passed <= threshold):
                    passed += np.float64(p[b, i, a])
                    chosen = a
            actions[b, i] = chosen


REGISTRY: Registry[type[ActionSelector]] = ACTION_SELECTORS
