"""Attacking one target.

Turning, damage point, cooldown with random delay, backswing, and closing in.
"""

import math

from pymarl.envs.skirmish.engine import constants as K
from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.damage import aim_sweep, launch, strike
from pymarl.envs.skirmish.engine.movement import go
from pymarl.envs.skirmish.engine.rng import Rng, uniform
from pymarl.envs.skirmish.engine.state import F64, I64, Cells, Hops

from pymarl.kernels.simulator_jit import inner_kernel, kernel  # isort: skip


@kernel
def turn(F: F64, i: int, ux: float, uy: float) -> bool:
    """Turn unit ``i`` towards the unit vector (ux, uy), at most 62.5 degrees.

    Return whether it looks there.

    Rotation by fixed sine and cosine, no trigonometry at run time: the same bits on every machine.
    """
    cos = F[i, L.FX] * ux + F[i, L.FY] * uy
    if cos >= K.TURN_COS:
        F[i, L.FX] = ux
        F[i, L.FY] = uy
        return True
    fx, fy = F[i, L.FX], F[i, L.FY]
    sin = K.TURN_SIN if fx * uy - fy * ux >= 0.0 else -K.TURN_SIN
    F[i, L.FX] = fx * K.TURN_COS - fy * sin
    F[i, L.FY] = fx * sin + fy * K.TURN_COS
    return bool(F[i, L.FX] * ux + F[i, L.FY] * uy >= K.ARC_COS)


@inner_kernel
def release(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int, t: int) -> None:
    """The damage point: hit, launch, sweep or burst; the backswing begins."""
    Z[i, L.PHASE] = 0
    F[i, L.BS] = P[i, L.SWING]
    weapon = Q[i, L.WEAPON]
    if weapon == L.MISSILES and gap_is_melee(F, P, Q, M, i, t) == 0:
        launch(F, Z, P, Q, M, i, t)
    elif weapon == L.SWEEP:
        aim_sweep(F, Z, i, t)
    elif weapon == L.BURST:
        F[i, L.HP] = 0.0
        F[i, L.SH] = 0.0
    else:
        strike(F, Z, P, Q, M, i, t)
        if weapon == L.DOUBLE:
            Z[i, L.HTT] = t
            Z[i, L.HN] = 1
            F[i, L.HT] = P[i, L.FOLLOW]


@inner_kernel
def gap_is_melee(F: F64, P: F64, Q: I64, M: I64, i: int, t: int) -> int:
    """Return 1 when the target is so close that the melee variant of the weapon is used."""
    dx = F[t, L.X] - F[i, L.X]
    dy = F[t, L.Y] - F[i, L.Y]
    reach = P[i, L.MELEE_RANGE] + P[i, L.RADIUS] + P[t, L.RADIUS]
    return 1 if P[i, L.MELEE_RANGE] > 0.0 and dx * dx + dy * dy <= reach * reach else 0


@inner_kernel
def begin(F: F64, Z: I64, P: F64, Q: I64, M: I64, rng: Rng, e: int, i: int, t: int) -> None:
    """Begin an attack: the cooldown, period plus random delay, starts; the damage point follows."""
    delay = P[i, L.DELAY] + P[i, L.DELAY_SPAN] * uniform(rng, e)
    F[i, L.CD] = P[i, L.PERIOD] + delay
    F[i, L.WT] = P[i, L.MELEE_POINT] if gap_is_melee(F, P, Q, M, i, t) else P[i, L.POINT]
    Z[i, L.PHASE] = 1
    if F[i, L.WT] <= 0.0:
        release(F, Z, P, Q, M, i, t)


@inner_kernel
def wind_up(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int, t: int, gap: float) -> None:
    """One loop of the wind-up.

    A target that left range + slop cancels the attack and its cooldown.
    """
    if gap > P[i, L.RANGE] + P[i, L.SLOP] + K.REACH:
        Z[i, L.PHASE] = 0
        F[i, L.CD] = 0.0
        return
    F[i, L.WT] -= 1.0
    if F[i, L.WT] <= 0.0:
        release(F, Z, P, Q, M, i, t)


@kernel
def fight(
    F: F64,
    Z: I64,
    P: F64,
    Q: I64,
    M: I64,
    cell: Cells,
    hops: Hops,
    rng: Rng,
    e: int,
    i: int,
    t: int,
) -> None:
    """Unit ``i`` attacks ``t``.

    Stand and strike within range, else finish the backswing and close in.
    """
    dx = F[t, L.X] - F[i, L.X]
    dy = F[t, L.Y] - F[i, L.Y]
    d = math.sqrt(dx * dx + dy * dy)
    gap = d - P[i, L.RADIUS] - P[t, L.RADIUS]
    ux = dx / d if d > 0.0 else F[i, L.FX]
    uy = dy / d if d > 0.0 else F[i, L.FY]
    if Z[i, L.PHASE] == 1:
        Z[i, L.POSE] = L.ANCHORED
        turn(F, i, ux, uy)
        wind_up(F, Z, P, Q, M, i, t, gap)
    elif gap <= P[i, L.RANGE] + K.REACH:
        Z[i, L.POSE] = L.ANCHORED
        if turn(F, i, ux, uy) and F[i, L.CD] <= 0.0:
            begin(F, Z, P, Q, M, rng, e, i, t)
    elif F[i, L.BS] > 0.0:
        Z[i, L.POSE] = L.ANCHORED
    else:
        step = min(P[i, L.SPEED], gap - P[i, L.RANGE] + K.REACH)
        go(F, Z, P, Q, M, cell, hops, i, t, F[t, L.X], F[t, L.Y], step)
        turn(F, i, ux, uy)
