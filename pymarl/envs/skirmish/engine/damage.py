"""Damage, missiles, follow-up hits, bursts and deaths.

Damage lowers health at once, but a unit only dies at the end of the game loop: units that strike
each other in the same loop both strike, so neither the order of units nor the side decides a duel
(chosen).
"""

import math

from pymarl.envs.skirmish.engine.codes import BURST, NO_UNIT, SWEEP
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
from pymarl.envs.skirmish.engine.state import Battle
from pymarl.kernels.simulator_jit import cold_kernel, inner_kernel, kernel


@cold_kernel
def apply_damage(battle: Battle, source: int, target: int, amount: float) -> None:
    """Take ``amount`` from the target: shield first, then health minus armor (at least 0.5)."""
    unit = battle.units[target]
    # Shields have no armor on SMAC's maps: nothing is taken off what they absorb.
    absorbed = min(unit.shield, amount)
    unit.shield -= absorbed
    rest = amount - absorbed
    if rest > 0.0:
        unit.health -= max(rest - battle.traits[target].armor, DAMAGE_MINIMUM)
    # Every hit starts the wait for the shield anew and names the attacker to answer.
    unit.shield_timer = SHIELD_DELAY
    unit.attacked_by = source


@inner_kernel
def hit(battle: Battle, source: int, target: int) -> None:
    """One hit of the source's weapon on the target, with the bonus against its attributes."""
    weapon, victim = battle.traits[source], battle.traits[target]
    amount = weapon.damage
    if weapon.bonus_attributes & victim.attributes:
        amount += weapon.damage_bonus
    # A baneling does another damage to buildings, not a bonus on top.
    if weapon.weapon == BURST and victim.is_structure:
        amount = BURST_VS_STRUCTURE
    apply_damage(battle, source, target, amount)


@inner_kernel
def launch_missile(battle: Battle, i: int, target: int) -> None:
    """Start a missile at the edge of unit ``i`` towards ``target``."""
    unit = battle.units[i]
    # A unit has one missile at most: one that still flies lands now.
    if unit.missile_target >= 0:
        hit(battle, i, unit.missile_target)
    dx = battle.units[target].x - unit.x
    dy = battle.units[target].y - unit.y
    distance = math.sqrt(dx * dx + dy * dy)
    share = battle.traits[i].radius / distance if distance > 0.0 else 0.0
    unit.missile_x = unit.x + dx * share
    unit.missile_y = unit.y + dy * share
    unit.missile_target = target


@inner_kernel
def move_missile(battle: Battle, i: int) -> None:
    """Move the missile of unit ``i`` after its target, also beyond its shooter's death."""
    unit = battle.units[i]
    target = unit.missile_target
    if not battle.units[target].alive:
        # Nobody else is hit by it.
        unit.missile_target = NO_UNIT
        return
    dx = battle.units[target].x - unit.missile_x
    dy = battle.units[target].y - unit.missile_y
    distance = math.sqrt(dx * dx + dy * dy)
    speed = battle.traits[i].missile_speed
    # It lands in the loop in which it would touch the target's edge.
    if distance - battle.traits[target].radius <= speed:
        unit.missile_target = NO_UNIT
        hit(battle, i, target)
    else:
        unit.missile_x += dx / distance * speed
        unit.missile_y += dy / distance * speed


@inner_kernel
def tentacle_loops(way: float, is_long: bool) -> float:
    """Return how many whole game loops a tentacle takes to its target.

    Data: the movers SpineCrawlerTentacleExtend{Long,Short}. Long: starts at 12 per second,
    accelerates by 140. Short: 0.3 from 1 by 10 (0.165 s), then by 140 from 2.65. Ways and times by
    s = v t + a t^2 / 2.

    Args:
        way: from the crawler's centre to the target's edge, map cells.
        is_long: whether the long mover is used.
    """
    if is_long:
        seconds = (math.sqrt(144.0 + 280.0 * way) - 12.0) / 140.0
    else:
        rest = max(way - 0.25, 0.0)
        seconds = 0.165 + (math.sqrt(2.65 * 2.65 + 280.0 * rest) - 2.65) / 140.0
    return math.ceil(LOOPS_PER_SECOND * seconds)


@inner_kernel
def throw_tentacle(battle: Battle, i: int, target: int) -> None:
    """Throw the tentacle: it hits when it arrives, and the cooldown waits until it turns back."""
    unit, traits = battle.units[i], battle.traits[i]
    dx = battle.units[target].x - unit.x
    dy = battle.units[target].y - unit.y
    way = max(math.sqrt(dx * dx + dy * dy) - battle.traits[target].radius, 0.0)
    out = tentacle_loops(way, way - traits.radius > TENTACLE_LONG)
    unit.follow_up_target = target
    unit.follow_ups_left = 1
    unit.follow_up_timer = max(out, 1.0)
    unit.cooldown += out + TENTACLE_HOLD


