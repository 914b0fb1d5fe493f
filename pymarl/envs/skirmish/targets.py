"""Who attacks whom: acquisition, leash, answering attacks, and calls for help.

All unit types of SMAC's maps share one attack priority (20), so the nearest target counts; a
target within weapon
range is kept until it dies, one out of range is given up when a rescan finds a nearer one.
"""

import math

from pymarl.envs.skirmish import constants as K
from pymarl.envs.skirmish import layout as L
from pymarl.envs.skirmish.state import F64, I64

from pymarl.envs.smac.jit import cold_kernel, kernel  # isort: skip


@kernel
def can_hit(P: F64, Q: I64, M: I64, i: int, t: int) -> bool:
    """Return whether the weapon of ``i`` reaches a plane of ``t``."""
    return bool((Q[L.HITS, i] & Q[L.PLANES, t]) != 0 and Q[L.WEAPON, i] != L.UNARMED)


@kernel
def nearest(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int, limit: float) -> int:
    """Return the attackable enemy with the smallest edge distance up to ``limit``, or -1."""
    n = M[L.M_AGENTS]
    low, high = (n, M[L.M_UNITS]) if i < n else (0, n)
    best = -1
    best_gap = limit + K.REACH
    x, y, r = F[L.X, i], F[L.Y, i], P[L.RADIUS, i]
    for j in range(low, high):
        if not Z[L.ALIVE, j]:
            continue
        reach = best_gap + r + P[L.RADIUS, j]
        dx = F[L.X, j] - x
        dy = F[L.Y, j] - y
        d2 = dx * dx + dy * dy
        if d2 <= reach * reach and can_hit(P, Q, M, i, j):
            gap = math.sqrt(d2) - r - P[L.RADIUS, j]
            if gap < best_gap:
                best_gap = gap
                best = j
    return best


@kernel
def gap_between(F: F64, P: F64, Q: I64, M: I64, i: int, j: int) -> float:
    """Return the distance from the edge of ``i`` to the edge of ``j`` (negative: they overlap)."""
    dx = F[L.X, j] - F[L.X, i]
    dy = F[L.Y, j] - F[L.Y, i]
    return float(math.sqrt(dx * dx + dy * dy) - P[L.RADIUS, i] - P[L.RADIUS, j])


@cold_kernel
def set_target(F: F64, Z: I64, i: int, t: int) -> None:
    """Make ``t`` the target that unit ``i`` chose itself, and remember where."""
    if t != Z[L.AT, i]:
        if Z[L.PHASE, i] == 1:
            Z[L.PHASE, i] = 0
            F[L.CD, i] = 0.0
        Z[L.AT, i] = t
        F[L.AX, i] = F[L.X, i]
        F[L.AY, i] = F[L.Y, i]


@kernel
def keep_target(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int) -> None:
    """Drop a target that is dead or beyond the leash."""
    t = Z[L.AT, i]
    if t < 0:
        return
    dx = F[L.X, i] - F[L.AX, i]
    dy = F[L.Y, i] - F[L.AY, i]
    if not Z[L.ALIVE, t] or dx * dx + dy * dy > K.LEASH * K.LEASH:
        set_target(F, Z, i, -1)


@kernel
def acquire(F: F64, Z: I64, C: I64, P: F64, Q: I64, M: I64, i: int) -> None:
    """Choose a target for a unit that attacks by itself (idle or attack-moving, not passive)."""
    keep_target(F, Z, P, Q, M, i)
    t = Z[L.AT, i]
    if t < 0:
        set_target(F, Z, i, nearest(F, Z, P, Q, M, i, P[L.SCAN, i]))
    elif (C[L.LOOP] + i) % K.RESCAN_LOOPS == 0 and Z[L.PHASE, i] == 0:
        gap = gap_between(F, P, Q, M, i, t)
        if gap > P[L.RANGE, i] + K.REACH:
            other = nearest(F, Z, P, Q, M, i, min(gap, P[L.SCAN, i]))
            if other >= 0:
                set_target(F, Z, i, other)


@kernel
def free_to_answer(Z: I64, P: F64, Q: I64, M: I64, i: int) -> bool:
    """Return whether unit ``i`` lives, may choose targets, and has none."""
    return bool(
        Z[L.ALIVE, i] != 0
        and Q[L.PASSIVE, i] == 0
        and Z[L.AT, i] < 0
        and (Z[L.ORDER, i] == L.IDLE or Z[L.ORDER, i] == L.ATTACK_MOVE)
    )


@cold_kernel
def call_for_help(F: F64, Z: I64, P: F64, Q: I64, M: I64, victim: int, attacker: int) -> None:
    """Friends near the victim that have nothing to do turn on the attacker."""
    n = M[L.M_AGENTS]
    low, high = (0, n) if victim < n else (n, M[L.M_UNITS])
    for k in range(low, high):
        if k == victim or not free_to_answer(Z, P, Q, M, k) or not can_hit(P, Q, M, k, attacker):
            continue
        if gap_between(F, P, Q, M, victim, k) <= K.HELP_RADIUS:
            set_target(F, Z, k, attacker)


@kernel
def respond(F: F64, Z: I64, P: F64, Q: I64, M: I64) -> None:
    """After a loop's damage.

    Who was hit strikes back if it is free, and calls for help every two seconds.
    """
    for i in range(M[L.M_UNITS]):
        if F[L.CFH, i] > 0.0:
            F[L.CFH, i] -= 1.0
        attacker = Z[L.HURT, i]
        Z[L.HURT, i] = -1
        if attacker < 0 or Q[L.PASSIVE, i] or not Z[L.ALIVE, i] or not Z[L.ALIVE, attacker]:
            continue
        if free_to_answer(Z, P, Q, M, i) and can_hit(P, Q, M, i, attacker):
            set_target(F, Z, i, attacker)
        if F[L.CFH, i] <= 0.0:
            F[L.CFH, i] = K.HELP_PERIOD
            call_for_help(F, Z, P, Q, M, i, attacker)
