"""The mathematics of the Q-learners as pure functions on tensors."""

import torch as th

# Stands for "not available" where a maximum over actions is taken; PyMARL's number.
UNAVAILABLE = -9999999.0


def transition_mask(filled: th.Tensor) -> th.Tensor:
    """Return which transitions count: ``m_t = filled_{t+1}``.

    Those are the ones whose following observation was written.

    Args:
        filled: (B, T, 1), 1 where a step was written; the last written step holds the observation
            after the end.

    Returns:
        float32 (B, T - 1, 1). Source: PyMARL ``learners/q_learner.py``, which takes ``filled_t``
        and drops steps after a terminal one. Deviation: none for SMAC's episodes; where an episode
        is cut short without a terminal flag and before the longest of the batch, PyMARL would
        bootstrap its last observation from padding.
    """
    return filled[:, 1:].float()


def max_action_values(
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
    best = online_qs.masked_fill(blocked, UNAVAILABLE).argmax(-1, keepdim=True)
    return masked_target.gather(-1, best).squeeze(-1)


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


def masked_squared_error(td_error: th.Tensor, mask: th.Tensor) -> th.Tensor:
    """Return ``sum(m * delta^2) / sum(m)``, the mean over counted entries.

    Args:
        td_error: (B, T, K).
        mask: zeros and ones of the same shape. At least one 1.
    """
    masked = td_error * mask
    return (masked**2).sum() / mask.sum()
