"""Movement: displacements that units set themselves, and collisions that push them apart."""

from itertools import combinations
from math import sqrt

from pymarl.envs.skirmish.engine.constants import (
    CONTACT,
    PUSH_MAX,
    SQUEEZE_MELEE,
    SQUEEZE_RANGED,
    STUCK_LOOPS,
    STUCK_SHARE,
    TURN_MEMORY,
)
from tests.reference.engine.battle import Battle
from tests.reference.engine.unit import Pose, Unit


def move_towards(
    battle: Battle,
    unit: Unit,
    goal: tuple[float, float],
    step: float,
    target: Unit | None = None,
) -> None:
    """Set the unit's displacement for this loop: towards ``goal``, around what is in the way.

    Args:
        battle: gives the way around walls.
        unit: who moves.
        goal: where to.
        step: longest displacement of a unit without inertia, in cells.
        target: the unit it walks to, which is never in its way.
    """
    x, y = battle.ground.next_point(unit, goal)
    dx, dy = x - unit.x, y - unit.y
    distance = sqrt(dx * dx + dy * dy)
    if distance <= 0:
        return
    ux, uy = _around_blocker(unit, target, dx / distance, dy / distance)
    unit.pose = Pose.WALKING
    if unit.traits.acceleration > 0:
        # It has to be able to stop at the goal: v^2 = 2 a s.
        step = min(unit.traits.speed, sqrt(2.0 * unit.traits.acceleration * distance))
    elif unit.traits.turns_to_walk:
        # It walks where it looks, the slower the more that is off its way.
        unit.turn(ux, uy)
        step *= max(unit.facing[0] * ux + unit.facing[1] * uy, 0.0)
        ux, uy = unit.facing
    change_velocity(unit, ux * step, uy * step)


def change_velocity(unit: Unit, wanted_x: float, wanted_y: float) -> None:
    """Give the unit the wanted velocity: at once on the ground, else as far as it accelerates."""
    if unit.traits.acceleration <= 0:
        unit.velocity = (wanted_x, wanted_y)
        return
    vx, vy = unit.velocity
    ax, ay = wanted_x - vx, wanted_y - vy
    needed = sqrt(ax * ax + ay * ay)
    share = unit.traits.acceleration / needed if needed > unit.traits.acceleration else 1.0
    unit.velocity = (vx + ax * share, vy + ay * share)


def _around_blocker(unit: Unit, target: Unit | None, ux: float, uy: float) -> tuple[float, float]:
    """Return the direction (ux, uy), or a right angle to the blocker when one is in front.

    The unit takes the side that is nearer to its direction and remembers it for a while, so that
    units flow around each other instead of trembling.
    """
    blocker = unit.blocker
    if blocker is None or blocker is target or not blocker.alive:
        unit.sidestep -= (unit.sidestep > 0) - (unit.sidestep < 0)  # one loop nearer to 0
        return ux, uy
    nx, ny, distance = unit.vector_to(blocker)
    if distance <= 0 or ux * nx + uy * ny <= 0:
        return ux, uy
    nx, ny = nx / distance, ny / distance
    if unit.sidestep == 0:
        cross = nx * uy - ny * ux
        left = cross > 0 or (cross == 0 and unit.index % 2 == 0)
    else:
        left = unit.sidestep > 0
    unit.sidestep = TURN_MEMORY if left else -TURN_MEMORY
    return (-ny, nx) if left else (ny, -nx)


def carry_out_moves(battle: Battle) -> None:
    """Carry out the displacements; who comes hardly forward follows its path cell by cell."""
    for unit in battle.units:
        vx, vy = unit.velocity
        if not unit.alive or (vx == 0 and vy == 0):
            continue
        x, y = unit.x, unit.y
        battle.ground.move(unit, vx, vy)
        dx, dy = unit.x - x, unit.y - y
        if dx * dx + dy * dy < STUCK_SHARE * STUCK_SHARE * (vx * vx + vy * vy):
            unit.stuck_loops = STUCK_LOOPS
        else:
            unit.stuck_loops = max(unit.stuck_loops - 1, 0)


def collide(battle: Battle) -> None:
    """Push overlapping units apart, and note who is in the way of whom.

    All pushes are collected before any is carried out, so only rounding depends on the order of
    the pairs.
    """
    for unit in battle.units:
        unit.push = (0.0, 0.0)
        unit.blocker, unit.blocker_distance = None, CONTACT
    living = [unit for unit in battle.units if unit.alive]
    for one, two in combinations(living, 2):
        if one.traits.collision_layer == two.traits.collision_layer:
            _collide_pair(one, two)
    for unit in living:
        dx, dy = unit.push
        if dx != 0 or dy != 0:
            length = sqrt(dx * dx + dy * dy)
            if length > PUSH_MAX:
                dx, dy = dx * (PUSH_MAX / length), dy * (PUSH_MAX / length)
            battle.ground.move(unit, dx, dy)


def _collide_pair(one: Unit, two: Unit) -> None:
    """Let two units of one layer block and push each other when they touch."""
    dx, dy = two.x - one.x, two.y - one.y
    contact = (one.traits.separation + CONTACT) + two.traits.separation
    if dx * dx + dy * dy - contact * contact >= 0:
        return
    distance = sqrt(dx * dx + dy * dy)
    reach = one.traits.separation + two.traits.separation
    if one.side is two.side:
        reach *= min(_squeeze(one), _squeeze(two))
    gap = distance - reach
    one_yields, two_yields = _yields_to(one, two), _yields_to(two, one)
    if not two_yields:
        _note_blocker(one, two, gap)
    if not one_yields:
        _note_blocker(two, one, gap)
    if gap >= 0:
        return
    # ``one`` takes this share of the way apart, ``two`` the rest. Structures do not move.
    share = 0.5 if one_yields == two_yields else float(one_yields)
    if one.traits.speed == 0:
        share = 0.0
    elif two.traits.speed == 0:
        share = 1.0
    nx, ny = (dx / distance, dy / distance) if distance > 0 else (1.0, 0.0)
    one.push = (one.push[0] + nx * gap * share, one.push[1] + ny * gap * share)
    rest = 1.0 - share
    two.push = (two.push[0] - nx * gap * rest, two.push[1] - ny * gap * rest)


def _squeeze(unit: Unit) -> float:
    """Return the share of the separation that the unit keeps from friends: less on the move."""
    if unit.pose is not Pose.WALKING:
        return 1.0
    return SQUEEZE_MELEE if unit.is_melee() else SQUEEZE_RANGED


def _yields_to(unit: Unit, other: Unit) -> bool:
    """Return whether ``unit`` gives way: walkers do, idle units only to friends (chosen)."""
    if unit.pose is Pose.ANCHORED:
        return False
    return unit.pose is Pose.WALKING or unit.side is other.side


def _note_blocker(unit: Unit, other: Unit, gap: float) -> None:
    """Make ``other`` the blocker of a walking unit when it is the nearest one."""
    if unit.pose is Pose.WALKING and gap < unit.blocker_distance:
        unit.blocker, unit.blocker_distance = other, gap
