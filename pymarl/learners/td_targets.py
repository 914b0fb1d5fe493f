"""Temporal-difference targets and their loss as pure functions on tensors."""

import torch as th

from pymarl.backends.transitions import Transitions


def one_step_targets(
    rewards: th.Tensor, terminated: th.Tensor, next_values: th.Tensor, gamma: float
) -> th.Tensor:
    """Return ``y_t = r_t + gamma (1 - terminated_t) V_{t+1}``.

    Args:
        rewards: (B, T, 1), scaled team reward.
        terminated: (B, T, 1), 1 at a true end.
        next_values: (B, T, 1) or (B, T, N), the values after each step.
        gamma: discount in [0, 1].

    Returns:
        The shape of ``next_values``. Source: PyMARL ``learners/q_learner.py``. Deviation: none.
    """
    return rewards + gamma * (1 - terminated.float()) * next_values


def td_lambda_targets(
    rewards: th.Tensor,
    terminated: th.Tensor,
    mask: th.Tensor,
    next_values: th.Tensor,
    gamma: float,
    td_lambda: float,
) -> th.Tensor:
    """Return ``G_t = r_t + gamma (1 - terminated_t) ((1 - l) V_{t+1} + l G_{t+1})``, l = lambda.

    After the last counted transition of an episode ``G_{t+1}`` is ``V_{t+1}``: an episode that was
    cut short is bootstrapped once, with full weight. lambda 0 gives the one-step target, 1 the
    discounted return.

    Args:
        rewards: (B, T, 1), scaled team reward.
        terminated: (B, T, 1), 1 at a true end.
        mask: (B, T, 1), 1 for transitions that count, a prefix of each episode.
        next_values: (B, T, K), the values after each step.
        gamma: discount in [0, 1].
        td_lambda: in [0, 1].

    Returns:
        (B, T, K); entries outside the mask mean nothing. Source: Sutton and Barto 2018, eq. 12.18
        read backwards; COMA, arXiv 1705.08926, section 4.1; PyMARL ``utils/rl_utils.py``.
        Deviation: where an episode ends without a terminal flag before the longest of the batch,
        PyMARL bootstraps with weight 1 - lambda only; SMAC's episodes never do.
    """
    discount = gamma * (1 - terminated.float())
    targets = th.empty_like(next_values)
    following = next_values[:, -1]
    for t in reversed(range(next_values.shape[1])):
        value = next_values[:, t]
        if t + 1 < next_values.shape[1]:
            following = th.where(mask[:, t + 1] > 0, targets[:, t + 1], value)
        mixed = (1 - td_lambda) * value + td_lambda * following
        targets[:, t] = rewards[:, t] + discount[:, t] * mixed
    return targets


def td_targets(
    transitions: Transitions, next_values: th.Tensor, gamma: float, td_lambda: float
) -> th.Tensor:
    """Return the one-step targets (``td_lambda`` 0) or the TD(lambda) ones.

    Args:
        transitions: padded or packed.
        next_values: the values after each transition (..., K).
        gamma: discount in [0, 1].
        td_lambda: in [0, 1].

    Returns:
        The shape of ``next_values``; in padding it means nothing.
    """
    if td_lambda == 0:
        return one_step_targets(transitions.reward, transitions.terminated, next_values, gamma)
    scatter = transitions.scatter
    targets = td_lambda_targets(
        scatter(transitions.reward),
        scatter(transitions.terminated),
        scatter(transitions.mask),
        scatter(next_values),
        gamma,
        td_lambda,
    )
    return transitions.gather(targets)


def masked_squared_error(td_error: th.Tensor, mask: th.Tensor) -> th.Tensor:
    """Return ``sum(m * delta^2) / sum(m)``, the mean over counted entries.

    Args:
        td_error: (B, T, K).
        mask: zeros and ones of the same shape. At least one 1.
    """
    masked = td_error * mask
    return (masked**2).sum() / mask.sum()
