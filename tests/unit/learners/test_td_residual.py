"""``r + gamma V(s') - V(s)`` of the greedy policy: by hand, and against a slow loop."""

import pytest
import torch as th

from pymarl.backends.transitions import transition_mask
from pymarl.components.episode_batch import EpisodeBatch
from pymarl.errors import ConfigError
from tests.reference.batches import Sizes, descriptions, random_batch
from tests.reference.learners import make_learner

SIZES = Sizes()
N, A = SIZES.n_agents, SIZES.n_actions


def constant_values(alg, *values):
    """Return a learner whose agents give action ``a`` the value ``values[a]`` everywhere."""
    learner = make_learner(alg, SIZES)
    with th.no_grad():
        for parameter in learner.mac.agent.parameters():
            parameter.zero_()
        learner.mac.agent.fc2.bias.copy_(th.tensor(values))
    return learner


def two_steps(*, time_limit):
    """Return one episode: all actions, then the first two, then all; rewards 1 and 0.5."""
    scheme, groups, preprocess = descriptions(SIZES)
    batch = EpisodeBatch(scheme, groups, 1, 5, preprocess)  # two steps of padding
    for t, available in enumerate([[1, 1, 1, 1], [1, 1, 0, 0], [1, 1, 1, 1]]):
        batch.update({"avail_actions": [available] * N, "actions": [1] * N}, ts=t)
    for t, reward in enumerate([1.0, 0.5]):
        end = t == 1 and not time_limit
        batch.update({"reward": reward, "terminated": end}, ts=t, mark_filled=False)
    return batch


# The best available values of an agent: 4, 2, 4; gamma is 0.99; VDN adds three agents.
BY_HAND = {
    ("vdn", False): [1 + 0.99 * 6 - 12, 0.5 - 6],  # nothing behind a true end
    ("vdn", True): [1 + 0.99 * 6 - 12, 0.5 + 0.99 * 12 - 6],  # a time limit is none
    ("iql", False): [1 + 0.99 * 2 - 4, 0.5 - 2],  # mean over agents
    ("iql", True): [1 + 0.99 * 2 - 4, 0.5 + 0.99 * 4 - 2],
}


@pytest.mark.parametrize(("alg", "time_limit"), BY_HAND)
def test_the_residuals_of_two_steps_by_hand(alg, time_limit):
    residuals = constant_values(alg, 1.0, 2.0, 3.0, 4.0).td_residuals(
        two_steps(time_limit=time_limit)
    )
    assert residuals.shape == (1, 4)
    assert residuals[0, :2].tolist() == pytest.approx(BY_HAND[alg, time_limit], abs=1e-5)


def slow_residuals(learner, batch, episode):
    """Return the residuals of one episode, step by step and agent by agent."""
    agent, mixer = learner.mac.agent, learner.mixer
    length = int(batch["filled"][episode].sum()) - 1
    values, hidden = [], [th.zeros(1, agent.hidden_dim) for _ in range(N)]
    for t in range(length + 1):
        best = []
        for i in range(N):
            last, number = th.zeros(A), th.zeros(N)
            if t:
                last[batch["actions"][episode, t - 1, i, 0]] = 1
            number[i] = 1
            x = th.cat([batch["obs"][episode, t, i], last, number])
            q, hidden[i] = agent(x[None], hidden[i])
            available = batch["avail_actions"][episode, t, i].tolist()
            usable = [float(q[0, a]) for a in range(A) if available[a]]
            best.append(max(usable, default=float(q[0, 0])))
        if mixer is None:
            values.append(best)
        else:
            values.append([float(mixer(th.tensor([best]), batch["state"][episode, t][None]))])
    residuals = []
    for t in range(length):
        behind = 0.0 if batch["terminated"][episode, t, 0] else 0.99
        reward = float(batch["reward"][episode, t, 0])
        each = [
            reward + behind * after - now
            for now, after in zip(values[t], values[t + 1], strict=True)
        ]
        residuals.append(sum(each) / len(each))
    return residuals


@pytest.mark.parametrize("fast", ["true", "false"])
@pytest.mark.parametrize(
    "alg", [["iql"], ["vdn"], ["qmix"], ["qmix", "hypernet_layers=1", "mixing_embed_dim=6"]]
)
def test_residuals_are_those_of_a_slow_loop(alg, fast):
    learner = make_learner(alg[0], SIZES, f"fast={fast}", *alg[1:])
    batch = random_batch([3, 6, 1, 5], SIZES, seed=5, truncated=(1,))
    residuals = learner.td_residuals(batch)
    mask = transition_mask(batch["filled"])[:, :, 0] > 0
    assert not residuals.requires_grad
    for episode in range(4):
        with th.no_grad():
            expected = slow_residuals(learner, batch, episode)
        have = residuals[episode][mask[episode]].tolist()
        assert have == pytest.approx(expected, abs=1e-5)


def test_measuring_leaves_the_learner_as_it_is():
    learner = make_learner("qmix", SIZES)
    before = repr(learner.state())
    learner.td_residuals(random_batch([3, 5], SIZES, seed=1))
    assert repr(learner.state()) == before


@pytest.mark.parametrize("alg", ["coma", "qtran"])
def test_a_learner_without_such_a_value_says_so(alg):
    learner = make_learner(alg, SIZES)
    with pytest.raises(ConfigError, match="td_residual=True: learner="):
        learner.td_residuals(random_batch([3, 5], SIZES, seed=1))
