"""Collisions: overlapping units of one space push each other apart.

Who stands and fights does not yield.
"""

import math

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.engine import constants as K
from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.movement import shift
from pymarl.envs.skirmish.engine.state import F64, I64, Grid
from pymarl.envs.skirmish.engine.target_selection import gather

from pymarl.kernels.simulator_jit import kernel  # isort: skip

Flags = NDArray[np.uint8]


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
) -> None:
    """Let one touching pair push and block each other."""
    dx = F[j, L.X] - F[i, L.X]
    dy = F[j, L.Y] - F[i, L.Y]
    d = math.sqrt(dx * dx + dy * dy)
    reach = P[i, L.SEP] + P[j, L.SEP]
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
def measure(xs: F64, ys: F64, seps: F64, flags: Flags, x: float, y: float, r: float) -> None:
    """Flag the units at (xs, ys) whose edges are within ``r`` of the point (x, y).

    A loop without branches over contiguous arrays, which the compiler turns into vector
    instructions.
    """
    for k in range(xs.shape[0]):
        dx = xs[k] - x
        dy = ys[k] - y
        reach = r + seps[k]
        flags[k] = 1 if dx * dx + dy * dy - reach * reach < 0.0 else 0


@kernel
def pairs(F: F64, Z: I64, P: F64, Q: I64, M: I64, scratch: F64) -> None:
    """Find all touching pairs, (i, j) with i < j in lexicographic order."""
    units = M[L.M_UNITS]
    xs, ys, seps = scratch[0], scratch[1], scratch[2]
    # A byte per unit, looked through eight at a time.
    flags, words = scratch[3].view(np.uint8), scratch[3].view(np.uint64)
    blocks = (units + 7) // 8
    words[blocks - 1] = 0
    gather(F, Z, P, M, L.SEP, scratch)
    for i in range(units - 1):
        if not Z[i, L.ALIVE]:
            continue
        first = (i + 1) // 8
        start = first * 8
        r = seps[i] + K.CONTACT
        measure(xs[start:], ys[start:], seps[start:], flags[start:], xs[i], ys[i], r)
        for j in range(start, i + 1):
            flags[j] = 0
        for k in range(first, blocks):
            if words[k] == 0:
                continue
            for j in range(8 * k, 8 * k + 8):
                if flags[j] and Q[i, L.SPACE] == Q[j, L.SPACE]:
                    touch(F, Z, P, Q, M, i, j)


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
