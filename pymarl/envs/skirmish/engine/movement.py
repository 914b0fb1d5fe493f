"""Moving: turning, the way around terrain and blockers, air inertia, sliding along walls.

Units set the velocity they want while they act; ``carry_out_moves`` moves all of them afterwards,
so that nobody gains from a low index.
"""

import math

from pymarl.envs.skirmish.engine.codes import AIR_MOVER, GROUND_MOVER, WALKING
from pymarl.envs.skirmish.engine.constants import (
    ARC_COS,
    STUCK_LOOPS,
    STUCK_SHARE,
    TURN_COS,
    TURN_MEMORY,
    TURN_SIN,
)
from pymarl.envs.skirmish.engine.state import Battle
from pymarl.kernels.simulator_jit import inner_kernel, kernel


@kernel
def can_stand(battle: Battle, i: int, x: float, y: float) -> bool:
    """Return whether unit ``i`` may stand at (x, y).

    Its cell is walkable, or it flies inside the playable area.
    """
    traits = battle.traits[i]
    # The bounds come first: they keep the grid's index inside of the map.
    if not (traits.west <= x < traits.east and traits.south <= y < traits.north):
        return False
    mover = traits.mover
    return bool(mover == AIR_MOVER or battle.walkable[mover, int(y), int(x)] != 0)


@kernel
def displace(battle: Battle, i: int, dx: float, dy: float) -> None:
    """Move unit ``i`` by (dx, dy), or along the wall when that is blocked, or not at all."""
    unit = battle.units[i]
    x, y = unit.x, unit.y
    if can_stand(battle, i, x + dx, y + dy):
        unit.x = x + dx
        unit.y = y + dy
    # Along x before along y: an arbitrary, fixed choice in corners.
    elif can_stand(battle, i, x + dx, y):
        unit.x = x + dx
    elif can_stand(battle, i, x, y + dy):
        unit.y = y + dy


@kernel
def turn_towards(battle: Battle, i: int, x: float, y: float) -> bool:
    """Turn unit ``i`` towards the unit vector (x, y), at most 62.5 degrees.

    Return whether it looks there. Rotation by fixed sine and cosine, no trigonometry at run time:
    the same bits on every machine.
    """
    unit = battle.units[i]
    # The cosine of the angle that is left; within one loop's turn it is reached.
    if unit.facing_x * x + unit.facing_y * y >= TURN_COS:
        unit.facing_x = x
        unit.facing_y = y
        return True
    facing_x, facing_y = unit.facing_x, unit.facing_y
    # The sign of the cross product is the shorter way round.
    sin = TURN_SIN if facing_x * y - facing_y * x >= 0.0 else -TURN_SIN
    unit.facing_x = facing_x * TURN_COS - facing_y * sin
    unit.facing_y = facing_x * sin + facing_y * TURN_COS
    return bool(unit.facing_x * x + unit.facing_y * y >= ARC_COS)


@inner_kernel
def next_waypoint(battle: Battle, i: int, goal_x: float, goal_y: float) -> tuple[float, float]:
    """Return the point that unit ``i`` walks to next on its way to a goal.

    Cells are numbered for the path tables; places that are not walkable have the number of the
    nearest cell that is.
    """
    unit, mover = battle.units[i], battle.traits[i].mover
    width = battle.map.width
    # Goals may lie outside of the map.
    goal_column = min(max(int(goal_x), 0), width - 1)
    goal_row = min(max(int(goal_y), 0), battle.map.height - 1)
    here = battle.cells[mover, int(unit.y), int(unit.x)]
    goal = battle.cells[mover, goal_row, goal_column]
    if here == goal:
        # In the goal's cell already, or as near to it as ground goes.
        return goal_x, goal_y
    # The farthest visible cell of the path, unless terrain stopped the unit on such a line lately.
    table = 1 if unit.stuck_loops > 0 else 0
    place = int(battle.paths[mover, table, here, goal])
    column, row = place % width, place // width
    if battle.cells[mover, row, column] == goal:
        # The last stretch leads to the goal itself, not to the centre of its cell.
        return goal_x, goal_y
    return column + 0.5, row + 0.5


