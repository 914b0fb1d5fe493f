"""The mathematics of COMA's actor as pure functions on tensors."""

import torch as th


def counterfactual_advantages(q: th.Tensor, pi: th.Tensor, actions: th.Tensor) -> th.Tensor:
    """Return ``A_i = Q(s, u) - sum_a pi_i(a) Q(s, (u_-i, a))``, each agent's own contribution.

    Args:
        q: the critic's values of agent i's actions with the others' fixed, (..., N, A).
        pi: the policy the agents acted with, (..., N, A).
        actions: the actions taken, int64 (..., N, 1).

    Returns:
        (..., N), without graph. Source: Foerster et al. 2018 (arXiv 1705.08926), eq. 4; PyMARL
        ``learners/coma_learner.py``. Deviation: none.
    """
    baseline = (pi * q).sum(-1)
    return (q.gather(-1, actions).squeeze(-1) - baseline).detach()


def policy_gradient_loss(
    pi: th.Tensor, actions: th.Tensor, advantages: th.Tensor, mask: th.Tensor
) -> th.Tensor:
    """Return ``-sum(m A log pi(u)) / sum(m)`` over steps and agents.

    Args:
        pi: probabilities (..., N, A), with graph.
        actions: the actions taken, int64 (..., N, 1).
        advantages: (..., N), without graph.
        mask: zeros and ones (..., N). At least one 1.
    """
    taken = pi.gather(-1, actions).squeeze(-1).masked_fill(mask == 0, 1.0)
    return -(advantages * taken.log() * mask).sum() / mask.sum()
