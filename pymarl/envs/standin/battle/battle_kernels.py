"""Compiled parts of the stand-in: game loops and commands."""

from typing import Any, Final

from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.game_loop import game_loop
from pymarl.envs.skirmish.engine.orders import can_heal, give
from pymarl.envs.skirmish.engine.state import State, World
from pymarl.envs.skirmish.engine.target_selection import can_hit
from pymarl.kernels.simulator_jit import cold_kernel

# Commands of a client, columns of an int64 row: unit, command, target unit (-1: a point).
C_UNIT: Final = 0
C_COMMAND: Final = 1
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


@cold_kernel
def run_loops(s: State, w: World, loops: int, until_all_dead: int, scratch: Any) -> int:
    """Advance the battle by ``loops`` game loops and return how many were done.

    With ``until_all_dead`` it ends after the loop in which the last unit of both sides died.
    ``scratch`` is float64 (4, U).
    """
    F, Z, C, G, rng = s.F[0], s.Z[0], s.C[0], s.G[0], s.rng
    P, Q, M = w.P, w.Q, w.M
    units = M[L.M_UNITS]
    for k in range(loops):
        game_loop(F, Z, C, G, P, Q, M, w.grid, w.cell, w.hops, rng, 0, scratch)
        if until_all_dead:
            alive = 0
            for i in range(units):
                alive += Z[i, L.ALIVE]
            if alive == 0:
                return k + 1
    return loops


@cold_kernel
def apply_heal(s: State, w: World, i: int, t: int) -> int:
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
def apply_attack(s: State, w: World, i: int, t: int, x: float, y: float) -> int:
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
def apply_commands(s: State, w: World, commands: Any, goals: Any, answers: Any) -> None:
    """Give commands int64 (n, 3) with goals float64 (n, 2) to living units; write the answers.

    The same orders as SMAC's actions give in the simulator (``skirmish.orders.command``).
    """
    F, Z = s.F[0], s.Z[0]
    for k in range(commands.shape[0]):
        i, command, t = commands[k, C_UNIT], commands[k, C_COMMAND], commands[k, C_TARGET]
        x, y = goals[k, 0], goals[k, 1]
        answers[k] = SUCCESS
        if not Z[i, L.ALIVE]:
            answers[k] = ERROR
        elif command == STOP:
            give(F, Z, i, L.IDLE, -1, 0.0, 0.0)
        elif command == MOVE:
            give(F, Z, i, L.MOVE, -1, x, y)
        elif command == HEAL:
            answers[k] = apply_heal(s, w, i, t)
        else:
            answers[k] = apply_attack(s, w, i, t, x, y)


@cold_kernel
def kill(s: State, units: Any) -> None:
    """Leave the units without health: they die at the end of the next game loop."""
    F, Z = s.F[0], s.Z[0]
    for i in units:
        if Z[i, L.ALIVE]:
            F[i, L.HP] = 0.0
            F[i, L.SH] = 0.0