@kernel
def direction_around_blocker(
    battle: Battle, i: int, target: int, x: float, y: float
) -> tuple[float, float]:
    """Return the direction (x, y), turned along the last loop's blocker when it is in front.

    The side is the one nearer to the wanted direction and is remembered, so that units flow around
    each other instead of trembling.

    Args:
        battle: the battle.
        i: the walking unit.
        target: the unit it walks to, which is no blocker; -1 for a point.
        x: the wanted direction, a unit vector.
        y: its other component.
    """
    unit = battle.units[i]
    blocker = unit.blocker
    if blocker < 0 or blocker == target or not battle.units[blocker].alive:
        # The way is free: forget the side, loop by loop.
        if unit.sidestep != 0:
            unit.sidestep += 1 if unit.sidestep < 0 else -1
        return x, y
    to_x = battle.units[blocker].x - unit.x
    to_y = battle.units[blocker].y - unit.y
    distance = math.sqrt(to_x * to_x + to_y * to_y)
    if distance <= 0.0 or x * to_x + y * to_y <= 0.0:
        # It is beside or behind: not in the way.
        return x, y
    to_x /= distance
    to_y /= distance
    if unit.sidestep == 0:
        cross = to_x * y - to_y * x
        # Head-on, the parity of the index decides: no side of the map is preferred.
        left = cross > 0.0 or (cross == 0.0 and i % 2 == 0)
        unit.sidestep = TURN_MEMORY if left else -TURN_MEMORY
    else:
        unit.sidestep = TURN_MEMORY if unit.sidestep > 0 else -TURN_MEMORY
    # Perpendicular to the line between both: along the blocker's edge.
    if unit.sidestep > 0:
        return -to_y, to_x
    return to_y, -to_x


@kernel
def accelerate(battle: Battle, i: int, velocity_x: float, velocity_y: float) -> None:
    """Change the velocity of an air unit towards this one, as far as its acceleration allows."""
    unit, limit = battle.units[i], battle.traits[i].acceleration
    change_x = velocity_x - unit.velocity_x
    change_y = velocity_y - unit.velocity_y
    change = math.sqrt(change_x * change_x + change_y * change_y)
    share = limit / change if change > limit else 1.0
    unit.velocity_x += change_x * share
    unit.velocity_y += change_y * share


@kernel
def move_towards(
    battle: Battle, i: int, target: int, goal_x: float, goal_y: float, step: float
) -> None:
    """Set the velocity of unit ``i`` towards a goal, around terrain and what blocks it.

    Ground units walk where they look and turn on the way, 62.5 degrees a loop (data: TurningRate
    1000); the speed is multiplied with the cosine of the angle that is left (chosen), so that a
    unit that looks the other way stands while it turns.

    Args:
        battle: the battle.
        i: the unit.
        target: the unit it walks to (never a blocker), -1 for a point.
        goal_x: where it walks to.
        goal_y: its other coordinate.
        step: length of the way in this loop; air units choose theirs by their acceleration.
    """
    unit, traits = battle.units[i], battle.traits[i]
    point_x, point_y = goal_x, goal_y
    # Air units fly straight; so do others where no wall can be in between.
    if traits.mover != AIR_MOVER:
        on_ground = traits.mover == GROUND_MOVER
        is_open = battle.map.ground_is_open if on_ground else battle.map.cliffs_are_open
        if not is_open:
            point_x, point_y = next_waypoint(battle, i, goal_x, goal_y)
    dx = point_x - unit.x
    dy = point_y - unit.y
    distance = math.sqrt(dx * dx + dy * dy)
    if distance <= 0.0:
        return
    x, y = direction_around_blocker(battle, i, target, dx / distance, dy / distance)
    unit.pose = WALKING
    if traits.acceleration > 0.0:
        # Brake in time: v^2 = 2 a s.
        speed = min(traits.speed, math.sqrt(2.0 * traits.acceleration * distance))
        accelerate(battle, i, x * speed, y * speed)
    elif traits.turns_to_walk:
        # Where it looks after this loop's turn, the slower the more that is off its way.
        turn_towards(battle, i, x, y)
        step *= max(unit.facing_x * x + unit.facing_y * y, 0.0)
        unit.velocity_x = unit.facing_x * step
        unit.velocity_y = unit.facing_y * step
    else:
        unit.velocity_x = x * step
        unit.velocity_y = y * step


@kernel
def stop_moving(battle: Battle, i: int) -> None:
    """Stop a unit that goes nowhere: at once on the ground, by braking in the air."""
    if battle.traits[i].acceleration > 0.0:
        accelerate(battle, i, 0.0, 0.0)
    else:
        battle.units[i].velocity_x = 0.0
        battle.units[i].velocity_y = 0.0


@kernel
def carry_out_moves(battle: Battle) -> None:
    """Move all units by their velocity and note which ones terrain stopped."""
    for i in range(battle.map.n_units):
        unit = battle.units[i]
        if not unit.alive:
            continue
        velocity_x, velocity_y = unit.velocity_x, unit.velocity_y
        if velocity_x == 0.0 and velocity_y == 0.0:
            continue
        x, y = unit.x, unit.y
        displace(battle, i, velocity_x, velocity_y)
        dx = unit.x - x
        dy = unit.y - y
        # Squares of lengths: no root needed.
        wanted = STUCK_SHARE * STUCK_SHARE * (velocity_x * velocity_x + velocity_y * velocity_y)
        if dx * dx + dy * dy < wanted:
            unit.stuck_loops = STUCK_LOOPS
        elif unit.stuck_loops > 0:
            unit.stuck_loops -= 1
