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
    if Z[L.POSE, i] == L.ANCHORED:
        return False
    return bool(Z[L.POSE, i] == L.WALKING or Q[L.SIDE, i] == Q[L.SIDE, j])


@kernel
def block(F: F64, Z: I64, i: int, j: int, gap: float) -> None:
    """Note ``j`` as the blocker of the walking unit ``i`` when it is the nearest one."""
    if Z[L.POSE, i] == L.WALKING and gap < F[L.GAP, i]:
        F[L.GAP, i] = gap
        Z[L.BLK, i] = j


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
    if P[L.SPEED, i] == 0.0:
        share = 0.0
    elif P[L.SPEED, j] == 0.0:
        share = 1.0
    nx = dx / d if d > 0.0 else 1.0
    ny = dy / d if d > 0.0 else 0.0
    F[L.PX, i] += nx * gap * share
    F[L.PY, i] += ny * gap * share
    F[L.PX, j] -= nx * gap * (1.0 - share)
    F[L.PY, j] -= ny * gap * (1.0 - share)


@kernel
def measure(F: F64, P: F64, i: int, units: int) -> None:
    """Write to row ``NEAR`` by how much each unit is not touching ``i`` (squares; < 0: touching).

    A loop without branches over all units, which the compiler turns into vector instructions; over
    ``j > i`` only it does not, and takes six times as long.
    """
    xs, ys, seps, near = F[L.X], F[L.Y], P[L.SEP], F[L.NEAR]
    x, y, r = xs[i], ys[i], seps[i] + K.CONTACT
    for j in range(units):
        dx = xs[j] - x
        dy = ys[j] - y
        reach = r + seps[j]
        near[j] = dx * dx + dy * dy - reach * reach


@kernel
def pairs(F: F64, Z: I64, P: F64, Q: I64, M: I64) -> None:
    """Find all touching pairs."""
    units = M[L.M_UNITS]
    near = F[L.NEAR]
    for i in range(units - 1):
        if not Z[L.ALIVE, i]:
            continue
        measure(F, P, i, units)
        for j in range(i + 1, units):
            if near[j] < 0.0 and Z[L.ALIVE, j] and Q[L.SPACE, i] == Q[L.SPACE, j]:
                dx = F[L.X, j] - F[L.X, i]
                dy = F[L.Y, j] - F[L.Y, i]
                reach = P[L.SEP, i] + P[L.SEP, j]
                touch(F, Z, P, Q, M, i, j, dx, dy, math.sqrt(dx * dx + dy * dy), reach)


@kernel
def collide(F: F64, Z: I64, P: F64, Q: I64, M: I64, grid: Grid) -> None:
    """One round of collisions over all units: pushes are collected first, then carried out."""
    units = M[L.M_UNITS]
    for i in range(units):
        F[L.PX, i] = 0.0
        F[L.PY, i] = 0.0
        F[L.GAP, i] = K.CONTACT
        Z[L.BLK, i] = -1
    pairs(F, Z, P, Q, M)
    for i in range(units):
        px, py = F[L.PX, i], F[L.PY, i]
        if (px == 0.0 and py == 0.0) or not Z[L.ALIVE, i]:
            continue
        p = math.sqrt(px * px + py * py)
        if p > K.PUSH_MAX:
            px *= K.PUSH_MAX / p
            py *= K.PUSH_MAX / p
        shift(F, P, Q, M, grid, i, px, py)
