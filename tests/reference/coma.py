"""COMA with one loop per axis, from the paper, in double precision."""

import numpy as np
import torch as th

from pymarl.components.episode_batch import EpisodeBatch
from pymarl.modules.critics.coma import COMACritic
from tests.reference.q_learning import F64, as_f64
from tests.reference.returns import lambda_return


def critic_input(batch: EpisodeBatch, b: int, t: int, i: int) -> F64:
    """Return what the critic sees of agent ``i`` at step ``t`` of episode ``b``."""
    N, A = batch["avail_actions"].shape[2:]
    x = [as_f64(batch["state"][b, t]), as_f64(batch["obs"][b, t, i])]
    for when, hide in ((t, i), (t - 1, None)):
        for j in range(N):
            onehot = np.zeros(A)
            if when >= 0 and j != hide:
                onehot[int(batch["actions"][b, when, j, 0])] = 1.0
            x.append(onehot)
    number = np.zeros(N)
    number[i] = 1.0
    return np.concatenate([*x, number])


def critic_values(critic: COMACritic, x: F64) -> F64:
    """Return the values (A,) of one input."""
    w = {name: as_f64(value) for name, value in critic.named_parameters()}
    for layer in ("fc1", "fc2"):
        x = np.maximum(w[f"{layer}.weight"] @ x + w[f"{layer}.bias"], 0.0)
    return w["fc3.weight"] @ x + w["fc3.bias"]


def td_targets(
    critic: COMACritic, batch: EpisodeBatch, lengths: list[int], gamma: float, td_lambda: float
) -> dict[tuple[int, int, int], float]:
    """Return the TD(lambda) target of every (episode, step, agent)."""
    found = {}
    for b, length in enumerate(lengths):
        rewards = [float(batch["reward"][b, t, 0]) for t in range(length)]
        ended = bool(batch["terminated"][b, length - 1, 0])
        for i in range(batch["obs"].shape[2]):
            after = []
            for t in range(1, length + 1):
                values = critic_values(critic, critic_input(batch, b, t, i))
                after.append(float(values[int(batch["actions"][b, t, i, 0])]))
            for t in range(length):
                found[b, t, i] = lambda_return(rewards, after, t, gamma, td_lambda, ended=ended)
    return found


def train_critic(
    critic: COMACritic,
    wanted: dict[tuple[int, int, int], float],
    batch: EpisodeBatch,
    lengths: list[int],
    args: object,
) -> dict[tuple[int, int, int], F64]:
    """Train ``critic`` in place, one hand-made RMSprop step per time step, last step first.

    Returns:
        The values (A,) of every (episode, step, agent) before that step's training.
    """
    seen: dict[tuple[int, int, int], F64] = {}
    squares = [th.zeros_like(parameter) for parameter in critic.parameters()]
    for t in reversed(range(max(lengths))):
        total, count = th.zeros(()), 0
        for b, length in enumerate(lengths):
            for i in range(batch["obs"].shape[2]):
                if t < length:
                    x = th.from_numpy(critic_input(batch, b, t, i)).float()
                    values = critic(x)
                    seen[b, t, i] = as_f64(values)
                    action = int(batch["actions"][b, t, i, 0])
                    total = total + (values[action] - wanted[b, t, i]) ** 2
                    count += 1
        grads = th.autograd.grad(total / count, list(critic.parameters()))
        norm = float(sum((grad**2).sum() for grad in grads) ** 0.5)
        scale = min(1.0, args.grad_norm_clip / (norm + 1e-6))
        with th.no_grad():
            for parameter, grad, square in zip(critic.parameters(), grads, squares, strict=True):
                clipped = grad * scale
                square.mul_(args.optim_alpha).add_((1 - args.optim_alpha) * clipped**2)
                parameter.sub_(args.critic_lr * clipped / (square.sqrt() + args.optim_eps))
    return seen


def policy(logits: F64, avail: F64, epsilon: float, *, mask_before_softmax: bool) -> F64:
    """Return the probabilities with which one agent draws its actions."""
    weights = np.exp(logits - logits.max())
    if mask_before_softmax:
        weights = weights * avail
    share = weights / weights.sum()
    n = avail.sum() if mask_before_softmax else avail.size
    floored = ((1 - epsilon) * share + epsilon / n) * avail
    return floored / floored.sum()


def actor_loss(
    logits: list[F64],
    values: dict[tuple[int, int, int], F64],
    batch: EpisodeBatch,
    lengths: list[int],
    epsilon: float,
    *,
    mask_before_softmax: bool,
) -> float:
    """Return the policy gradient loss; ``logits`` holds (T, N, A) per episode."""
    total, count = 0.0, 0
    for b, length in enumerate(lengths):
        for t in range(length):
            for i in range(logits[b].shape[1]):
                avail = as_f64(batch["avail_actions"][b, t, i])
                pi = policy(
                    logits[b][t, i], avail, epsilon, mask_before_softmax=mask_before_softmax
                )
                action = int(batch["actions"][b, t, i, 0])
                baseline = sum(pi[a] * values[b, t, i][a] for a in range(pi.size))
                total -= (values[b, t, i][action] - baseline) * np.log(pi[action])
                count += 1
    return total / count
