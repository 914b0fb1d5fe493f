"""Random episode batches of chosen lengths, filled step by step as a runner fills them."""

from dataclasses import dataclass

import numpy as np

from pymarl.components.episode_batch import (
    EpisodeBatch,
    Groups,
    Preprocess,
    Scheme,
    extended_scheme,
)
from pymarl.components.replay_setup import describe_episodes
from pymarl.envs.env_info import EnvInfo


@dataclass(frozen=True)
class Sizes:
    """Sizes of a small world."""

    n_agents: int = 3
    obs: int = 7
    state: int = 5
    n_actions: int = 4
    unit_dim: int = 0


def env_info(sizes: Sizes) -> EnvInfo:
    """Return the sizes as an environment says them."""
    return EnvInfo(
        n_agents=sizes.n_agents,
        n_actions=sizes.n_actions,
        state_shape=sizes.state,
        obs_shape=sizes.obs,
        episode_limit=20,
        unit_dim=sizes.unit_dim,
    )


def descriptions(sizes: Sizes) -> tuple[Scheme, Groups, Preprocess]:
    """Return scheme, groups and preprocess as training has them."""
    return describe_episodes(env_info(sizes))


def full_scheme(sizes: Sizes) -> Scheme:
    """Return the scheme with derived entries, as buffers and controllers see it."""
    scheme, _, preprocess = descriptions(sizes)
    return extended_scheme(scheme, preprocess)


def random_batch(
    lengths: list[int], sizes: Sizes, seed: int, truncated: tuple[int, ...] = ()
) -> EpisodeBatch:
    """Return one batch of episodes with ``lengths`` transitions each.

    Episodes in ``truncated`` end by the time limit: their last step is not terminal.
    """
    rng = np.random.default_rng(seed)
    scheme, groups, preprocess = descriptions(sizes)
    batch = EpisodeBatch(scheme, groups, len(lengths), max(lengths) + 1, preprocess)
    N, A = sizes.n_agents, sizes.n_actions
    for episode, length in enumerate(lengths):
        rows = slice(episode, episode + 1)
        for t in range(length + 1):
            avail = rng.random((N, A)) < 0.6
            avail[np.arange(N), rng.integers(0, A, N)] = True
            actions = [int(rng.choice(np.flatnonzero(avail[agent]))) for agent in range(N)]
            seen = {
                "state": rng.normal(size=sizes.state).astype(np.float32),
                "obs": rng.normal(size=(N, sizes.obs)).astype(np.float32),
                "avail_actions": avail,
            }
            batch.update(seen, bs=rows, ts=t)
            batch.update({"actions": actions}, bs=rows, ts=t, mark_filled=False)
            if t < length:
                end = t == length - 1 and episode not in truncated
                step = {"reward": rng.normal(), "terminated": end}
                batch.update(step, bs=rows, ts=t, mark_filled=False)
    return batch
