"""From the agents' logits to the probabilities they act with."""

import torch as th

# Logit of an action that is not available; PyMARL's number.
BLOCKED = -1e10


def action_probabilities(
    logits: th.Tensor, avail_actions: th.Tensor, epsilon: float, *, mask_before_softmax: bool
) -> th.Tensor:
    """Return ``(1 - epsilon) softmax(logits) + epsilon / n``, the policy with its epsilon floor.

    With ``mask_before_softmax`` only available actions take part: n is their number and the others
    have probability 0. Without it n is A and unavailable actions keep their share until
    :func:`renormalised` takes it away.

    Args:
        logits: (..., A).
        avail_actions: zeros and ones (..., A), at least one 1.
        epsilon: the floor in [0, 1]; 0 in evaluations.
        mask_before_softmax: see above.

    Returns:
        (..., A). Source: COMA, arXiv 1705.08926, section 5; PyMARL
        ``controllers/basic_controller.py``. Deviation: none.
    """
    if not mask_before_softmax:
        return (1 - epsilon) * logits.softmax(-1) + epsilon / logits.shape[-1]
    blocked = avail_actions == 0
    policy = logits.masked_fill(blocked, BLOCKED).softmax(-1)
    floor = epsilon / avail_actions.sum(-1, keepdim=True).float()
    return ((1 - epsilon) * policy + floor).masked_fill(blocked, 0.0)


def renormalised(policy: th.Tensor, avail_actions: th.Tensor) -> th.Tensor:
    """Return the probabilities (..., A) with which available actions are drawn; they sum to 1."""
    open_actions = policy.masked_fill(avail_actions == 0, 0.0)
    return open_actions / open_actions.sum(-1, keepdim=True)
