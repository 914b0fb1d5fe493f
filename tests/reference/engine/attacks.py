"""Attacks: turn, wind up, strike at the damage point, swing back; or close in first."""

from pymarl.envs.skirmish.engine.constants import REACH
from tests.reference.engine.battle import Battle
from tests.reference.engine.damage import (
    launch_missile,
    plan_second_blade,
    plan_sweeps,
    strike,
    throw_tentacle,
)
from tests.reference.engine.movement import move_towards
from tests.reference.engine.traits import Weapon
from tests.reference.engine.unit import Pose, Unit


def attack(battle: Battle, unit: Unit, target: Unit) -> None:
    """Spend the unit's loop on an attack.

    An attack begins within range, when the unit looks at its target and its cooldown is over. It
    is broken off when the target leaves range + slop before the damage point. Out of range the
    unit finishes its backswing, then closes in.
    """
    dx, dy, distance = unit.vector_to(target)
    gap = unit.gap_to(target)
    ux, uy = (dx / distance, dy / distance) if distance > 0 else unit.facing
    if unit.winding_up:
        unit.pose = Pose.ANCHORED
        unit.turn(ux, uy)
        _wind_up(unit, target, gap)
    elif gap <= unit.traits.attack_range + REACH:
        unit.pose = Pose.ANCHORED
        if unit.turn(ux, uy) and unit.cooldown <= 0:
            _begin_attack(battle, unit, target)
    elif unit.backswing > 0:
        unit.pose = Pose.ANCHORED
    else:
        step = min(unit.traits.speed, gap - unit.traits.attack_range + REACH)
        move_towards(battle, unit, (target.x, target.y), step, target)
        if not unit.traits.turns_to_walk:
            unit.turn(ux, uy)  # the weapon turns on its own


def _begin_attack(battle: Battle, unit: Unit, target: Unit) -> None:
    """Begin an attack: the cooldown, with its random delay, starts; the damage point is ahead."""
    least, most = battle.attack_delay
    delay = least + (most - least) * battle.random_stream.uniform()
    unit.cooldown = unit.traits.attack_period + delay
    in_melee = _in_melee_range(unit, target)
    unit.wind_up = unit.traits.melee_damage_point if in_melee else unit.traits.damage_point
    unit.winding_up = True
    if unit.wind_up <= 0:
        _deal_damage(unit, target)


def _wind_up(unit: Unit, target: Unit, gap: float) -> None:
    """One loop of the wind-up."""
    if gap > unit.traits.attack_range + unit.traits.range_slop + REACH:
        unit.cancel_attack()
        return
    unit.wind_up -= 1.0
    if unit.wind_up <= 0:
        _deal_damage(unit, target)


def _deal_damage(unit: Unit, target: Unit) -> None:
    """The damage point: the weapon does what it does, and the backswing begins."""
    unit.winding_up = False
    unit.backswing = unit.traits.backswing
    weapon = unit.traits.weapon
    if weapon is Weapon.MISSILE and not _in_melee_range(unit, target):
        launch_missile(unit, target)
    elif weapon is Weapon.BEAM:
        plan_sweeps(unit, target)
    elif weapon is Weapon.TENTACLE:
        throw_tentacle(unit, target)
    elif weapon is Weapon.BURST:
        unit.health = unit.shield = 0.0  # it explodes where all units die, at the loop's end
    else:
        strike(unit, target)
        if weapon is Weapon.TWO_BLADES:
            plan_second_blade(unit, target)


def _in_melee_range(unit: Unit, target: Unit) -> bool:
    """Return whether the closer variant of the weapon applies (hydralisk: no missile)."""
    reach = unit.traits.melee_range + unit.traits.radius + target.traits.radius
    dx, dy, _ = unit.vector_to(target)
    return unit.traits.melee_range > 0 and dx * dx + dy * dy <= reach * reach
