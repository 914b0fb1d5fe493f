"""Attacking one target.

Turning, damage point, cooldown with random delay, backswing, and closing in.
"""

import math

from pymarl.envs.skirmish import constants as K
from pymarl.envs.skirmish import layout as L
from pymarl.envs.skirmish.damage import aim_sweep, launch, strike
from pymarl.envs.skirmish.motion import go
from pymarl.envs.skirmish.rng import Rng, uniform
from pymarl.envs.skirmish.state import F64, I64, Cells, Hops

from pymarl.envs.smac.jit import cold_kernel, kernel  # isort: skip


@kernel
def turn(F: F64, i: int, ux: float, uy: float) -> bool:
    """Turn unit ``i`` towards the unit vector (ux, uy), at most 62.5 degrees.

    Return whether it looks there.

    Rotation by fixed sine and cosine, no trigonometry at run time: the same bits on every machine.
    """
    cos = F[L.FX, i] * ux + F[L.FY, i] * uy
    if cos >= K.TURN_COS:
        F[L.FX, i] = ux
        F[L.FY, i] = uy
        return True
    fx, fy = F[L.FX, i], F[L.FY, i]
    sin = K.TURN_SIN if fx * uy - fy * ux >= 0.0 else -K.TURN_SIN
    F[L.FX, i] = fx * K.TURN_COS - fy * sin
    F[L.FY, i] = fx * sin + fy * K.TURN_COS
    return bool(F[L.FX, i] * ux + F[L.FY, i] * uy >= K.ARC_COS)


@cold_kernel
def release(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int, t: int) -> None:
    """The damage point: hit, launch, sweep or burst; the backswing begins."""
    Z[L.PHASE, i] = 0
    F[L.BS, i] = P[L.SWING, i]
    weapon = Q[L.WEAPON, i]
    if weapon == L.MISSILES and gap_is_melee(F, P, Q, M, i, t) == 0:
        launch(F, Z, P, Q, M, i, t)
    elif weapon == L.SWEEP:
        aim_sweep(F, Z, i, t)
    elif weapon == L.BURST:
        F[L.HP, i] = 0.0
        F[L.SH, i] = 0.0
    else:
        strike(F, Z, P, Q, M, i, t)
        if weapon == L.DOUBLE:
            Z[L.HTT, i] = t
            Z[L.HN, i] = 1
            F[L.HT, i] = P[L.FOLLOW, i]


@cold_kernel
def gap_is_melee(F: F64, P: F64, Q: I64, M: I64, i: int, t: int) -> int:
    """Return 1 when the target is so close that the melee variant of the weapon is used."""
    dx = F[L.X, t] - F[L.X, i]
    dy = F[L.Y, t] - F[L.Y, i]
    reach = P[L.MELEE_RANGE, i] + P[L.RADIUS, i] + P[L.RADIUS, t]
    return 1 if P[L.MELEE_RANGE, i] > 0.0 and dx * dx + dy * dy <= reach * reach else 0


@cold_kernel
def begin(F: F64, Z: I64, P: F64, Q: I64, M: I64, rng: Rng, e: int, i: int, t: int) -> None:
    """Begin an attack: the cooldown, period plus random delay, starts; the damage point follows."""
    delay = P[L.DELAY, i] + P[L.DELAY_SPAN, i] * uniform(rng, e)
    F[L.CD, i] = P[L.PERIOD, i] + delay
    F[L.WT, i] = P[L.MELEE_POINT, i] if gap_is_melee(F, P, Q, M, i, t) else P[L.POINT, i]
    Z[L.PHASE, i] = 1
    if F[L.WT, i] <= 0.0:
        release(F, Z, P, Q, M, i, t)


@cold_kernel
def wind_up(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int, t: int, gap: float) -> None:
    """One loop of the wind-up.

    A target that left range + slop cancels the attack and its cooldown.
    """
    if gap > P[L.RANGE, i] + P[L.SLOP, i] + K.REACH:
        Z[L.PHASE, i] = 0
        F[L.CD, i] = 0.0
        return
    F[L.WT, i] -= 1.0
    if F[L.WT, i] <= 0.0:
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
    dx = F[L.X, t] - F[L.X, i]
    dy = F[L.Y, t] - F[L.Y, i]
    d = math.sqrt(dx * dx + dy * dy)
    gap = d - P[L.RADIUS, i] - P[L.RADIUS, t]
    ux = dx / d if d > 0.0 else F[L.FX, i]
    uy = dy / d if d > 0.0 else F[L.FY, i]
    if Z[L.PHASE, i] == 1:
        Z[L.POSE, i] = L.ANCHORED
        turn(F, i, ux, uy)
        wind_up(F, Z, P, Q, M, i, t, gap)
    elif gap <= P[L.RANGE, i] + K.REACH:
        Z[L.POSE, i] = L.ANCHORED
        if turn(F, i, ux, uy) and F[L.CD, i] <= 0.0:
            begin(F, Z, P, Q, M, rng, e, i, t)
    elif F[L.BS, i] > 0.0:
        Z[L.POSE, i] = L.ANCHORED
    else:
        step = min(P[L.SPEED, i], gap - P[L.RANGE, i] + K.REACH)
        go(F, Z, P, Q, M, cell, hops, i, t, F[L.X, t], F[L.Y, t], step)
        turn(F, i, ux, uy)
