"""Orders: what units are told to do, by agents and by the map's script, and how they do it."""

from math import sqrt

from pymarl.envs.skirmish.engine.constants import (
    ARRIVE_ATTACK,
    ARRIVE_MOVE,
    AUTOCAST_ENERGY,
    AUTOCAST_RANGE,
    CROWD_RADIUS,
    ENERGY_PER_HP,
    HEAL_PER_LOOP,
    HEAL_RANGE,
    REACH,
)
from tests.reference.engine.battle import Battle
from tests.reference.engine.movement import move_towards
from tests.reference.engine.targets import nearest_agent
from tests.reference.engine.unit import Order, Side, Unit


def give_order(
    unit: Unit,
    order: Order,
    target: Unit | None = None,
    goal: tuple[float, float] = (0.0, 0.0),
) -> None:
    """Give the unit an order; the same one again changes nothing.

    A new order breaks off a wind-up and ends a backswing (chosen).
    """
    is_same = order is unit.order and target is unit.ordered_target
    if is_same and (target is not None or order is Order.IDLE):
        return
    unit.cancel_attack()
    unit.backswing = 0.0
    unit.order, unit.ordered_target, unit.goal = order, target, goal
    unit.acquired_target = None
    unit.stuck_loops = 0


def order_enemies(battle: Battle) -> None:
    """Give the enemies the order of the map's script; who has no weapon gets none.

    ``attack_nearest`` looks at those without an order only, and at nothing but the distance: an
    order against somebody the weapon cannot hit is refused.
    """
    battle.enemies_ordered = not battle.enemy_order_every
    battle.enemy_order_after += battle.enemy_order_every
    if battle.enemy_order == "none":
        return
    for unit in battle.units[battle.n_agents :]:
        if not unit.alive or not unit.is_armed():
            continue
        if battle.enemy_order == "attack_nearest":
            living = [agent for agent in battle.enemies_of(unit) if agent.alive]
            if unit.order is Order.IDLE and living:
                away = [(agent.x - unit.x) ** 2 + (agent.y - unit.y) ** 2 for agent in living]
                nearest = living[away.index(min(away))]
                if unit.reaches_plane_of(nearest):
                    give_order(unit, Order.ATTACK, nearest)
        elif battle.enemy_order == "attack_units":
            target = nearest_agent(battle, unit)
            if target is not None:
                give_order(unit, Order.ATTACK, target)
        elif unit.traits.speed > 0:
            give_order(unit, Order.ATTACK_MOVE, None, battle.order_point)


def attack_target(battle: Battle, unit: Unit) -> Unit | None:
    """Return whom the unit attacks now: the ordered target, or its own choice.

    When an ordered target has died, enemies that are to attack the agents one by one go on to the
    nearest agent; other units become idle.
    """
    if unit.order is not Order.ATTACK:
        return unit.acquired_target
    target = unit.ordered_target
    if target is not None and target.alive:
        return target
    one_by_one = unit.side is Side.ENEMIES and battle.enemy_order == "attack_units"
    target = nearest_agent(battle, unit) if one_by_one else None
    give_order(unit, Order.IDLE if target is None else Order.ATTACK, target)
    return target


def walk(battle: Battle, unit: Unit) -> None:
    """Follow a move or attack-move order.

    An attack-move is done, too, when an idle friend stands in the way near the goal: the units
    that come late gather around those that are there.
    """
    if unit.order not in (Order.MOVE, Order.ATTACK_MOVE):
        return
    dx, dy = unit.goal[0] - unit.x, unit.goal[1] - unit.y
    distance = sqrt(dx * dx + dy * dy)
    if unit.order is Order.MOVE:
        arrived = distance <= ARRIVE_MOVE
    else:
        arrived = distance <= ARRIVE_ATTACK
        blocker = unit.blocker
        if blocker is not None and distance <= CROWD_RADIUS:
            arrived |= blocker.order is Order.IDLE and blocker.side is unit.side
    if arrived:
        give_order(unit, Order.IDLE)
    else:
        move_towards(battle, unit, unit.goal, min(unit.traits.speed, distance))


def heal(battle: Battle, unit: Unit) -> None:
    """Spend a healer's loop: find a patient (not when passive), close in, heal for energy."""
    patient = unit.ordered_target if unit.order is Order.HEAL else None
    if patient is not None and (not can_heal(unit, patient) or unit.energy <= 0):
        give_order(unit, Order.IDLE)
        patient = None
    if patient is None and unit.order is Order.IDLE and not unit.is_passive:
        patient = _choose_patient(battle, unit)
        if patient is not None:
            give_order(unit, Order.HEAL, patient)
    if patient is None:
        walk(battle, unit)
    elif unit.gap_to(patient) > HEAL_RANGE + REACH:
        move_towards(battle, unit, (patient.x, patient.y), unit.traits.speed, patient)
    elif patient.health > 0:
        missing = patient.traits.health_max - patient.health
        points = min(min(HEAL_PER_LOOP, missing), unit.energy / ENERGY_PER_HP)
        patient.health += points
        unit.energy -= points * ENERGY_PER_HP


def can_heal(healer: Unit, friend: Unit) -> bool:
    """Return whether the friend is another living unit that can be healed and has need of it."""
    if friend is healer or not friend.alive:
        return False
    return friend.traits.can_be_healed and friend.health < friend.traits.health_max


def _choose_patient(battle: Battle, healer: Unit) -> Unit | None:
    """Return whom a healer that acts by itself heals, if it has the energy.

    The one with the smallest share of its health, among equals the nearest one.
    """
    if healer.energy < AUTOCAST_ENERGY:
        return None
    patients = [
        friend
        for friend in battle.friends_of(healer)
        if can_heal(healer, friend) and healer.gap_to(friend) <= AUTOCAST_RANGE + REACH
    ]
    return min(
        patients,
        key=lambda friend: (friend.health / friend.traits.health_max, healer.gap_to(friend)),
        default=None,
    )
