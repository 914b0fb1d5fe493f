"""Availability of actions: SMAC's rules over the unit table.

no-op for the dead only; stop always; a move when the point half a move away is a walkable cell; an
attack (a heal,
for healers) when the target lives and its centre is within 6.
"""

import math
from typing import Any, Final

import numpy as np

from pymarl.envs.smac.rules import features as D
from pymarl.envs.smac.rules import unit_table as T
from pymarl.kernels.simulator_jit import inner_kernel, kernel

Array = Any
# Rows of the work space of ``look``; N_REL of them.
DISTANCE: Final = 0
SHARE: Final = 1  # of the sight range: distance, then x and y to the unit
DX: Final = 2
DY: Final = 3
XS: Final = 4
YS: Final = 5
HEALTH: Final = 6
SHIELD: Final = 7
N_REL: Final = 8
FAR: Final = 1e9


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
def prepare(u: Array, table: Array, rel: Array) -> None:
    """Write what does not depend on who looks: positions (the dead: far away), shares of health.

    Args:
        u: per unit.
        table: unit table (U, 6).
        rel: float64 (N_REL, U), rows ``XS``, ``YS``, ``HEALTH``, ``SHIELD``.
    """
    for j in range(table.shape[0]):
        rel[XS, j] = table[j, T.X] if table[j, T.HEALTH] > 0.0 else FAR
        rel[YS, j] = table[j, T.Y]
        rel[HEALTH, j] = table[j, T.HEALTH] / u[D.HEALTH_MAX, j]
        rel[SHIELD, j] = 0.0
        if u[D.SHIELD_MAX, j] > 0.0:
            rel[SHIELD, j] = table[j, T.SHIELD] / u[D.SHIELD_MAX, j]


@kernel
def measure(i: int, rel: Array) -> None:
    """Write how every unit lies to the living agent ``i``: rows ``DISTANCE`` to ``DY`` of ``rel``.

    A loop over contiguous rows, which becomes vector instructions.
    """
    xs, ys = rel[XS], rel[YS]
    x, y = xs[i], ys[i]
    for j in range(xs.shape[0]):
        dx = xs[j] - x
        dy = ys[j] - y
        dist = math.sqrt(dx * dx + dy * dy)
        rel[DISTANCE, j] = dist
        rel[SHARE, j] = dist / T.SIGHT_RANGE
        rel[DX, j] = dx / T.SIGHT_RANGE
        rel[DY, j] = dy / T.SIGHT_RANGE


@inner_kernel
def write_avail_agent(
    c: Array, f: Array, u: Array, pathing: Array, table: Array, rel: Array, i: int, avail: Array
) -> None:
    """Write the availability of the living agent ``i``, uint8 (A,)."""
    avail[:] = 0
    x, y = np.float64(table[i, T.X]), np.float64(table[i, T.Y])
    half = f[D.MOVE_AMOUNT] / 2
    avail[1] = 1
    avail[2] = walkable_cell(c, f, u, pathing, x, y + half)
    avail[3] = walkable_cell(c, f, u, pathing, x, y - half)
    avail[4] = walkable_cell(c, f, u, pathing, x + half, y)
    avail[5] = walkable_cell(c, f, u, pathing, x - half, y)
    if c[D.HEAL_RULE] and u[D.HEALER, i] != 0.0:
        for j in range(c[D.N]):
            if u[D.HEALER, j] == 0.0:
                avail[T.NO_ATTACK + j] = rel[DISTANCE, j] <= T.SHOOT_RANGE
        return
    attacks, distances = avail[T.NO_ATTACK :], rel[DISTANCE, c[D.N] :]
    for j in range(c[D.E]):
        attacks[j] = 1 if distances[j] <= T.SHOOT_RANGE else 0
