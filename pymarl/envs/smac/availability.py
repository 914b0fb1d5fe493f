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
from pymarl.envs.smac.jit import inner_kernel, kernel

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
def measure(table: Array, i: int, rel: Array) -> None:
    """Write how every unit lies to agent ``i``: distance, then distance, x and y per sight range.

    Args:
        table: unit table (U, 6).
        i: agent.
        rel: float64 (6, U); rows 4 and 5 are scratch. Loops over columns become vector code.
    """
    units = table.shape[0]
    xs, ys = rel[4], rel[5]
    for j in range(units):
        xs[j] = table[j, T.X]
        ys[j] = table[j, T.Y]
    x, y = xs[i], ys[i]
    for j in range(units):
        dx = xs[j] - x
        dy = ys[j] - y
        dist = math.sqrt(dx * dx + dy * dy)
        rel[0, j] = dist
        rel[1, j] = dist / T.SIGHT_RANGE
        rel[2, j] = dx / T.SIGHT_RANGE
        rel[3, j] = dy / T.SIGHT_RANGE


@inner_kernel
def write_avail_agent(
    c: Array, f: Array, u: Array, pathing: Array, table: Array, rel: Array, i: int, avail: Array
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
                avail[T.NO_ATTACK + j] = rel[0, j] <= T.SHOOT_RANGE
        return
    first = c[D.N]
    for j in range(c[D.E]):
        if table[first + j, T.HEALTH] > 0.0:
            avail[T.NO_ATTACK + j] = rel[0, first + j] <= T.SHOOT_RANGE
