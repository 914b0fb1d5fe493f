"""Availability of actions: SMAC's rules over the unit table.

no-op for the dead only; stop always; a move when the point half a move away is a walkable cell; an attack (a heal,
for healers) when the target lives and its centre is within 6.
"""

import math
from typing import Any

from pymarl.envs.smac import spec as D
from pymarl.envs.smac import table as T
from pymarl.envs.smac.jit import kernel

Array = Any


@kernel
def walkable(d: D.Features, x: float, y: float) -> int:
    """Return 1 when the cell of (x, y) is on the map and walkable; coordinates are cut, as in SMAC."""
    cx, cy = int(x), int(y)
    if cx < 0 or cy < 0 or cx >= d.c[D.WIDTH] or cy >= d.c[D.TALL]:
        return 0
    return int(d.pathing[cx, cy])


@kernel
def distance(table: Array, i: int, j: int) -> float:
    """Return the distance between the centres of two units, in float64."""
    dx = float(table[j, T.X]) - float(table[i, T.X])
    dy = float(table[j, T.Y]) - float(table[i, T.Y])
    return math.sqrt(dx * dx + dy * dy)


@kernel
def write_avail_agent(d: D.Features, table: Array, i: int, avail: Array) -> None:
    """Write one agent's availability, uint8 (A,)."""
    avail[:] = 0
    if table[i, T.HEALTH] <= 0.0:
        avail[0] = 1
        return
    x, y = float(table[i, T.X]), float(table[i, T.Y])
    half = d.f[D.MOVE_AMOUNT] / 2
    avail[1] = 1
    avail[2] = walkable(d, x, y + half)
    avail[3] = walkable(d, x, y - half)
    avail[4] = walkable(d, x + half, y)
    avail[5] = walkable(d, x - half, y)
    if d.c[D.HEAL_RULE] and d.healer[i]:
        for j in range(d.c[D.N]):
            if not d.healer[j] and table[j, T.HEALTH] > 0.0:
                avail[T.NO_ATTACK + j] = distance(table, i, j) <= T.SHOOT_RANGE
        return
    first = d.c[D.N]
    for j in range(d.c[D.E]):
        if table[first + j, T.HEALTH] > 0.0:
            avail[T.NO_ATTACK + j] = distance(table, i, first + j) <= T.SHOOT_RANGE


@kernel
def write_avail(d: D.Features, table: Array, avail: Array) -> None:
    """Write the availability of all agents, uint8 (N, A)."""
    for i in range(d.c[D.N]):
        write_avail_agent(d, table, i, avail[i])
