"""Collisions: overlapping units of one space push each other apart; who stands and fights does not yield."""

import math

from pymarl.envs.skirmish import constants as K
from pymarl.envs.skirmish import layout as L
from pymarl.envs.skirmish.motion import shift
from pymarl.envs.skirmish.state import F64, I64, World

from pymarl.envs.smac.jit import kernel  # isort: skip


@kernel
def yields(I: I64, w: World, i: int, j: int) -> bool:
    """Return whether ``i`` gives way to ``j``: walkers do, idle units only to friends, fighters never."""
    if I[L.POSE, i] == L.ANCHORED:
        return False
    return I[L.POSE, i] == L.WALKING or w.Q[L.SIDE, i] == w.Q[L.SIDE, j]


@kernel
def block(F: F64, I: I64, i: int, j: int, gap: float) -> None:
    """Note ``j`` as the blocker of the walking unit ``i`` when it is the nearest one."""
    if I[L.POSE, i] == L.WALKING and gap < F[L.GAP, i]:
        F[L.GAP, i] = gap
        I[L.BLK, i] = j


@kernel
def touch(F: F64, I: I64, w: World, i: int, j: int, dx: float, dy: float, d: float, reach: float) -> None:
    """Let one touching pair push and block each other; (dx, dy) leads from i to j, d is its length."""
    gives_i = yields(I, w, i, j)
    gives_j = yields(I, w, j, i)
    gap = d - reach
    if not gives_j:
        block(F, I, i, j, gap)
    if not gives_i:
        block(F, I, j, i, gap)
    if gap >= 0.0:
        return
    share = 0.5
    if gives_i != gives_j:
        share = 1.0 if gives_i else 0.0
    if w.P[L.SPEED, i] == 0.0:
        share = 0.0
    elif w.P[L.SPEED, j] == 0.0:
        share = 1.0
    nx = dx / d if d > 0.0 else 1.0
    ny = dy / d if d > 0.0 else 0.0
    F[L.PX, i] += nx * gap * share
    F[L.PY, i] += ny * gap * share
    F[L.PX, j] -= nx * gap * (1.0 - share)
    F[L.PY, j] -= ny * gap * (1.0 - share)


@kernel
def pairs(F: F64, I: I64, w: World) -> None:
    """Find all touching pairs."""
    units = w.M[L.M_UNITS]
    for i in range(units - 1):
        if not I[L.ALIVE, i]:
            continue
        x, y, r = F[L.X, i], F[L.Y, i], w.P[L.SEP, i]
        space = w.Q[L.SPACE, i]
        for j in range(i + 1, units):
            reach = r + w.P[L.SEP, j]
            near = reach + K.CONTACT
            dx = F[L.X, j] - x
            dy = F[L.Y, j] - y
            d2 = dx * dx + dy * dy
            if d2 < near * near and I[L.ALIVE, j] and w.Q[L.SPACE, j] == space:
                touch(F, I, w, i, j, dx, dy, math.sqrt(d2), reach)


@kernel
def collide(F: F64, I: I64, w: World) -> None:
    """One round of collisions over all units: pushes are collected first, then carried out."""
    units = w.M[L.M_UNITS]
    for i in range(units):
        F[L.PX, i] = 0.0
        F[L.PY, i] = 0.0
        F[L.GAP, i] = K.CONTACT
        I[L.BLK, i] = -1
    pairs(F, I, w)
    for i in range(units):
        px, py = F[L.PX, i], F[L.PY, i]
        if (px == 0.0 and py == 0.0) or not I[L.ALIVE, i]:
            continue
        p = math.sqrt(px * px + py * py)
        if p > K.PUSH_MAX:
            px *= K.PUSH_MAX / p
            py *= K.PUSH_MAX / p
        shift(F, w, i, px, py)
