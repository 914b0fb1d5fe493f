"""Healers (medivacs): whom they heal, and how."""

from pymarl.envs.skirmish.engine.codes import AGENTS, HEAL, IDLE, NO_UNIT
from pymarl.envs.skirmish.engine.constants import (
    AUTOCAST_ENERGY,
    AUTOCAST_RANGE,
    ENERGY_PER_HP,
    HEAL_PER_LOOP,
    HEAL_RANGE,
    REACH,
)
from pymarl.envs.skirmish.engine.movement import move_towards
from pymarl.envs.skirmish.engine.orders import follow_order, order_heal, order_idle
from pymarl.envs.skirmish.engine.state import Battle
from pymarl.envs.skirmish.engine.target_selection import can_heal, edge_distance
from pymarl.kernels.simulator_jit import inner_kernel


@inner_kernel
def find_patient(battle: Battle, i: int) -> int:
    """Return the friend that unit ``i`` would heal by itself, or -1.

    Data: the ability's TargetSorts, the smallest share of health first, then the nearest one.
    """
    if battle.units[i].energy < AUTOCAST_ENERGY:
        return NO_UNIT
    n, units = battle.map.n_agents, battle.map.n_units
    low, high = (0, n) if battle.traits[i].side == AGENTS else (n, units)
    best = NO_UNIT
    best_share = 1.0
    best_distance = 0.0
    for j in range(low, high):
        if not can_heal(battle, i, j):
            continue
        share = battle.units[j].health / battle.traits[j].health_max
        distance = edge_distance(battle, i, j)
        is_better = share < best_share or (share == best_share and distance < best_distance)
        if is_better and distance <= AUTOCAST_RANGE + REACH:
            best_share = share
            best_distance = distance
            best = j
    return best


@inner_kernel
def act_as_healer(battle: Battle, i: int) -> None:
    """A healer's loop: choose a patient (not when passive), close in, heal for energy."""
    healer = battle.units[i]
    target = healer.ordered_target if healer.order == HEAL else NO_UNIT
    if target >= 0 and (not can_heal(battle, i, target) or healer.energy <= 0.0):
        order_idle(battle, i)
        target = NO_UNIT
    if target < 0 and healer.order == IDLE and not battle.traits[i].is_passive:
        target = find_patient(battle, i)
        if target >= 0:
            order_heal(battle, i, target)
    # A healer has no weapon: without a patient there are only move orders to follow.
    if target < 0:
        follow_order(battle, i)
        return
    patient = battle.units[target]
    if edge_distance(battle, i, target) > HEAL_RANGE + REACH:
        move_towards(battle, i, target, patient.x, patient.y, battle.traits[i].speed)
    # A patient that fell in this loop is gone at its end; healing must not save it.
    elif patient.health > 0.0:
        # As many points as fit into this loop, the patient, and the healer's energy.
        missing = battle.traits[target].health_max - patient.health
        points = min(min(HEAL_PER_LOOP, missing), healer.energy / ENERGY_PER_HP)
        patient.health += points
        healer.energy -= points * ENERGY_PER_HP
