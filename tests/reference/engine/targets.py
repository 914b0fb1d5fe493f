"""Targets: whom units attack by themselves, and how they answer attacks.

All unit types have the same priority. Who attacks a unit threatens it and comes first; among equals
the nearest counts. A threat within range is kept until it dies; a target that is no threat is given
up for a threat, one out of range also for a nearer one.
"""

from math import inf

from pymarl.envs.skirmish.engine.constants import (
    COMBAT_RANGE,
    HELP_PERIOD,
    HELP_RADIUS,
    LEASH,
    REACH,
    RESCAN_LOOPS,
)
from tests.reference.engine.battle import Battle
from tests.reference.engine.unit import Order, Unit


def acquire_target(battle: Battle, unit: Unit) -> None:
    """Keep, find or improve the target of a unit that attacks by itself.

    A target is lost when it dies, or when the unit has gone farther than the leash from where it
    chose it. Who cannot reach its target looks around again every few loops.
    """
    if unit.acquired_target is not None:
        dx, dy = unit.x - unit.acquired_at[0], unit.y - unit.acquired_at[1]
        if not unit.acquired_target.alive or dx * dx + dy * dy > LEASH * LEASH:
            choose_target(unit, None)
    target = unit.acquired_target
    if target is None:
        limit = unit.traits.acquisition_range
        if unit.order is Order.ATTACK_MOVE and unit.has_fought:
            limit = max(limit, COMBAT_RANGE)
        choose_target(unit, best_enemy(battle, unit, limit))
        unit.found_target = unit.acquired_target is not None
    elif (battle.game_loops + unit.index) % RESCAN_LOOPS == 0 and not unit.winding_up:
        choose_target(unit, _better_target(battle, unit, target))


def _better_target(battle: Battle, unit: Unit, target: Unit) -> Unit:
    """Return whom the unit attacks from now on: its target, a nearer enemy, or a threat."""
    gap = unit.gap_to(target)
    in_range = gap <= unit.traits.attack_range + REACH
    # Melee units run past whom they could hit, until somebody is in their way.
    if not in_range and not (unit.is_melee() and unit.blocker is None):
        return best_enemy(battle, unit, min(gap, unit.traits.acquisition_range)) or target
    limit = unit.traits.attack_range if in_range else unit.traits.acquisition_range
    other = best_enemy(battle, unit, limit)
    if other is None or target.threatens(unit) or not other.threatens(unit):
        return target
    return other


def best_enemy(battle: Battle, unit: Unit, limit: float) -> Unit | None:
    """Return the nearest threat, else the nearest enemy, up to ``limit`` from edge to edge.

    Only enemies that the weapon can hit.
    """
    best, best_key = None, (True, limit + REACH)
    for enemy in battle.enemies_of(unit):
        if enemy.alive and unit.reaches_plane_of(enemy):
            gap, is_no_threat = unit.gap_to(enemy), not enemy.threatens(unit)
            if gap < limit + REACH and (is_no_threat, gap) < best_key:
                best, best_key = enemy, (is_no_threat, gap)
    return best


def nearest_agent(battle: Battle, unit: Unit) -> Unit | None:
    """Return the nearest agent that the weapon can hit, at any distance, from centre to centre."""
    nearest, nearest_square = None, inf
    for agent in battle.units[: battle.n_agents]:
        dx, dy, _ = unit.vector_to(agent)
        square = dx * dx + dy * dy
        if agent.alive and unit.reaches_plane_of(agent) and square < nearest_square:
            nearest, nearest_square = agent, square
    return nearest


def choose_target(unit: Unit, target: Unit | None) -> None:
    """Make ``target`` the unit's own choice; another target breaks off a wind-up."""
    if target is not unit.acquired_target:
        unit.cancel_attack()
        unit.acquired_target = target
        unit.has_fought = unit.has_fought or target is not None
        unit.acquired_at = (unit.x, unit.y)


def answer_attacks(battle: Battle) -> None:
    """After the loop's damage: who was hit and is free strikes back, and calls its friends.

    Who has found a target calls them, too.
    """
    for unit in battle.units:
        unit.help_timer = max(unit.help_timer - 1.0, 0.0)
        found, unit.found_target = unit.found_target, False
        target = unit.acquired_target
        if found and unit.alive and target is not None and target.alive:
            _call_for_help(battle, unit, target)
        attacker, unit.attacked_by = unit.attacked_by, None
        if attacker is None or unit.is_passive or not unit.alive or not attacker.alive:
            continue
        if _is_free(unit) and unit.reaches_plane_of(attacker):
            choose_target(unit, attacker)
        if unit.help_timer <= 0:
            unit.help_timer = HELP_PERIOD
            _call_for_help(battle, unit, attacker)


def _call_for_help(battle: Battle, unit: Unit, attacker: Unit) -> None:
    """Let the free friends nearby turn on the attacker."""
    for friend in battle.friends_of(unit):
        if friend is unit or not _is_free(friend) or not friend.reaches_plane_of(attacker):
            continue
        if unit.gap_to(friend) <= HELP_RADIUS:
            choose_target(friend, attacker)


def _is_free(unit: Unit) -> bool:
    """Return whether the unit lives, may choose a target, and has none."""
    return unit.alive and unit.may_choose_targets() and unit.acquired_target is None
