"""SMAC's action numbers, of every agent: 0..5 as below, then one per target.

The targets of an attack are the enemies; those of a healer's heal are the agents.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

NO_OP: Final = 0
"""The only action of the dead; the living never have it."""
STOP: Final = 1
MOVE_NORTH: Final = 2
MOVE_SOUTH: Final = 3
MOVE_EAST: Final = 4
MOVE_WEST: Final = 5
FIRST_TARGET: Final = 6
"""The action on target 0, and so the number of actions that have no target."""

MOVE_DIRECTIONS: Final = {
    MOVE_NORTH: (0, 1),
    MOVE_SOUTH: (0, -1),
    MOVE_EAST: (1, 0),
    MOVE_WEST: (-1, 0),
}
"""Directions (east, north) of the moves, as the game's coordinates grow."""


def action_names(n_enemies: int) -> list[str]:
    """Return a readable name per action, A of them."""
    targets = [f"target {k}" for k in range(n_enemies)]
    return ["no-op", "stop", "north", "south", "east", "west", *targets]


def first_unavailable(
    actions: NDArray[np.int64], avail: NDArray[np.uint8], chosen: NDArray[Any]
) -> int:
    """Return ``e * N + i`` of the first unavailable action of a batch, or -1.

    Args:
        actions: int64 (B, N), of any value.
        avail: uint8 (B, N, A).
        chosen: (B,) of 0 and 1; rows that are 0 are not looked at.
    """
    known = (actions >= 0) & (actions < avail.shape[2])
    columns = np.where(known, actions, 0)[:, :, None]
    available = known & (np.take_along_axis(avail, columns, 2)[:, :, 0] > 0)
    bad = np.flatnonzero(~available & (chosen[:, None] > 0))
    return int(bad[0]) if bad.size else -1
