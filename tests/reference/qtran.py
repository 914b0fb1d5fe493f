"""QTRAN-base with one loop per axis, from the paper, in double precision."""

import numpy as np

from pymarl.components.episode_batch import EpisodeBatch
from pymarl.modules.agents.rnn_agent import RNNAgent
from pymarl.modules.mixers.qtran import QTranBase
from tests.reference.q_learning import F64, agent_step, as_f64


def agent_values(agent: RNNAgent, batch: EpisodeBatch, b: int) -> tuple[F64, F64]:
    """Return values (T, N, A) and hidden states (T, N, H) of one episode, all inputs used."""
    T, N, A = batch["avail_actions"][b].shape
    values, hidden = np.zeros((T, N, A)), np.zeros((T, N, agent.hidden_dim))
    for i in range(N):
        h = np.zeros(agent.hidden_dim)
        for t in range(T):
            last = np.zeros(A)
            if t > 0:
                last[int(batch["actions"][b, t - 1, i, 0])] = 1.0
            x = np.concatenate([as_f64(batch["obs"][b, t, i]), last, np.eye(N)[i]])
            values[t, i], h = agent_step(agent, x, h)
            hidden[t, i] = h
    return values, hidden


def perceptron(mixer: QTranBase, name: str, x: F64) -> F64:
    """Return the output of one of the mixer's networks: ReLU between all layers."""
    w = {key: as_f64(value) for key, value in mixer.named_parameters()}
    layers = sorted(int(key.split(".")[1]) for key in w if key.startswith(name) and "bias" in key)
    for layer in layers:
        x = w[f"{name}.{layer}.weight"] @ x + w[f"{name}.{layer}.bias"]
        if layer != layers[-1]:
            x = np.maximum(x, 0.0)
    return x


def joint(mixer: QTranBase, state: F64, hidden: F64, actions: list[int], A: int) -> float:
    """Return Q(s, u)."""
    if mixer.arch == "coma_critic":
        parts = [np.eye(A)[action] for action in actions]
        return float(perceptron(mixer, "Q", np.concatenate([state, *parts]))[0])
    total = np.zeros(hidden.shape[1] + A)
    for i, action in enumerate(actions):
        encoded = np.concatenate([hidden[i], np.eye(A)[action]])
        total += perceptron(mixer, "action_encoding", encoded)
    return float(perceptron(mixer, "Q", np.concatenate([state, total]))[0])


def best_actions(values: F64, avail: F64) -> list[int]:
    """Return every agent's available action of highest value."""
    return [
        max((a for a in range(values.shape[1]) if avail[i, a]), key=lambda a, i=i: values[i, a])
        for i in range(values.shape[0])
    ]


def losses(
    networks: tuple[RNNAgent, RNNAgent, QTranBase, QTranBase],
    batch: EpisodeBatch,
    lengths: list[int],
    gamma: float,
    *,
    double_q: bool,
) -> tuple[float, float, float]:
    """Return (td, opt, nopt), means over the taken steps.

    ``networks``: agent, target agent, mixer, target mixer.
    """
    agent, target_agent, mixer, target_mixer = networks
    A = batch["avail_actions"].shape[3]
    td = opt = nopt = 0.0
    for b, length in enumerate(lengths):
        values, hidden = agent_values(agent, batch, b)
        target_values, target_hidden = agent_values(target_agent, batch, b)
        states, avail = as_f64(batch["state"][b]), as_f64(batch["avail_actions"][b])
        for t in range(length):
            taken = batch["actions"][b, t, :, 0].tolist()
            best = best_actions(values[t], avail[t])
            chooser = values if double_q else target_values
            following = best_actions(chooser[t + 1], avail[t + 1])
            q = joint(mixer, states[t], hidden[t], taken, A)
            q_best = joint(mixer, states[t], hidden[t], best, A)
            v = float(perceptron(mixer, "V", states[t])[0])
            after = joint(target_mixer, states[t + 1], target_hidden[t + 1], following, A)
            end = float(batch["terminated"][b, t, 0])
            y = float(batch["reward"][b, t, 0]) + gamma * (1 - end) * after
            best_sum = sum(values[t, i, action] for i, action in enumerate(best))
            taken_sum = sum(values[t, i, action] for i, action in enumerate(taken))
            td += (q - y) ** 2
            opt += (best_sum - q_best + v) ** 2
            nopt += min(taken_sum - q + v, 0.0) ** 2
    count = sum(lengths)
    return td / count, opt / count, nopt / count
