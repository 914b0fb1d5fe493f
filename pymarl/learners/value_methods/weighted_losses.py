"""The weights and the loss of weighted QMIX as pure functions on tensors."""

import torch as th


def optimistic_weights(q_tot: th.Tensor, targets: th.Tensor, alpha: float) -> th.Tensor:
    """Return OW-QMIX's weights: 1 where ``Q_tot(s, u) < y``, else alpha.

    What is underestimated may be the best joint action and counts in full.

    Args:
        q_tot: QMIX's values of the actions taken (..., 1).
        targets: y (..., 1).
        alpha: in (0, 1].

    Returns:
        (..., 1), without a graph. Source: Rashid et al. 2020 (arXiv 2006.10800), eq. 7; the
        authors' ``learners/max_q_learner.py``, ``hysteretic_qmix: True``. Deviation: none.
    """
    return _one_where(q_tot.detach() < targets, targets, alpha)


def central_weights(
    is_greedy: th.Tensor, greedy_values: th.Tensor, targets: th.Tensor, alpha: float
) -> th.Tensor:
    """Return CW-QMIX's weights: 1 where u is the greedy joint action or beats it, else alpha.

    Args:
        is_greedy: bool (..., 1), whether every agent took its best available action.
        greedy_values: Q*'(s, u*), what the target networks give the greedy joint action (..., 1).
        targets: y (..., 1); above ``greedy_values`` the joint action taken looks better.
        alpha: in (0, 1].

    Returns:
        (..., 1), without a graph. Source: Rashid et al. 2020 (arXiv 2006.10800), eq. 8 and its
        approximation in section 4.2; the authors' ``learners/max_q_learner.py``. Deviation: none.
    """
    return _one_where(is_greedy | (targets > greedy_values), targets, alpha)


def weighted_squared_error(td_error: th.Tensor, weights: th.Tensor, mask: th.Tensor) -> th.Tensor:
    """Return ``sum(m w delta^2) / sum(m)``: weights scale terms, the mean is over counted steps.

    Args:
        td_error: (..., 1), with graph.
        weights: (..., 1), without graph.
        mask: zeros and ones (..., 1). At least one 1.
    """
    return (weights * (td_error * mask) ** 2).sum() / mask.sum()


def _one_where(condition: th.Tensor, like: th.Tensor, alpha: float) -> th.Tensor:
    """Return 1 where ``condition`` holds, else alpha, in the type of ``like``."""
    return th.where(condition, th.ones_like(like), th.full_like(like, alpha))
