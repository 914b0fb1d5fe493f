"""Damage, missiles, follow-up hits, bursts and deaths.

Damage lowers health at once, but a unit only dies at the end of the game loop: units that strike
each other in the
same loop both strike, so neither the order of units nor the side decides a duel (chosen).
"""

import math

from pymarl.envs.skirmish.engine import constants as K
from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.state import F64, I64

from pymarl.kernels.simulator_jit import cold_kernel, inner_kernel, kernel  # isort: skip


@cold_kernel
def wound(F: F64, Z: I64, P: F64, Q: I64, M: I64, source: int, target: int, amount: float) -> None:
    """Take ``amount`` from the target.

    Shield first, the rest minus armor (at least 0.5) from health.
    """
    absorbed = min(F[target, L.SH], amount)
    F[target, L.SH] -= absorbed
    rest = amount - absorbed
    if rest > 0.0:
        F[target, L.HP] -= max(rest - P[target, L.ARMOR], K.DAMAGE_MINIMUM)
    F[target, L.SHT] = K.SHIELD_DELAY
    Z[target, L.HURT] = source


@inner_kernel
def strike(F: F64, Z: I64, P: F64, Q: I64, M: I64, source: int, target: int) -> None:
    """One hit of the source's weapon on the target, with the bonus against its attributes."""
    amount = P[source, L.DAMAGE]
    if Q[source, L.BONUS_ATTRS] & Q[target, L.ATTRS]:
        amount += P[source, L.BONUS]
    if Q[source, L.WEAPON] == L.BURST and Q[target, L.STRUCTURE]:
        amount = K.BURST_VS_STRUCTURE
    wound(F, Z, P, Q, M, source, target, amount)


@inner_kernel
def launch(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int, t: int) -> None:
    """Start a missile at the edge of unit ``i`` towards ``t``; one that still flies lands now."""
    if Z[i, L.MT] >= 0:
        strike(F, Z, P, Q, M, i, Z[i, L.MT])
    dx = F[t, L.X] - F[i, L.X]
    dy = F[t, L.Y] - F[i, L.Y]
    d = math.sqrt(dx * dx + dy * dy)
    share = P[i, L.RADIUS] / d if d > 0.0 else 0.0
    F[i, L.MX] = F[i, L.X] + dx * share
    F[i, L.MY] = F[i, L.Y] + dy * share
    Z[i, L.MT] = t


@inner_kernel
def fly(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int) -> None:
    """Move the missile of unit ``i`` after its target, also beyond its shooter's death."""
    t = Z[i, L.MT]
    if not Z[t, L.ALIVE]:
        Z[i, L.MT] = -1
        return
    dx = F[t, L.X] - F[i, L.MX]
    dy = F[t, L.Y] - F[i, L.MY]
    d = math.sqrt(dx * dx + dy * dy)
    speed = P[i, L.MISSILE]
    if d - P[t, L.RADIUS] <= speed:
        Z[i, L.MT] = -1
        strike(F, Z, P, Q, M, i, t)
    else:
        F[i, L.MX] += dx / d * speed
        F[i, L.MY] += dy / d * speed


@inner_kernel
def aim_sweep(F: F64, Z: I64, i: int, t: int) -> None:
    """Fix the line of a beam: through the target, perpendicular to the shot; two sweeps follow."""
    dx = F[t, L.X] - F[i, L.X]
    dy = F[t, L.Y] - F[i, L.Y]
    d = math.sqrt(dx * dx + dy * dy)
    F[i, L.SWX] = F[t, L.X]
    F[i, L.SWY] = F[t, L.Y]
    F[i, L.SDX] = -dy / d if d > 0.0 else 1.0
    F[i, L.SDY] = dx / d if d > 0.0 else 0.0
    F[i, L.HT] = K.SWEEP_DELAY
    Z[i, L.HN] = 2
    Z[i, L.HTT] = t


@inner_kernel
def sweep(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int) -> None:
    """One sweep of the beam: every enemy that one of the 11 search points touches is hit once."""
    n = M[L.M_AGENTS]
    low, high = (n, M[L.M_UNITS]) if i < n else (0, n)
    steps = K.SWEEP_HALF / K.SWEEP_STEP
    for j in range(low, high):
        if not Z[j, L.ALIVE] or not (Q[j, L.PLANES] & Q[i, L.HITS]):
            continue
        dx = F[j, L.X] - F[i, L.SWX]
        dy = F[j, L.Y] - F[i, L.SWY]
        along = (dx * F[i, L.SDX] + dy * F[i, L.SDY]) / K.SWEEP_STEP
        nearest = K.SWEEP_STEP * min(max(float(int(along + 100.5) - 100), -steps), steps)
        ex = dx - nearest * F[i, L.SDX]
        ey = dy - nearest * F[i, L.SDY]
        reach = K.SWEEP_REACH + P[j, L.RADIUS]
        if ex * ex + ey * ey <= reach * reach:
            strike(F, Z, P, Q, M, i, j)


@inner_kernel
def follow_up(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int) -> None:
    """Count down to the second blade or the next sweep of unit ``i`` and carry it out."""
    F[i, L.HT] -= 1.0
    if F[i, L.HT] > 0.0:
        return
    Z[i, L.HN] -= 1
    if Q[i, L.WEAPON] == L.SWEEP:
        F[i, L.HT] = P[i, L.FOLLOW]
        sweep(F, Z, P, Q, M, i)
    elif Z[Z[i, L.HTT], L.ALIVE]:
        strike(F, Z, P, Q, M, i, Z[i, L.HTT])


@kernel
def effects(F: F64, Z: I64, P: F64, Q: I64, M: I64) -> None:
    """Everything that is already on its way at the beginning of a loop."""
    for i in range(M[L.M_UNITS]):
        if Z[i, L.MT] >= 0:
            fly(F, Z, P, Q, M, i)
        if Z[i, L.HN] > 0 and Z[i, L.ALIVE]:
            follow_up(F, Z, P, Q, M, i)


@inner_kernel
def burst(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int) -> None:
    """The explosion of unit ``i``.

    Every enemy on the ground within the splash radius (to its edge) is hit.
    """
    n = M[L.M_AGENTS]
    low, high = (n, M[L.M_UNITS]) if i < n else (0, n)
    for j in range(low, high):
        if not Z[j, L.ALIVE] or not (Q[j, L.PLANES] & Q[i, L.HITS]):
            continue
        dx = F[j, L.X] - F[i, L.X]
        dy = F[j, L.Y] - F[i, L.Y]
        reach = P[i, L.SPLASH] + P[j, L.RADIUS]
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
            if Z[i, L.ALIVE] and F[i, L.HP] <= 0.0:
                Z[i, L.ALIVE] = 0
                F[i, L.HP] = 0.0
                F[i, L.SH] = 0.0
                if Q[i, L.WEAPON] == L.BURST:
                    burst(F, Z, P, Q, M, i)
                    again = True
