"""Damage, missiles, follow-up hits, bursts and deaths.

Damage lowers health at once, but a unit only dies at the end of the game loop: units that strike
each other in the
same loop both strike, so neither the order of units nor the side decides a duel (chosen).
"""

import math

from pymarl.envs.skirmish import constants as K
from pymarl.envs.skirmish import layout as L
from pymarl.envs.skirmish.state import F64, I64

from pymarl.envs.smac.jit import cold_kernel, kernel  # isort: skip


@cold_kernel
def wound(F: F64, Z: I64, P: F64, Q: I64, M: I64, source: int, target: int, amount: float) -> None:
    """Take ``amount`` from the target.

    Shield first, the rest minus armor (at least 0.5) from health.
    """
    absorbed = min(F[L.SH, target], amount)
    F[L.SH, target] -= absorbed
    rest = amount - absorbed
    if rest > 0.0:
        F[L.HP, target] -= max(rest - P[L.ARMOR, target], K.DAMAGE_MINIMUM)
    F[L.SHT, target] = K.SHIELD_DELAY
    Z[L.HURT, target] = source


@cold_kernel
def strike(F: F64, Z: I64, P: F64, Q: I64, M: I64, source: int, target: int) -> None:
    """One hit of the source's weapon on the target, with the bonus against its attributes."""
    amount = P[L.DAMAGE, source]
    if Q[L.BONUS_ATTRS, source] & Q[L.ATTRS, target]:
        amount += P[L.BONUS, source]
    if Q[L.WEAPON, source] == L.BURST and Q[L.STRUCTURE, target]:
        amount = K.BURST_VS_STRUCTURE
    wound(F, Z, P, Q, M, source, target, amount)


@cold_kernel
def launch(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int, t: int) -> None:
    """Start a missile at the edge of unit ``i`` towards ``t``; one that still flies lands now."""
    if Z[L.MT, i] >= 0:
        strike(F, Z, P, Q, M, i, Z[L.MT, i])
    dx = F[L.X, t] - F[L.X, i]
    dy = F[L.Y, t] - F[L.Y, i]
    d = math.sqrt(dx * dx + dy * dy)
    share = P[L.RADIUS, i] / d if d > 0.0 else 0.0
    F[L.MX, i] = F[L.X, i] + dx * share
    F[L.MY, i] = F[L.Y, i] + dy * share
    Z[L.MT, i] = t


@cold_kernel
def fly(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int) -> None:
    """Move the missile of unit ``i`` after its target, also beyond its shooter's death."""
    t = Z[L.MT, i]
    if not Z[L.ALIVE, t]:
        Z[L.MT, i] = -1
        return
    dx = F[L.X, t] - F[L.MX, i]
    dy = F[L.Y, t] - F[L.MY, i]
    d = math.sqrt(dx * dx + dy * dy)
    speed = P[L.MISSILE, i]
    if d - P[L.RADIUS, t] <= speed:
        Z[L.MT, i] = -1
        strike(F, Z, P, Q, M, i, t)
    else:
        F[L.MX, i] += dx / d * speed
        F[L.MY, i] += dy / d * speed


@cold_kernel
def aim_sweep(F: F64, Z: I64, i: int, t: int) -> None:
    """Fix the line of a beam: through the target, perpendicular to the shot; two sweeps follow."""
    dx = F[L.X, t] - F[L.X, i]
    dy = F[L.Y, t] - F[L.Y, i]
    d = math.sqrt(dx * dx + dy * dy)
    F[L.SWX, i] = F[L.X, t]
    F[L.SWY, i] = F[L.Y, t]
    F[L.SDX, i] = -dy / d if d > 0.0 else 1.0
    F[L.SDY, i] = dx / d if d > 0.0 else 0.0
    F[L.HT, i] = K.SWEEP_DELAY
    Z[L.HN, i] = 2
    Z[L.HTT, i] = t


@cold_kernel
def sweep(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int) -> None:
    """One sweep of the beam: every enemy that one of the 11 search points touches is hit once."""
    n = M[L.M_AGENTS]
    low, high = (n, M[L.M_UNITS]) if i < n else (0, n)
    steps = K.SWEEP_HALF / K.SWEEP_STEP
    for j in range(low, high):
        if not Z[L.ALIVE, j] or not (Q[L.PLANES, j] & Q[L.HITS, i]):
            continue
        dx = F[L.X, j] - F[L.SWX, i]
        dy = F[L.Y, j] - F[L.SWY, i]
        along = (dx * F[L.SDX, i] + dy * F[L.SDY, i]) / K.SWEEP_STEP
        nearest = K.SWEEP_STEP * min(max(float(int(along + 100.5) - 100), -steps), steps)
        ex = dx - nearest * F[L.SDX, i]
        ey = dy - nearest * F[L.SDY, i]
        reach = K.SWEEP_REACH + P[L.RADIUS, j]
        if ex * ex + ey * ey <= reach * reach:
            strike(F, Z, P, Q, M, i, j)


@cold_kernel
def follow_up(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int) -> None:
    """Count down to the second blade or the next sweep of unit ``i`` and carry it out."""
    F[L.HT, i] -= 1.0
    if F[L.HT, i] > 0.0:
        return
    Z[L.HN, i] -= 1
    if Q[L.WEAPON, i] == L.SWEEP:
        F[L.HT, i] = P[L.FOLLOW, i]
        sweep(F, Z, P, Q, M, i)
    elif Z[L.ALIVE, Z[L.HTT, i]]:
        strike(F, Z, P, Q, M, i, Z[L.HTT, i])


@kernel
def effects(F: F64, Z: I64, P: F64, Q: I64, M: I64) -> None:
    """Everything that is already on its way at the beginning of a loop."""
    for i in range(M[L.M_UNITS]):
        if Z[L.MT, i] >= 0:
            fly(F, Z, P, Q, M, i)
        if Z[L.HN, i] > 0 and Z[L.ALIVE, i]:
            follow_up(F, Z, P, Q, M, i)


@cold_kernel
def burst(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int) -> None:
    """The explosion of unit ``i``.

    Every enemy on the ground within the splash radius (to its edge) is hit.
    """
    n = M[L.M_AGENTS]
    low, high = (n, M[L.M_UNITS]) if i < n else (0, n)
    for j in range(low, high):
        if not Z[L.ALIVE, j] or not (Q[L.PLANES, j] & Q[L.HITS, i]):
            continue
        dx = F[L.X, j] - F[L.X, i]
        dy = F[L.Y, j] - F[L.Y, i]
        reach = P[L.SPLASH, i] + P[L.RADIUS, j]
        if dx * dx + dy * dy <= reach * reach:
            strike(F, Z, P, Q, M, i, j)


@kernel
def deaths(F: F64, Z: I64, P: F64, Q: I64, M: I64) -> None:
    """Remove units without health.

    Bursting units explode, which may kill more, until nothing changes.
    """
    again = True
    while again:
        again = False
        for i in range(M[L.M_UNITS]):
            if Z[L.ALIVE, i] and F[L.HP, i] <= 0.0:
                Z[L.ALIVE, i] = 0
                F[L.HP, i] = 0.0
                F[L.SH, i] = 0.0
                if Q[L.WEAPON, i] == L.BURST:
                    burst(F, Z, P, Q, M, i)
                    again = True
