"""Answers: units that were hit strike back, and call their friends into the battle."""

from pymarl.envs.skirmish.engine.codes import ATTACK_MOVE, IDLE, NO_UNIT
from pymarl.envs.skirmish.engine.constants import HELP_PERIOD, HELP_RADIUS
from pymarl.envs.skirmish.engine.state import Battle
from pymarl.envs.skirmish.engine.target_selection import (
    can_attack,
    edge_distance,
    set_acquired_target,
)
from pymarl.kernels.simulator_jit import inner_kernel, kernel


@kernel
def is_free_to_respond(battle: Battle, i: int) -> bool:
    """Return whether unit ``i`` lives, may choose targets, and has none."""
    unit = battle.units[i]
    return bool(
        unit.alive != 0
        and battle.traits[i].is_passive == 0
        and unit.acquired_target < 0
        and (unit.order == IDLE or unit.order == ATTACK_MOVE)
    )


@inner_kernel
def call_for_help(battle: Battle, victim: int, attacker: int) -> None:
    """Friends near the victim that have nothing to do turn on the attacker."""
    # The victim's own side.
    n = battle.map.n_agents
    low, high = (0, n) if victim < n else (n, battle.map.n_units)
    for k in range(low, high):
        if k == victim or not is_free_to_respond(battle, k) or not can_attack(battle, k, attacker):
            continue
        if edge_distance(battle, victim, k) <= HELP_RADIUS:
            set_acquired_target(battle, k, attacker)


@kernel
def respond_to_attacks(battle: Battle) -> None:
    """Let units that were hit in this loop strike back if they are free, and call for help.

    A unit calls every two seconds at most. Who has found a target in this loop calls, too: one unit
    that comes upon the enemy brings its neighbours into the battle.
    """
    for i in range(battle.map.n_units):
        unit = battle.units[i]
        if unit.help_timer > 0.0:
            unit.help_timer -= 1.0
        if unit.found_target:
            unit.found_target = 0
            # Its target may be another one by now, or dead.
            target = unit.acquired_target
            if unit.alive and target >= 0 and battle.units[target].alive:
                call_for_help(battle, i, target)
        # The mark is for this loop only, also on units that do not answer.
        attacker = unit.attacked_by
        unit.attacked_by = NO_UNIT
        if attacker < 0 or battle.traits[i].is_passive or not unit.alive:
            continue
        if not battle.units[attacker].alive:
            continue
        if is_free_to_respond(battle, i) and can_attack(battle, i, attacker):
            set_acquired_target(battle, i, attacker)
        if unit.help_timer <= 0.0:
            unit.help_timer = HELP_PERIOD
            call_for_help(battle, i, attacker)
