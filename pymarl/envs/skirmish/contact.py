"""Collisions: overlapping units of one space push each other apart.

Who stands and fights does not yield.
"""

import math

from pymarl.envs.skirmish import constants as K
from pymarl.envs.skirmish import layout as L
from pymarl.envs.skirmish.motion import shift
from pymarl.envs.skirmish.state import F64, I64, Grid

from pymarl.envs.smac.jit import kernel  # isort: skip


@kernel
def yields(Z: I64, P: F64, Q: I64, M: I64, i: int, j: int) -> bool:
    """Return whether ``i`` gives way to ``j``.

    Walkers do, idle units only to friends, fighters never.
    """
    if Z[i, L.POSE] == L.ANCHORED:
        return False
    return bool(Z[i, L.POSE] == L.WALKING or Q[i, L.SIDE] == Q[j, L.SIDE])


@kernel
def block(F: F64, Z: I64, i: int, j: int, gap: float) -> None:
    """Note ``j`` as the blocker of the walking unit ``i`` when it is the nearest one."""
    if Z[i, L.POSE] == L.WALKING and gap < F[i, L.GAP]:
        F[i, L.GAP] = gap
        Z[i, L.BLK] = j


@kernel
def touch(
    F: F64,
    Z: I64,
    P: F64,
    Q: I64,
    M: I64,
    i: int,
    j: int,
    dx: float,
    dy: float,
    d: float,
    reach: float,
) -> None:
    """Let one touching pair push and block each other.

    (dx, dy) leads from i to j, d is its length.
    """
    gives_i = yields(Z, P, Q, M, i, j)
    gives_j = yields(Z, P, Q, M, j, i)
    gap = d - reach
    if not gives_j:
        block(F, Z, i, j, gap)
    if not gives_i:
        block(F, Z, j, i, gap)
    if gap >= 0.0:
        return
    share = 0.5
    if gives_i != gives_j:
        share = 1.0 if gives_i else 0.0
    if P[i, L.SPEED] == 0.0:
        share = 0.0
    elif P[j, L.SPEED] == 0.0:
        share = 1.0
    nx = dx / d if d > 0.0 else 1.0
    ny = dy / d if d > 0.0 else 0.0
    F[i, L.PX] += nx * gap * share
    F[i, L.PY] += ny * gap * share
    F[j, L.PX] -= nx * gap * (1.0 - share)
    F[j, L.PY] -= ny * gap * (1.0 - share)


@kernel
def measure(scratch: F64, i: int, units: int) -> None:
    """Write to row 3 by how much each unit is not touching ``i`` (squares; < 0: touching).

    A loop without branches over all units, which the compiler turns into vector instructions; over
    ``j > i`` only it does not, and takes six times as long.

    Args:
        scratch: float64 (4, U): x, y, separation radii, and the result.
        i: unit.
        units: U.
    """
    xs, ys, seps, near = scratch[0], scratch[1], scratch[2], scratch[3]
    x, y, r = xs[i], ys[i], seps[i] + K.CONTACT
    for j in range(units):
        dx = xs[j] - x
        dy = ys[j] - y
        reach = r + seps[j]
        near[j] = dx * dx + dy * dy - reach * reach


@kernel
def pairs(F: F64, Z: I64, P: F64, Q: I64, M: I64, scratch: F64) -> None:
    """Find all touching pairs."""
    units = M[L.M_UNITS]
    for i in range(units):
        scratch[0, i] = F[i, L.X]
        scratch[1, i] = F[i, L.Y]
        scratch[2, i] = P[i, L.SEP]
    for i in range(units - 1):
        if not Z[i, L.ALIVE]:
            continue
        measure(scratch, i, units)
        for j in range(i + 1, units):
            if scratch[3, j] < 0.0 and Z[j, L.ALIVE] and Q[i, L.SPACE] == Q[j, L.SPACE]:
                dx = F[j, L.X] - F[i, L.X]
                dy = F[j, L.Y] - F[i, L.Y]
                reach = P[i, L.SEP] + P[j, L.SEP]
                touch(F, Z, P, Q, M, i, j, dx, dy, math.sqrt(dx * dx + dy * dy), reach)


@kernel
def collide(F: F64, Z: I64, P: F64, Q: I64, M: I64, grid: Grid, scratch: F64) -> None:
    """One round of collisions over all units: pushes are collected first, then carried out."""
    units = M[L.M_UNITS]
    for i in range(units):
        F[i, L.PX] = 0.0
        F[i, L.PY] = 0.0
        F[i, L.GAP] = K.CONTACT
        Z[i, L.BLK] = -1
    pairs(F, Z, P, Q, M, scratch)
    for i in range(units):
        px, py = F[i, L.PX], F[i, L.PY]
        if (px == 0.0 and py == 0.0) or not Z[i, L.ALIVE]:
            continue
        p = math.sqrt(px * px + py * py)
        if p > K.PUSH_MAX:
            px *= K.PUSH_MAX / p
            py *= K.PUSH_MAX / p
        shift(F, P, Q, M, grid, i, px, py)
