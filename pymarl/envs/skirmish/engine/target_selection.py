"""Who attacks whom: acquisition, leash, answering attacks, and calls for help.

All unit types of SMAC's maps share one attack priority (20), so the nearest target counts; a
target within weapon
range is kept until it dies, one out of range is given up when a rescan finds a nearer one.
"""

import math

from pymarl.envs.skirmish.engine import constants as K
from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.state import F64, I64

from pymarl.kernels.simulator_jit import inner_kernel, kernel  # isort: skip

FAR = 1e9


@kernel
def can_hit(P: F64, Q: I64, M: I64, i: int, t: int) -> bool:
    """Return whether the weapon of ``i`` reaches a plane of ``t``."""
    return bool((Q[i, L.HITS] & Q[t, L.PLANES]) != 0 and Q[i, L.WEAPON] != L.UNARMED)


@kernel
def gather(F: F64, Z: I64, P: F64, M: I64, size: int, scratch: F64) -> None:
    """Write all units' x, y and one of their sizes to rows 0 to 2 of ``scratch``, (4, U).

    The dead are written as far away from everything. Contiguous rows make vector instructions
    possible where all units are looked at.
    """
    for i in range(M[L.M_UNITS]):
        scratch[0, i] = F[i, L.X] if Z[i, L.ALIVE] else FAR
        scratch[1, i] = F[i, L.Y]
        scratch[2, i] = P[i, size]


@kernel
def within(xs: F64, ys: F64, radii: F64, x: float, y: float, reach: float) -> int:
    """Return how many units' edges are within ``reach`` of the point (x, y)."""
    count = 0
    for k in range(xs.shape[0]):
        dx = xs[k] - x
        dy = ys[k] - y
        far = reach + radii[k]
        count += 1 if dx * dx + dy * dy <= far * far else 0
    return count


@kernel
def nearest(F: F64, Z: I64, P: F64, Q: I64, M: I64, scratch: F64, i: int, limit: float) -> int:
    """Return the attackable enemy with the smallest edge distance up to ``limit``, or -1.

    ``scratch`` holds the loop's positions and radii, see ``gather``.
    """
    n = M[L.M_AGENTS]
    low, high = (n, M[L.M_UNITS]) if i < n else (0, n)
    best = -1
    best_gap = limit + K.REACH
    x, y, r = F[i, L.X], F[i, L.Y], P[i, L.RADIUS]
    xs, ys, radii = scratch[0, low:high], scratch[1, low:high], scratch[2, low:high]
    if within(xs, ys, radii, x, y, best_gap + r) == 0:
        return -1
    for j in range(low, high):
        if not Z[j, L.ALIVE]:
            continue
        reach = best_gap + r + P[j, L.RADIUS]
        dx = F[j, L.X] - x
        dy = F[j, L.Y] - y
        d2 = dx * dx + dy * dy
        if d2 <= reach * reach and can_hit(P, Q, M, i, j):
            gap = math.sqrt(d2) - r - P[j, L.RADIUS]
            if gap < best_gap:
                best_gap = gap
                best = j
    return best


@kernel
def gap_between(F: F64, P: F64, Q: I64, M: I64, i: int, j: int) -> float:
    """Return the distance from the edge of ``i`` to the edge of ``j`` (negative: they overlap)."""
    dx = F[j, L.X] - F[i, L.X]
    dy = F[j, L.Y] - F[i, L.Y]
    return float(math.sqrt(dx * dx + dy * dy) - P[i, L.RADIUS] - P[j, L.RADIUS])


@inner_kernel
def set_target(F: F64, Z: I64, i: int, t: int) -> None:
    """Make ``t`` the target that unit ``i`` chose itself, and remember where."""
    if t != Z[i, L.AT]:
        if Z[i, L.PHASE] == 1:
            Z[i, L.PHASE] = 0
            F[i, L.CD] = 0.0
        Z[i, L.AT] = t
        F[i, L.AX] = F[i, L.X]
        F[i, L.AY] = F[i, L.Y]


@kernel
def keep_target(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int) -> None:
    """Drop a target that is dead or beyond the leash."""
    t = Z[i, L.AT]
    if t < 0:
        return
    dx = F[i, L.X] - F[i, L.AX]
    dy = F[i, L.Y] - F[i, L.AY]
    if not Z[t, L.ALIVE] or dx * dx + dy * dy > K.LEASH * K.LEASH:
        set_target(F, Z, i, -1)


@kernel
def acquire(F: F64, Z: I64, C: I64, P: F64, Q: I64, M: I64, scratch: F64, i: int) -> None:
    """Choose a target for a unit that attacks by itself (idle or attack-moving, not passive)."""
    keep_target(F, Z, P, Q, M, i)
    t = Z[i, L.AT]
    if t < 0:
        set_target(F, Z, i, nearest(F, Z, P, Q, M, scratch, i, P[i, L.SCAN]))
    elif (C[L.LOOP] + i) % K.RESCAN_LOOPS == 0 and Z[i, L.PHASE] == 0:
        gap = gap_between(F, P, Q, M, i, t)
        if gap > P[i, L.RANGE] + K.REACH:
            other = nearest(F, Z, P, Q, M, scratch, i, min(gap, P[i, L.SCAN]))
            if other >= 0:
                set_target(F, Z, i, other)


@kernel
def free_to_answer(Z: I64, P: F64, Q: I64, M: I64, i: int) -> bool:
    """Return whether unit ``i`` lives, may choose targets, and has none."""
    return bool(
        Z[i, L.ALIVE] != 0
        and Q[i, L.PASSIVE] == 0
        and Z[i, L.AT] < 0
        and (Z[i, L.ORDER] == L.IDLE or Z[i, L.ORDER] == L.ATTACK_MOVE)
    )


@inner_kernel
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
        if F[i, L.CFH] > 0.0:
            F[i, L.CFH] -= 1.0
        attacker = Z[i, L.HURT]
        Z[i, L.HURT] = -1
        if attacker < 0 or Q[i, L.PASSIVE] or not Z[i, L.ALIVE] or not Z[attacker, L.ALIVE]:
            continue
        if free_to_answer(Z, P, Q, M, i) and can_hit(P, Q, M, i, attacker):
            set_target(F, Z, i, attacker)
        if F[i, L.CFH] <= 0.0:
            F[i, L.CFH] = K.HELP_PERIOD
            call_for_help(F, Z, P, Q, M, i, attacker)