@inner_kernel
def aim_beam(battle: Battle, i: int, target: int) -> None:
    """Fix the line of a beam: through the target, perpendicular to the shot; two sweeps follow."""
    unit = battle.units[i]
    dx = battle.units[target].x - unit.x
    dy = battle.units[target].y - unit.y
    distance = math.sqrt(dx * dx + dy * dy)
    unit.sweep_x = battle.units[target].x
    unit.sweep_y = battle.units[target].y
    # The shot's direction, turned by 90 degrees; any direction where both stand on one point.
    unit.sweep_direction_x = -dy / distance if distance > 0.0 else 1.0
    unit.sweep_direction_y = dx / distance if distance > 0.0 else 0.0
    unit.follow_up_timer = SWEEP_DELAY
    unit.follow_ups_left = 2
    unit.follow_up_target = target


@inner_kernel
def sweep_beam(battle: Battle, i: int) -> None:
    """One sweep of the beam: every enemy that one of the 11 search points touches is hit once."""
    unit = battle.units[i]
    n = battle.map.n_agents
    low, high = (n, battle.map.n_units) if i < n else (0, n)
    steps = SWEEP_HALF / SWEEP_STEP
    for j in range(low, high):
        enemy, traits = battle.units[j], battle.traits[j]
        if not enemy.alive or not (traits.planes & battle.traits[i].reached_planes):
            continue
        dx = enemy.x - unit.sweep_x
        dy = enemy.y - unit.sweep_y
        # Only the search point nearest to the enemy can touch it first; int() cuts towards 0, hence
        # the 100.
        along = (dx * unit.sweep_direction_x + dy * unit.sweep_direction_y) / SWEEP_STEP
        point = SWEEP_STEP * min(max(float(int(along + 100.5) - 100), -steps), steps)
        to_x = dx - point * unit.sweep_direction_x
        to_y = dy - point * unit.sweep_direction_y
        reach = SWEEP_REACH + traits.radius
        if to_x * to_x + to_y * to_y <= reach * reach:
            hit(battle, i, j)


@inner_kernel
def deal_follow_up(battle: Battle, i: int) -> None:
    """Count down to the second blade or the next sweep of unit ``i`` and carry it out."""
    unit = battle.units[i]
    unit.follow_up_timer -= 1.0
    if unit.follow_up_timer > 0.0:
        return
    unit.follow_ups_left -= 1
    if battle.traits[i].weapon == SWEEP:
        # After the last sweep the timer means nothing: follow_ups_left is 0.
        unit.follow_up_timer = battle.traits[i].follow_up_delay
        sweep_beam(battle, i)
    elif battle.units[unit.follow_up_target].alive:
        hit(battle, i, unit.follow_up_target)


@kernel
def land_pending_hits(battle: Battle) -> None:
    """Move missiles and deal follow-up hits: what is on its way at the beginning of a loop."""
    for i in range(battle.map.n_units):
        unit = battle.units[i]
        # A missile survives its shooter; a second blade or a beam does not.
        if unit.missile_target >= 0:
            move_missile(battle, i)
        if unit.follow_ups_left > 0 and unit.alive:
            deal_follow_up(battle, i)


@inner_kernel
def explode(battle: Battle, i: int) -> None:
    """Unit ``i`` hits every enemy on the ground within its splash radius (to the enemy's edge)."""
    n = battle.map.n_agents
    low, high = (n, battle.map.n_units) if i < n else (0, n)
    for j in range(low, high):
        enemy, traits = battle.units[j], battle.traits[j]
        if not enemy.alive or not (traits.planes & battle.traits[i].reached_planes):
            continue
        dx = enemy.x - battle.units[i].x
        dy = enemy.y - battle.units[i].y
        reach = battle.traits[i].splash_radius + traits.radius
        if dx * dx + dy * dy <= reach * reach:
            hit(battle, i, j)


@kernel
def remove_dead(battle: Battle) -> None:
    """Remove units without health.

    Bursting units explode, which may kill more, until nothing changes.
    """
    exploded = True
    while exploded:
        exploded = False
        for i in range(battle.map.n_units):
            unit = battle.units[i]
            # Health may be below 0 here; observers never see such a number.
            if unit.alive and unit.health <= 0.0:
                unit.alive = 0
                unit.health = 0.0
                unit.shield = 0.0
                if battle.traits[i].weapon == BURST:
                    explode(battle, i)
                    # Units with a lower index may have died by it: look at all of them again.
                    exploded = True
