"""How actions are chosen from the agents' outputs."""

import torch as th

from pymarl.components.epsilon_schedules import DecayThenFlatSchedule
from pymarl.config.schema import EpsilonGreedyConfig


class EpsilonGreedyActionSelector:
    """Explores with probability epsilon, else takes the available action of highest value.

    Exploring draws uniformly from the available actions.

    Deviation from PyMARL: the random numbers come in as an argument (one table per episode, a
        function of seed and episode number), so that an episode does not depend on the batch or on
        the runner it is played in.
    """

    def __init__(self, args: EpsilonGreedyConfig) -> None:
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
        """Return actions (B, N), int64.

        Args:
            agent_outputs: action values (B, N, A).
            avail_actions: zeros and ones (B, N, A), at least one 1 per agent.
            noise: uniform numbers in [0, 1), (B, 2, N): row 0 decides whether to explore, row 1
                which action.
            t_env: environment steps so far, for the schedule.
            test_mode: greedy (epsilon 0).
        """
        self.epsilon = 0.0 if test_mode else self.schedule.eval(t_env)
        available = avail_actions > 0
        greedy = agent_outputs.masked_fill(~available, -float("inf")).argmax(2)
        if self.epsilon == 0.0:
            return greedy
        count = available.sum(2)
        # rank-th available action: the first position where the running count exceeds rank
        rank = (noise[:, 1] * count).long().clamp(max=count - 1)
        random = (available.cumsum(2) > rank.unsqueeze(2)).int().argmax(2)
        return th.where(noise[:, 0] < self.epsilon, random, greedy)


REGISTRY: dict[str, type[EpsilonGreedyActionSelector]] = {
    "epsilon_greedy": EpsilonGreedyActionSelector
}
