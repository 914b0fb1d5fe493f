"""Whole episodes of a fixed policy, each from a fixed seed, and what happened in them."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.tools.policies import POLICIES, Policy
from pymarl.envs.skirmish.vector_env import VectorSkirmish

BATCH: Final = 64
"""Most environments that are stepped at once."""
SEEDS_APART: Final = 1_000_000
"""Episodes of seed s have the episode seeds s * SEEDS_APART + 0, 1, 2, ..."""


@dataclass(frozen=True, slots=True)
class Episodes:
    """Outcomes of episodes in the order of their seeds; each array float64 (episodes,).

    Attributes:
        won, timed_out: 0 or 1. length: environment steps.
        dead_allies, dead_enemies: units. returns: undiscounted.
    """

    won: NDArray[np.float64]
    timed_out: NDArray[np.float64]
    length: NDArray[np.float64]
    dead_allies: NDArray[np.float64]
    dead_enemies: NDArray[np.float64]
    returns: NDArray[np.float64]


def play(
    map_name: str, policy: str, episodes: int, seed: int = 0, map_file: str | None = None
) -> Episodes:
    """Play ``episodes`` episodes of a policy of ``POLICIES`` to their ends.

    The same arguments give the same numbers on every machine.
    """
    batch = min(episodes, BATCH)
    needed: dict[str, Any] = POLICIES[policy]
    env = VectorSkirmish(batch, map_name=map_name, map_file=map_file, step_mul=None, **needed)
    actor = Policy(policy, batch, env.n_agents, seed)
    first = seed * SEEDS_APART
    episode = np.arange(batch)
    length, returns = np.zeros(batch), np.zeros(batch)
    rows = np.zeros((episodes, 6))
    active = np.ones(batch, np.uint8)
    env.reset(seeds=[first + k for k in range(batch)])
    upcoming = batch
    while active.any():
        out = env.step(actor.act(env.out.avail), mask=active)
        length += active
        returns += out.reward * active
        ended = out.terminated & active
        seeds = np.zeros(batch, np.int64)
        for e in np.flatnonzero(ended):
            info = out.info[e]
            rows[episode[e]] = (
                info.battle_won,
                info.timeout,
                length[e],
                info.dead_allies,
                info.dead_enemies,
                returns[e],
            )
            episode[e] = upcoming
            seeds[e] = first + upcoming
            length[e] = returns[e] = 0
            active[e] = ended[e] = upcoming < episodes
            upcoming += 1
        if ended.any():
            env.reset(ended, seeds.tolist())
    return Episodes(*np.ascontiguousarray(rows.T))
