"""Compiled parts of the stand-in: game loops, commands, and writing units as protobuf bytes."""

import math
from typing import Any, Final

import numpy as np

from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.game_loop import game_loop
from pymarl.envs.skirmish.engine.orders import can_heal, give
from pymarl.envs.skirmish.engine.state import State, World
from pymarl.envs.skirmish.engine.target_selection import can_hit
from pymarl.kernels.simulator_jit import cold_kernel

# Commands of a client, columns of an int64 row: unit, what, target unit (-1: a point).
C_UNIT: Final = 0
C_WHAT: Final = 1
C_TARGET: Final = 2
N_COMMAND: Final = 3
STOP: Final = 0
MOVE: Final = 1
ATTACK: Final = 2
HEAL: Final = 3

# Answers, numbers of the protocol's ActionResult.
SUCCESS: Final = 1
NOT_SUPPORTED: Final = 2
ERROR: Final = 3
NO_ENERGY: Final = 17
CANNOT_TARGET: Final = 36
NEEDS_PATIENT: Final = 90

# Numbers of a unit that change, in the order of ``spots``.
N_SPOTS: Final = 8


@cold_kernel
def run_loops(s: State, w: World, loops: int, until_gone: int, scratch: Any) -> int:
    """Advance the battle by ``loops`` game loops and return how many were done.

    With ``until_gone`` it ends after the loop in which the last unit of both sides died.
    ``scratch`` is float64 (4, U).
    """
    F, Z, C, G, rng = s.F[0], s.Z[0], s.C[0], s.G[0], s.rng
    P, Q, M = w.P, w.Q, w.M
    units = M[L.M_UNITS]
    for k in range(loops):
        game_loop(F, Z, C, G, P, Q, M, w.grid, w.cell, w.hops, rng, 0, scratch)
        if until_gone:
            alive = 0
            for i in range(units):
                alive += Z[i, L.ALIVE]
            if alive == 0:
                return k + 1
    return loops


@cold_kernel
def obey_heal(s: State, w: World, i: int, t: int) -> int:
    """Order unit ``i`` to heal ``t`` and return the answer."""
    F, Z, P, Q, M = s.F[0], s.Z[0], w.P, w.Q, w.M
    if not Q[i, L.HEALER]:
        return NOT_SUPPORTED
    if t < 0 or Q[t, L.SIDE] != Q[i, L.SIDE] or not can_heal(F, Z, P, Q, M, i, t):
        return NEEDS_PATIENT
    if F[i, L.EN] <= 0.0:
        return NO_ENERGY
    give(F, Z, i, L.HEAL, t, 0.0, 0.0)
    return SUCCESS


@cold_kernel
def obey_attack(s: State, w: World, i: int, t: int, x: float, y: float) -> int:
    """Order unit ``i`` to attack ``t``, or on the way to (x, y), and return the answer."""
    F, Z, P, Q, M = s.F[0], s.Z[0], w.P, w.Q, w.M
    if Q[i, L.WEAPON] == L.UNARMED:
        return NOT_SUPPORTED
    if t < 0:
        give(F, Z, i, L.ATTACK_MOVE, -1, x, y)
    elif Z[t, L.ALIVE] and Q[t, L.SIDE] != Q[i, L.SIDE] and can_hit(P, Q, M, i, t):
        give(F, Z, i, L.ATTACK, t, 0.0, 0.0)
    else:
        return CANNOT_TARGET
    return SUCCESS


@cold_kernel
def obey(s: State, w: World, commands: Any, goals: Any, answers: Any) -> None:
    """Give commands int64 (n, 3) with goals float64 (n, 2) to living units; write the answers.

    The same orders as SMAC's actions give in the simulator (``skirmish.orders.command``).
    """
    F, Z = s.F[0], s.Z[0]
    for k in range(commands.shape[0]):
        i, what, t = commands[k, C_UNIT], commands[k, C_WHAT], commands[k, C_TARGET]
        x, y = goals[k, 0], goals[k, 1]
        answers[k] = SUCCESS
        if not Z[i, L.ALIVE]:
            answers[k] = ERROR
        elif what == STOP:
            give(F, Z, i, L.IDLE, -1, 0.0, 0.0)
        elif what == MOVE:
            give(F, Z, i, L.MOVE, -1, x, y)
        elif what == HEAL:
            answers[k] = obey_heal(s, w, i, t)
        else:
            answers[k] = obey_attack(s, w, i, t, x, y)


@cold_kernel
def kill(s: State, units: Any) -> None:
    """Leave the units without health: they die at the end of the next game loop."""
    F, Z = s.F[0], s.Z[0]
    for i in units:
        if Z[i, L.ALIVE]:
            F[i, L.HP] = 0.0
            F[i, L.SH] = 0.0


@cold_kernel
def put_float(out: Any, at: int, value: float) -> None:
    """Write ``value`` as a little-endian float32 at ``out[at]``, unless ``at`` is negative."""
    if at >= 0:
        bits = np.float32(value).view(np.uint32)
        for k in range(4):
            out[at + k] = np.uint8((bits >> np.uint32(8 * k)) & np.uint32(255))


@cold_kernel
def write_units(
    s: State, w: World, heights: Any, flat: Any, starts: Any, spots: Any, out: Any, alive: Any
) -> int:
    """Write the living units' messages and return the number of bytes.

    Args:
        s: the battle.
        w: its world.
        heights: float64 (H, W), height of the ground per cell.
        flat: uint8, the units' messages one after the other, as of their spawn.
        starts: int64 (U + 1,), where each begins.
        spots: int64 (U, N_SPOTS), where in ``flat`` the changing numbers lie: x, y, z, facing,
            health, shield, energy, cooldown; -1: not there.
        out: uint8, as long as ``flat``.
        alive: uint8 (U,), written: which units live.
    """
    F, Z = s.F[0], s.Z[0]
    tall, wide = heights.shape
    n = 0
    for i in range(w.M[L.M_UNITS]):
        alive[i] = Z[i, L.ALIVE]
        if not Z[i, L.ALIVE]:
            continue
        low, high = starts[i], starts[i + 1]
        shift = n - low
        for k in range(low, high):
            out[k + shift] = flat[k]
        n += high - low
        x, y = F[i, L.X], F[i, L.Y]
        z = heights[min(max(int(y), 0), tall - 1), min(max(int(x), 0), wide - 1)]
        facing = math.atan2(F[i, L.FY], F[i, L.FX])
        if facing < 0.0:
            facing += 2.0 * math.pi
        values = (x, y, z, facing, F[i, L.HP], F[i, L.SH], F[i, L.EN], F[i, L.CD])
        for k in range(N_SPOTS):
            at = spots[i, k]
            put_float(out, at + shift if at >= 0 else -1, values[k])
    return n
