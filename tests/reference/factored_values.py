"""QPLEX, weighted QMIX and Qatten with one loop per axis, from the papers, in double precision."""

from dataclasses import dataclass

import numpy as np
from torch import nn

from pymarl.components.episode_batch import EpisodeBatch
from pymarl.learners.base import Learner
from tests.reference.q_learning import F64, agent_values, as_f64, mix, sigmoid
from tests.reference.returns import lambda_return


def perceptron(network: nn.Module, prefix: str, x: F64) -> F64:
    """Return the output of one network of ``network``: linear layers with ReLU between them."""
    w = {name: as_f64(p) for name, p in network.named_parameters() if name.startswith(prefix)}
    layers = sorted({name.rsplit(".", 1)[0] for name in w})
    for layer in layers:
        x = w[f"{layer}.weight"] @ x + w[f"{layer}.bias"]
        if layer != layers[-1]:
            x = np.maximum(x, 0.0)
    return x


def onehot(actions: list[int], A: int) -> F64:
    """Return the one-hot actions of all agents in one row."""
    row = np.zeros(len(actions) * A)
    for i, action in enumerate(actions):
        row[i * A + action] = 1.0
    return row


def duplex_coefficients(mixer: nn.Module, state: F64, actions: list[int]) -> F64:
    """Return QPLEX's lambda (N,): sums over kernels of key, agent and action parts."""
    weights = mixer.si_weight
    joint = np.concatenate([state, onehot(actions, mixer.n_actions)])
    total = np.zeros(len(actions))
    for k in range(len(weights.key_extractors)):
        key = abs(perceptron(weights, f"key_extractors.{k}.", state)[0]) + 1e-10
        agents = sigmoid(perceptron(weights, f"agents_extractors.{k}.", state))
        chosen = sigmoid(perceptron(weights, f"action_extractors.{k}.", joint))
        for i in range(len(actions)):
            total[i] += key * agents[i] * chosen[i]
    return total


def duplex(mixer: nn.Module, qs: F64, maxima: F64, state: F64, actions: list[int]) -> float:
    """Return QPLEX's Q_tot as value plus advantage: ``sum_i V_i + lambda_i (Q_i - V_i)``."""
    w, b = np.ones(len(qs)), np.zeros(len(qs))
    if mixer.weighted_head:
        w = np.abs(perceptron(mixer, "hyper_w_final.", state)) + 1e-10
        b = perceptron(mixer, "V.", state)
    coefficients = duplex_coefficients(mixer, state, actions)
    if not mixer.minus_one:
        coefficients = coefficients + 1.0
    total = 0.0
    for i in range(len(qs)):
        value = w[i] * maxima[i] + b[i]
        total += value + coefficients[i] * (w[i] * qs[i] + b[i] - value)
    return float(total)


def attention(mixer: nn.Module, qs: F64, state: F64) -> float:
    """Return Qatten's Q_tot."""
    N, heads = mixer.n_agents, len(mixer.query_embedding_layers)
    total = float(perceptron(mixer, "constrant_value_layer.", state)[0])
    for h in range(heads):
        query = perceptron(mixer, f"query_embedding_layers.{h}.", state)
        logits = np.zeros(N)
        for i in range(N):
            d = mixer.unit_dim
            unit = state[i * d : (i + 1) * d] if d else np.eye(N)[i]
            key = perceptron(mixer, f"key_embedding_layers.{h}.", unit)
            logits[i] = query @ key / np.sqrt(len(query))
        weights = np.exp(logits - logits.max())
        weight = 1.0
        if mixer.weighted:
            weight = abs(perceptron(mixer, "head_embedding_layer.", state)[h])
        total += weight * float(weights @ qs / weights.sum())
    return total


def central(mixer: nn.Module, qs: F64, state: F64) -> float:
    """Return Q*(s, u) of weighted QMIX's unrestricted mixers."""
    inputs = np.concatenate([state, qs])
    if hasattr(mixer, "atten_layer"):
        logits = perceptron(mixer, "atten_layer.", state).reshape(len(qs), -1)
        inputs = np.zeros(logits.shape[1])
        for m in range(logits.shape[1]):
            weights = np.exp(logits[:, m] - logits[:, m].max())
            inputs[m] = weights @ qs / weights.sum()
    return float(perceptron(mixer, "net.", inputs)[0] + perceptron(mixer, "V.", state)[0])


def best_actions(values: F64, avail: F64) -> list[int]:
    """Return every agent's available action of highest value."""
    return [
        max((a for a in range(values.shape[1]) if avail[i, a]), key=lambda a, i=i: values[i, a])
        for i in range(values.shape[0])
    ]


def at(values: F64, actions: list[int]) -> F64:
    """Return the values (N,) of these actions, of values (N, A)."""
    return np.array([values[i, action] for i, action in enumerate(actions)])


