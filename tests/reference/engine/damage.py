"""Damage: hits, missiles, follow-up hits, bursts and deaths.

Damage lowers health at once, but units die at the end of the game loop: two units that strike each
other in one loop both strike, so neither the order of units nor the side decides a duel (chosen).
"""

from math import ceil, sqrt

from pymarl.envs.skirmish.engine.constants import (
    BURST_VS_STRUCTURE,
    DAMAGE_MINIMUM,
    LOOPS_PER_SECOND,
    SHIELD_DELAY,
    SWEEP_DELAY,
    SWEEP_HALF,
    SWEEP_REACH,
    SWEEP_STEP,
    TENTACLE_HOLD,
    TENTACLE_LONG,
)
from tests.reference.engine.battle import Battle
from tests.reference.engine.traits import Weapon
from tests.reference.engine.unit import Unit


def strike(unit: Unit, target: Unit) -> None:
    """Hit ``target`` once with the weapon of ``unit``.

    The shield absorbs what it can; the rest, less the armor but never nothing, goes to health.
    """
    amount = unit.traits.damage
    if unit.traits.bonus_attributes & target.traits.attributes:
        amount += unit.traits.damage_bonus
    if unit.traits.weapon is Weapon.BURST and target.traits.is_structure:
        amount = BURST_VS_STRUCTURE
    absorbed = min(target.shield, amount)
    target.shield -= absorbed
    if amount - absorbed > 0:
        target.health -= max(amount - absorbed - target.traits.armor, DAMAGE_MINIMUM)
    target.shield_timer = SHIELD_DELAY
    target.attacked_by = unit


def launch_missile(unit: Unit, target: Unit) -> None:
    """Start a missile at the unit's edge; one that is still in flight lands now."""
    if unit.missile_target is not None:
        strike(unit, unit.missile_target)
    dx, dy, distance = unit.vector_to(target)
    share = unit.traits.radius / distance if distance > 0 else 0.0
    unit.missile = (unit.x + dx * share, unit.y + dy * share)
    unit.missile_target = target


def fly_missile(unit: Unit) -> None:
    """Move the unit's missile after its target; it flies on when its shooter has died."""
    target = unit.missile_target
    if target is None:
        return
    if not target.alive:
        unit.missile_target = None
        return
    x, y = unit.missile
    dx, dy = target.x - x, target.y - y
    distance = sqrt(dx * dx + dy * dy)
    speed = unit.traits.missile_speed
    if distance - target.traits.radius <= speed:
        unit.missile_target = None
        strike(unit, target)
    else:
        unit.missile = (x + dx / distance * speed, y + dy / distance * speed)


def plan_second_blade(unit: Unit, target: Unit) -> None:
    """Let a second hit on ``target`` follow; it needs a living attacker."""
    unit.follow_ups_left, unit.follow_up_target = 1, target
    unit.follow_up_timer = unit.traits.follow_up_delay


def throw_tentacle(unit: Unit, target: Unit) -> None:
    """Let the tentacle fly: it hits when it arrives; the cooldown waits until it turns back."""
    _, _, distance = unit.vector_to(target)
    way = max(distance - target.traits.radius, 0.0)
    out = _tentacle_loops(way, way - unit.traits.radius > TENTACLE_LONG)
    unit.follow_ups_left, unit.follow_up_target = 1, target
    unit.follow_up_timer = max(out, 1.0)
    unit.cooldown += out + TENTACLE_HOLD


def _tentacle_loops(way: float, is_long: bool) -> float:
    """Return the loops that it takes over ``way`` cells, by the speeds in the game's data."""
    if is_long:
        seconds = (sqrt(144.0 + 280.0 * way) - 12.0) / 140.0
    else:
        rest = max(way - 0.25, 0.0)
        seconds = 0.165 + (sqrt(2.65 * 2.65 + 280.0 * rest) - 2.65) / 140.0
    return ceil(LOOPS_PER_SECOND * seconds)


def plan_sweeps(unit: Unit, target: Unit) -> None:
    """Fix the line of a beam, through the target and across the shot; two sweeps follow."""
    dx, dy, distance = unit.vector_to(target)
    across = (-dy / distance, dx / distance) if distance > 0 else (1.0, 0.0)
    unit.beam = (target.x, target.y, *across)
    unit.follow_ups_left, unit.follow_up_target = 2, target
    unit.follow_up_timer = SWEEP_DELAY


def follow_up(battle: Battle, unit: Unit) -> None:
    """Count down to the second blade or the next sweep, and carry it out."""
    unit.follow_up_timer -= 1.0
    if unit.follow_up_timer > 0:
        return
    unit.follow_ups_left -= 1
    if unit.traits.weapon is Weapon.BEAM:
        unit.follow_up_timer = unit.traits.follow_up_delay
        for enemy in _enemies_within_reach(battle, unit):
            if _beam_touches(unit, enemy):
                strike(unit, enemy)
    elif unit.follow_up_target is not None and unit.follow_up_target.alive:
        strike(unit, unit.follow_up_target)


def _enemies_within_reach(battle: Battle, unit: Unit) -> list[Unit]:
    """Return the living enemies on a plane that the weapon reaches, at any distance."""
    return [
        enemy for enemy in battle.enemies_of(unit) if enemy.alive and unit.reaches_plane_of(enemy)
    ]


def _beam_touches(unit: Unit, enemy: Unit) -> bool:
    """Return whether one of the 11 search points on the beam's line touches ``enemy``.

    The nearest point decides: the number of steps along the line to the enemy, rounded (half up),
    and no farther than the end of the line.
    """
    x, y, line_x, line_y = unit.beam
    dx, dy = enemy.x - x, enemy.y - y
    along = (dx * line_x + dy * line_y) / SWEEP_STEP
    last = SWEEP_HALF / SWEEP_STEP
    # int() rounds towards 0; the 100 makes the number positive, where that is down.
    nearest = SWEEP_STEP * min(max(float(int(along + 100.5) - 100), -last), last)
    ex, ey = dx - nearest * line_x, dy - nearest * line_y
    reach = SWEEP_REACH + enemy.traits.radius
    return ex * ex + ey * ey <= reach * reach


def remove_dead(battle: Battle) -> None:
    """Remove the units without health; bursting ones explode, which may kill more of them."""
    exploded = True
    while exploded:
        exploded = False
        for unit in battle.units:
            if not unit.alive or unit.health > 0:
                continue
            unit.alive, unit.health, unit.shield = False, 0.0, 0.0
            if unit.traits.weapon is Weapon.BURST:
                exploded = True
                _explode(battle, unit)


def _explode(battle: Battle, unit: Unit) -> None:
    """Hit every enemy whose edge is within the splash radius."""
    for enemy in _enemies_within_reach(battle, unit):
        dx, dy, _ = unit.vector_to(enemy)
        reach = unit.traits.splash_radius + enemy.traits.radius
        if dx * dx + dy * dy <= reach * reach:
            strike(unit, enemy)
