"""The order of the enemies in observations, state and actions (``env_args.enemy_order``).

``created``: that of the game's unit list. ``shuffled``: within each unit type the enemies change
places in every episode, a function of the episode's seed alone; which row holds which type stays
as it is, and the battle is the same. Then attack action k, and slot k of observations and state,
mean another enemy of the same type in every episode.
"""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules.actions import FIRST_TARGET
from pymarl.envs.smac.rules.seeds import SeedStream

EnemyOrder = Literal["created", "shuffled"]

_STREAM: Final = int.from_bytes(b"enemies!", "big")
"""Name of this stream of random numbers; the battle's own numbers come from the bare seed."""


def shuffled_enemies(types: Sequence[Hashable], episode_seed: int) -> list[int]:
    """Return which enemy stands in each row of an episode with ``enemy_order=shuffled``.

    All orders that keep the types in their rows are equally likely (to 1e-8, the rest of a division
    of 32-bit numbers). The one place that defines the order: every engine uses it.

    Args:
        types: of the enemies in the order of their creation.
        episode_seed: of the episode, 0..2**64-1.

    Returns:
        A permutation of 0..E-1 with ``types[order[k]] == types[k]``.
    """
    stream = SeedStream(episode_seed ^ _STREAM)
    order = list(range(len(types)))
    for rows in _rows_of_types(tuple(types)):
        # Fisher and Yates.
        for last in range(len(rows) - 1, 0, -1):
            a, b = rows[last], rows[stream.next() % (last + 1)]
            order[a], order[b] = order[b], order[a]
    return order


@lru_cache(maxsize=64)
def _rows_of_types(types: tuple[Hashable, ...]) -> list[list[int]]:
    """Return the rows of each unit type, the types in the order of their first unit."""
    return [
        [k for k, other in enumerate(types) if other == unit_type]
        for unit_type in dict.fromkeys(types)
    ]


def in_created_order(
    actions: NDArray[Any], unit_of_row: NDArray[np.int64], addresses_enemies: NDArray[np.bool_]
) -> NDArray[Any]:
    """Return actions (..., N) with the attacked enemies named in the order of their creation.

    Args:
        actions: SMAC's actions, integers (..., N), as agents gave them.
        unit_of_row: int64 (U,), see ``EpisodeState``.
        addresses_enemies: bool (N,), False for healers, whose targets are agents.
    """
    n_agents = len(addresses_enemies)
    created = unit_of_row[n_agents:] - n_agents
    attacks = (actions >= FIRST_TARGET) & addresses_enemies
    targets = np.where(attacks, actions - FIRST_TARGET, 0)
    return np.where(attacks, FIRST_TARGET + created[targets], actions).astype(actions.dtype)