@dataclass(frozen=True)
class Episode:
    """One episode: what was done and what could be done."""

    length: int
    states: F64
    avail: F64
    actions: list[list[int]]
    rewards: list[float]
    ended: bool

    @classmethod
    def of(cls, batch: EpisodeBatch, b: int, length: int) -> "Episode":
        """Return episode ``b`` of a batch, which has so many transitions."""
        return cls(
            length,
            as_f64(batch["state"][b]),
            as_f64(batch["avail_actions"][b]),
            batch["actions"][b, :, :, 0].tolist(),
            [float(batch["reward"][b, t, 0]) for t in range(length)],
            bool(batch["terminated"][b, length - 1, 0]),
        )

    def targets(self, after: list[float], gamma: float, td_lambda: float) -> list[float]:
        """Return y of every transition, from the values that follow them."""
        return [
            lambda_return(self.rewards, after, t, gamma, td_lambda, ended=self.ended)
            for t in range(self.length)
        ]


def values_of(learner: Learner, agent: nn.Module, batch: EpisodeBatch, b: int) -> F64:
    """Return an agent's values (T, N, A) in one episode."""
    args = learner.args
    return agent_values(
        agent, batch, b, last_action=args.obs_last_action, agent_id=args.obs_agent_id
    )


def qplex_loss(learner: Learner, batch: EpisodeBatch, lengths: list[int]) -> float:
    """Return QPLEX's mean squared error."""
    args, errors = learner.args, []
    for b, length in enumerate(lengths):
        episode = Episode.of(batch, b, length)
        online = values_of(learner, learner.mac.agent, batch, b)
        target = values_of(learner, learner.target_mac.agent, batch, b)
        after = []
        for t in range(1, length + 1):
            own = best_actions(target[t], episode.avail[t])
            chosen = best_actions(online[t], episode.avail[t]) if args.double_q else own
            qs, maxima = at(target[t], chosen), at(target[t], own)
            after.append(duplex(learner.target_mixer, qs, maxima, episode.states[t], chosen))
        for t, y in enumerate(episode.targets(after, args.gamma, args.td_lambda)):
            taken = episode.actions[t]
            maxima = at(online[t], best_actions(online[t], episode.avail[t]))
            q_tot = duplex(learner.mixer, at(online[t], taken), maxima, episode.states[t], taken)
            errors.append((q_tot - y) ** 2)
    return float(np.mean(errors))


def weighted_qmix_losses(
    learner: Learner, batch: EpisodeBatch, lengths: list[int]
) -> tuple[float, float, float]:
    """Return (qmix_loss, central_loss, mean weight) of CW-QMIX or OW-QMIX."""
    args = learner.args
    weighted, central_errors, weights = [], [], []
    for b, length in enumerate(lengths):
        episode = Episode.of(batch, b, length)
        online = values_of(learner, learner.mac.agent, batch, b)
        utilities = values_of(learner, learner.central_mac.agent, batch, b)
        target = values_of(learner, learner.target_central_mac.agent, batch, b)
        greedy, at_greedy = [], []
        for t in range(length + 1):
            best = best_actions(online[t], episode.avail[t])
            greedy.append(best)
            value = central(learner.target_central_mixer, at(target[t], best), episode.states[t])
            at_greedy.append(value)
        for t, y in enumerate(episode.targets(at_greedy[1:], args.gamma, args.td_lambda)):
            state, taken = episode.states[t], episode.actions[t]
            q_tot = mix(learner.mixer, at(online[t], taken), state)
            q_star = central(learner.central_mixer, at(utilities[t], taken), state)
            in_full = q_tot < y if args.hysteretic_qmix else taken == greedy[t] or y > at_greedy[t]
            weights.append(1.0 if in_full else args.w)
            weighted.append(weights[-1] * (q_tot - y) ** 2)
            central_errors.append((q_star - y) ** 2)
    return float(np.mean(weighted)), float(np.mean(central_errors)), float(np.mean(weights))


def qatten_loss(learner: Learner, batch: EpisodeBatch, lengths: list[int]) -> float:
    """Return the mean squared error of Q-learning with Qatten's mixer."""
    args, errors = learner.args, []
    for b, length in enumerate(lengths):
        episode = Episode.of(batch, b, length)
        online = values_of(learner, learner.mac.agent, batch, b)
        target = values_of(learner, learner.target_mac.agent, batch, b)
        after = []
        for t in range(1, length + 1):
            chooser = online if args.double_q else target
            best = best_actions(chooser[t], episode.avail[t])
            after.append(attention(learner.target_mixer, at(target[t], best), episode.states[t]))
        for t, y in enumerate(episode.targets(after, args.gamma, args.td_lambda)):
            qs = at(online[t], episode.actions[t])
            errors.append((attention(learner.mixer, qs, episode.states[t]) - y) ** 2)
    return float(np.mean(errors))
