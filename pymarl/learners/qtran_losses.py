"""The mathematics of QTRAN-base as pure functions on tensors."""

import torch as th

from pymarl.backends.reference_backend import greedy_actions
from pymarl.learners.td_targets import masked_squared_error


def greedy_onehot(qs: th.Tensor, avail_actions: th.Tensor) -> th.Tensor:
    """Return each agent's best available action, one-hot float32 (..., A), of values (..., A)."""
    best = greedy_actions(qs, avail_actions).squeeze(-1)
    return th.nn.functional.one_hot(best, qs.shape[-1]).float()


def optimality_loss(
    max_sum: th.Tensor, joint_of_max: th.Tensor, v: th.Tensor, mask: th.Tensor
) -> th.Tensor:
    """Return ``mean (sum_i Q_i(u*_i) - Q(s, u*) + V(s))^2``, u* the agents' greedy joint action.

    Args:
        max_sum: the sum of the agents' largest available values, (..., 1), with graph.
        joint_of_max: the joint value of u*, (..., 1), without graph.
        v: V(s), (..., 1), with graph.
        mask: which steps count, (..., 1).

    Returns:
        A number. Source: Son et al. 2019 (arXiv 1905.05408), eq. 6; PyMARL. Deviation: none.
    """
    return masked_squared_error(max_sum - joint_of_max + v, mask)


def non_optimality_loss(
    taken_sum: th.Tensor, joint_of_taken: th.Tensor, v: th.Tensor, mask: th.Tensor
) -> th.Tensor:
    """Return ``mean min(sum_i Q_i(u_i) - Q(s, u) + V(s), 0)^2``, u the joint action taken.

    Arguments as in :func:`optimality_loss`. Source: Son et al. 2019 (arXiv 1905.05408), eq. 7;
    PyMARL. Deviation: none.
    """
    return masked_squared_error((taken_sum - joint_of_taken + v).clamp(max=0), mask)
