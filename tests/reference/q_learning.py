"""Q-learning losses with one loop per axis, in double precision."""

import numpy as np
import torch as th
from numpy.typing import NDArray

from pymarl.components.episode_batch import EpisodeBatch
from pymarl.modules.agents.rnn_agent import RNNAgent
from pymarl.modules.mixers.qmix import QMixer
from tests.reference.returns import lambda_return

F64 = NDArray[np.float64]


def as_f64(tensor: th.Tensor) -> F64:
    """Return a tensor's values in double precision."""
    return tensor.detach().double().numpy()


def sigmoid(x: F64) -> F64:
    """Return 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + np.exp(-x))


def agent_step(agent: RNNAgent, x: F64, h: F64) -> tuple[F64, F64]:
    """Return (q (A,), h (H,)) of one agent's single step, from the GRU's equations."""
    w = {name: as_f64(value) for name, value in agent.named_parameters()}
    x1 = np.maximum(w["fc1.weight"] @ x + w["fc1.bias"], 0.0)
    gi = w["rnn.weight_ih"] @ x1 + w["rnn.bias_ih"]
    gh = w["rnn.weight_hh"] @ h + w["rnn.bias_hh"]
    H = h.size
    r, z = sigmoid(gi[:H] + gh[:H]), sigmoid(gi[H : 2 * H] + gh[H : 2 * H])
    n = np.tanh(gi[2 * H :] + r * gh[2 * H :])
    new = (1 - z) * n + z * h
    return w["fc2.weight"] @ new + w["fc2.bias"], new


def agent_values(
    agent: RNNAgent, batch: EpisodeBatch, episode: int, *, last_action: bool, agent_id: bool
) -> F64:
    """Return the values (T, N, A) of one episode, agent by agent and step by step."""
    obs, actions = as_f64(batch["obs"][episode]), batch["actions"][episode].numpy()
    T, N, A = batch["avail_actions"][episode].shape
    values = np.zeros((T, N, A))
    for i in range(N):
        h = np.zeros(agent.hidden_dim)
        for t in range(T):
            x = [obs[t, i]]
            if last_action:
                onehot = np.zeros(A)
                if t > 0:
                    onehot[actions[t - 1, i, 0]] = 1.0
                x.append(onehot)
            if agent_id:
                x.append(np.eye(N)[i])
            values[t, i], h = agent_step(agent, np.concatenate(x), h)
    return values


def mix(mixer: QMixer, qs: F64, state: F64) -> float:
    """Return QMIX's Q_tot of one moment from the paper's equations."""
    w = {name: as_f64(value) for name, value in mixer.named_parameters()}

    def hyper(name: str) -> F64:
        if f"{name}.weight" in w:
            return w[f"{name}.weight"] @ state + w[f"{name}.bias"]
        hidden = np.maximum(w[f"{name}.0.weight"] @ state + w[f"{name}.0.bias"], 0.0)
        return w[f"{name}.2.weight"] @ hidden + w[f"{name}.2.bias"]

    w1 = np.abs(hyper("hyper_w_1")).reshape(mixer.n_agents, mixer.embed_dim)
    pre = qs @ w1 + hyper("hyper_b_1")
    hidden = np.where(pre > 0, pre, np.exp(np.minimum(pre, 0)) - 1)
    return float(hidden @ np.abs(hyper("hyper_w_final")) + hyper("V")[0])


def loss(
    batch: EpisodeBatch,
    lengths: list[int],
    online: list[F64],
    target: list[F64],
    mixers: tuple[QMixer, QMixer] | str | None,
    gamma: float,
    *,
    double_q: bool,
    td_lambda: float = 0.0,
) -> float:
    """Return the mean squared TD error over the taken steps of all episodes.

    Args:
        batch: the episodes.
        lengths: transitions of each.
        online: per episode, (T, N, A) values of the online network.
        target: the same of the target network.
        mixers: (mixer, target mixer), "vdn", or None for independent learners.
        gamma: discount.
        double_q: choose the next action by the online network.
        td_lambda: weight of longer returns.
    """
    total, count = 0.0, 0
    for b, length in enumerate(lengths):
        state = as_f64(batch["state"][b])
        taken, after = [], []
        for t in range(length):
            chosen, best = [], []
            for i in range(batch["obs"].shape[2]):
                chosen.append(online[b][t, i, int(batch["actions"][b, t, i, 0])])
                open_actions = [
                    a for a in range(online[b].shape[2]) if batch["avail_actions"][b, t + 1, i, a]
                ]
                chooser = online if double_q else target
                pick = max(open_actions, key=lambda a: chooser[b][t + 1, i, a])
                best.append(target[b][t + 1, i, pick])
            q, v = np.array(chosen), np.array(best)
            if mixers == "vdn":
                q, v = q.sum(keepdims=True), v.sum(keepdims=True)
            elif isinstance(mixers, tuple):
                q = np.array([mix(mixers[0], q, state[t])])
                v = np.array([mix(mixers[1], v, state[t + 1])])
            taken.append(q)
            after.append(v)
        rewards = [float(batch["reward"][b, t, 0]) for t in range(length)]
        ended = bool(batch["terminated"][b, length - 1, 0])
        for t in range(length):
            for k in range(taken[t].size):
                values = [float(v[k]) for v in after]
                y = lambda_return(rewards, values, t, gamma, td_lambda, ended=ended)
                total += (taken[t][k] - y) ** 2
                count += 1
    return total / count
