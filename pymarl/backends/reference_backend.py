"""PyMARL's form: the network called once per step, over padded episodes."""

import torch as th
from typing_extensions import override

from pymarl.backends.interface import AgentOutputs, SequenceBackend, SequenceController
from pymarl.backends.transitions import PaddedTransitions, Transitions, padded_transitions
from pymarl.components.episode_batch import EpisodeBatch

# Stands for "not available" where a maximum over actions is taken; PyMARL's number.
UNAVAILABLE = -9999999.0


class ReferenceBackend(SequenceBackend):
    """Any controller and agent, on any device, by the controller's own ``forward``."""

    description = "step by step"

    @override
    def transitions(self, mac: SequenceController, batch: EpisodeBatch) -> PaddedTransitions:
        return padded_transitions(batch)

    @override
    def evaluate(self, mac: SequenceController, transitions: Transitions) -> th.Tensor:
        batch = transitions.batch
        mac.init_hidden(batch.batch_size)
        return th.stack([mac.forward(batch, t) for t in range(batch.max_seq_length)], dim=1)

    @override
    def evaluate_with_hidden(
        self, mac: SequenceController, transitions: Transitions
    ) -> AgentOutputs:
        batch = transitions.batch
        mac.init_hidden(batch.batch_size)
        outputs, hidden = [], []
        for t in range(batch.max_seq_length):
            outputs.append(mac.forward(batch, t))
            hidden.append(mac.hidden_states.view(batch.batch_size, mac.n_agents, -1))
        return AgentOutputs(th.stack(outputs, dim=1), th.stack(hidden, dim=1))

    @override
    def act(self, mac: SequenceController, batch: EpisodeBatch, t: int) -> th.Tensor:
        return mac.forward(batch, t)

    @override
    def best_action_values(
        self, target_qs: th.Tensor, online_qs: th.Tensor | None, avail_actions: th.Tensor
    ) -> th.Tensor:
        return best_action_values(target_qs, online_qs, avail_actions)


def best_action_values(
    target_qs: th.Tensor, online_qs: th.Tensor | None, avail_actions: th.Tensor
) -> th.Tensor:
    """Return the value of the best available action of every agent.

    Double Q (``online_qs`` given): ``Q'(argmax_a Q(a))`` over available a; else ``max_a Q'(a)``.

    Args:
        target_qs: values of the target network, (..., A).
        online_qs: values of the online network at the same moments, (..., A), or None.
        avail_actions: zeros and ones, (..., A).

    Returns:
        (...). Source: van Hasselt et al. 2016 (arXiv 1509.06461), eq. 4; PyMARL. Deviation: none.
    """
    blocked = avail_actions == 0
    masked_target = target_qs.masked_fill(blocked, UNAVAILABLE)
    if online_qs is None:
        return masked_target.max(-1).values
    return masked_target.gather(-1, greedy_actions(online_qs, avail_actions)).squeeze(-1)


def greedy_actions(qs: th.Tensor, avail_actions: th.Tensor) -> th.Tensor:
    """Return the best available action, int64 (..., 1), the first of equals, of values (..., A).

    Where no action is available, as in padding, it is the first.
    """
    return qs.masked_fill(avail_actions == 0, UNAVAILABLE).argmax(-1, keepdim=True)
