"""Availability of actions: SMAC's rules over the unit table.

no-op for the dead only; stop always; a move when the point half a move away is a walkable cell; an
attack (a heal,
for healers) when the target lives and its centre is within 6.
"""

import math
from typing import Any

import numpy as np

from pymarl.envs.smac import spec as D
from pymarl.envs.smac import table as T
from pymarl.envs.smac.jit import cold_kernel, kernel

Array = Any


@kernel
def walkable_cell(c: Array, f: Array, u: Array, pathing: Array, x: float, y: float) -> int:
    """Return 1 when the cell of (x, y) is on the map and walkable.

    Coordinates are cut, as in SMAC.
    """
    cx, cy = int(x), int(y)
    if cx < 0 or cy < 0 or cx >= c[D.WIDTH] or cy >= c[D.TALL]:
        return 0
    return int(pathing[cx, cy])


@kernel
def distance(table: Array, i: int, j: int) -> float:
    """Return the distance between the centres of two units, in float64."""
    dx = np.float64(table[j, T.X]) - np.float64(table[i, T.X])
    dy = np.float64(table[j, T.Y]) - np.float64(table[i, T.Y])
    return math.sqrt(dx * dx + dy * dy)


@kernel
def write_avail_agent(
    c: Array, f: Array, u: Array, pathing: Array, table: Array, i: int, avail: Array
) -> None:
    """Write one agent's availability, uint8 (A,)."""
    avail[:] = 0
    if table[i, T.HEALTH] <= 0.0:
        avail[0] = 1
        return
    x, y = np.float64(table[i, T.X]), np.float64(table[i, T.Y])
    half = f[D.MOVE_AMOUNT] / 2
    avail[1] = 1
    avail[2] = walkable_cell(c, f, u, pathing, x, y + half)
    avail[3] = walkable_cell(c, f, u, pathing, x, y - half)
    avail[4] = walkable_cell(c, f, u, pathing, x + half, y)
    avail[5] = walkable_cell(c, f, u, pathing, x - half, y)
    if c[D.HEAL_RULE] and u[D.HEALER, i] != 0.0:
        for j in range(c[D.N]):
            if u[D.HEALER, j] == 0.0 and table[j, T.HEALTH] > 0.0:
                avail[T.NO_ATTACK + j] = distance(table, i, j) <= T.SHOOT_RANGE
        return
    first = c[D.N]
    for j in range(c[D.E]):
        if table[first + j, T.HEALTH] > 0.0:
            avail[T.NO_ATTACK + j] = distance(table, i, first + j) <= T.SHOOT_RANGE


@cold_kernel
def write_avail(c: Array, f: Array, u: Array, pathing: Array, table: Array, avail: Array) -> None:
    """Write the availability of all agents, uint8 (N, A)."""
    for i in range(c[D.N]):
        write_avail_agent(c, f, u, pathing, table, i, avail[i])
