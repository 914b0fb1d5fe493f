"""Compiled parts of the stand-in: game loops and commands."""

from typing import Any, Final

from pymarl.envs.skirmish.engine import codes
from pymarl.envs.skirmish.engine.game_loop import game_loop
from pymarl.envs.skirmish.engine.orders import issue_order, order_attack, order_heal, order_idle
from pymarl.envs.skirmish.engine.state import Battle, State, World, battle_of
from pymarl.envs.skirmish.engine.target_selection import can_attack, can_heal
from pymarl.kernels.simulator_jit import cold_kernel, inner_kernel

# Commands of a client, columns of an int64 row: unit, command, target unit (-1: a point).
C_UNIT: Final = 0
C_COMMAND: Final = 1
C_TARGET: Final = 2
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
def run_loops(state: State, world: World, loops: int, until_all_dead: int) -> int:
    """Advance the battle by ``loops`` game loops and return how many were done.

    With ``until_all_dead`` it ends after the loop in which the last unit of both sides died.
    """
    battle = battle_of(state, world, 0)
    for k in range(loops):
        game_loop(battle)
        if until_all_dead:
            alive = 0
            for i in range(battle.map.n_units):
                alive += battle.units[i].alive
            if alive == 0:
                return k + 1
    return loops


@inner_kernel
def apply_heal(battle: Battle, i: int, target: int) -> int:
    """Order unit ``i`` to heal ``target`` and return the answer."""
    traits = battle.traits
    if not traits[i].is_healer:
        return NOT_SUPPORTED
    if target < 0 or traits[target].side != traits[i].side or not can_heal(battle, i, target):
        return NEEDS_PATIENT
    if battle.units[i].energy <= 0.0:
        return NO_ENERGY
    order_heal(battle, i, target)
    return SUCCESS


@inner_kernel
def apply_attack(battle: Battle, i: int, target: int, x: float, y: float) -> int:
    """Order unit ``i`` to attack ``target``, or on the way to (x, y), and return the answer."""
    traits = battle.traits
    if traits[i].weapon == codes.UNARMED:
        return NOT_SUPPORTED
    if target < 0:
        issue_order(battle, i, codes.ATTACK_MOVE, codes.NO_UNIT, x, y)
        return SUCCESS
    is_enemy = traits[target].side != traits[i].side
    if battle.units[target].alive and is_enemy and can_attack(battle, i, target):
        order_attack(battle, i, target)
        return SUCCESS
    return CANNOT_TARGET


@cold_kernel
def apply_commands(state: State, world: World, commands: Any, goals: Any, answers: Any) -> None:
    """Give commands int64 (n, 3) with goals float64 (n, 2) to living units; write the answers.

    The same orders as SMAC's actions give in the simulator (``engine.orders.apply_action``).
    """
    battle = battle_of(state, world, 0)
    for k in range(commands.shape[0]):
        i, command, target = commands[k, C_UNIT], commands[k, C_COMMAND], commands[k, C_TARGET]
        x, y = goals[k, 0], goals[k, 1]
        answers[k] = SUCCESS
        if not battle.units[i].alive:
            answers[k] = ERROR
        elif command == STOP:
            order_idle(battle, i)
        elif command == MOVE:
            issue_order(battle, i, codes.MOVE, codes.NO_UNIT, x, y)
        elif command == HEAL:
            answers[k] = apply_heal(battle, i, target)
        else:
            answers[k] = apply_attack(battle, i, target, x, y)


@cold_kernel
def kill(state: State, units: Any) -> None:
    """Leave the units without health: they die at the end of the next game loop."""
    for i in units:
        unit = state.units[0][i]
        if unit.alive:
            unit.health = 0.0
            unit.shield = 0.0
