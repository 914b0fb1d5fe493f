"""Who attacks whom: threats, acquisition and leash.

All unit types of SMAC's maps share one attack priority (20). Who attacks a unit is a threat to it
and comes before others; among equals the nearest counts. A threat within weapon range is kept until
it dies; other targets are given up when a rescan finds a threat, those out of range also for a
nearer one.
"""

import math
from typing import Final

from pymarl.envs.skirmish.engine.codes import (
    ATTACK,
    ATTACK_MOVE,
    BIOLOGICAL,
    NO_UNIT,
    UNARMED,
)
from pymarl.envs.skirmish.engine.constants import (
    COMBAT_RANGE,
    LEASH,
    MELEE_WEAPON_RANGE,
    REACH,
    RESCAN_LOOPS,
)
from pymarl.envs.skirmish.engine.state import SIZES, XS, YS, Battle, FloatArray
from pymarl.kernels.simulator_jit import inner_kernel, kernel

FAR: Final = 1e9


@kernel
def can_attack(battle: Battle, i: int, target: int) -> bool:
    """Return whether the weapon of ``i`` reaches a plane of ``target``."""
    own, other = battle.traits[i], battle.traits[target]
    return bool((own.reached_planes & other.planes) != 0 and own.weapon != UNARMED)


@inner_kernel
def can_heal(battle: Battle, i: int, target: int) -> bool:
    """Return whether ``target`` is a living, damaged, biological unit other than ``i``.

    Structures are not healed.
    """
    unit, traits = battle.units[target], battle.traits[target]
    return (
        target != i
        and unit.alive != 0
        and (traits.attributes & BIOLOGICAL) != 0
        and unit.health < traits.health_max
        and traits.is_structure == 0
    )


@kernel
def gather_positions(battle: Battle) -> None:
    """Write all units' x and y to the scratch memory, the dead far away from everything.

    Contiguous rows make vector instructions possible where all units are looked at.
    """
    xs, ys = battle.scratch[XS], battle.scratch[YS]
    for i in range(battle.map.n_units):
        # One far coordinate is enough to be out of every reach.
        xs[i] = battle.units[i].x if battle.units[i].alive else FAR
        ys[i] = battle.units[i].y


@kernel
def gather_radii(battle: Battle) -> None:
    """Write all units' radii to the scratch memory."""
    radii = battle.scratch[SIZES]
    for i in range(battle.map.n_units):
        radii[i] = battle.traits[i].radius


@kernel
def count_within(
    xs: FloatArray, ys: FloatArray, radii: FloatArray, x: float, y: float, reach: float
) -> int:
    """Return how many units' edges are within ``reach`` of the point (x, y)."""
    count = 0
    # Without branches, for vector instructions.
    for k in range(xs.shape[0]):
        dx = xs[k] - x
        dy = ys[k] - y
        far = reach + radii[k]
        count += 1 if dx * dx + dy * dy <= far * far else 0
    return count


@kernel
def threatens(battle: Battle, i: int, victim: int) -> bool:
    """Return whether ``i`` is a threat to ``victim``: it attacks it, or always counts as one."""
    unit = battle.units[i]
    target = unit.ordered_target if unit.order == ATTACK else unit.acquired_target
    return bool(target == victim or battle.traits[i].always_threatens != 0)


@inner_kernel
def best_enemy(battle: Battle, i: int, limit: float) -> int:
    """Return whom ``i`` attacks of the attackable enemies up to ``limit`` edge to edge, or -1.

    The nearest one of those that threaten it, else the nearest one. The scratch memory holds
    positions and radii as of the beginning of the loop.
    """
    # The other side's units, which lie side by side.
    n = battle.map.n_agents
    low, high = (n, battle.map.n_units) if i < n else (0, n)
    best = NO_UNIT
    best_distance = limit + REACH
    has_threat = False
    x, y, radius = battle.units[i].x, battle.units[i].y, battle.traits[i].radius
    # Most units see nobody most of the time; this finds it out quickly.
    xs = battle.scratch[XS, low:high]
    ys = battle.scratch[YS, low:high]
    radii = battle.scratch[SIZES, low:high]
    if count_within(xs, ys, radii, x, y, best_distance + radius) == 0:
        return NO_UNIT
    for j in range(low, high):
        if not battle.units[j].alive:
            continue
        is_threat = threatens(battle, j, i)
        if has_threat and not is_threat:
            continue
        # The first threat may be farther away than what was found before.
        bound = best_distance if is_threat == has_threat else limit + REACH
        other_radius = battle.traits[j].radius
        reach = bound + radius + other_radius
        dx = battle.units[j].x - x
        dy = battle.units[j].y - y
        square = dx * dx + dy * dy
        # The root is only taken of candidates. Ties keep the lower index.
        if square <= reach * reach and can_attack(battle, i, j):
            distance = math.sqrt(square) - radius - other_radius
            if distance < bound:
                best_distance = distance
                best = j
                has_threat = is_threat
    return best


@kernel
def edge_distance(battle: Battle, i: int, j: int) -> float:
    """Return the distance from the edge of ``i`` to the edge of ``j`` (negative: they overlap)."""
    dx = battle.units[j].x - battle.units[i].x
    dy = battle.units[j].y - battle.units[i].y
    between = math.sqrt(dx * dx + dy * dy)
    return float(between - battle.traits[i].radius - battle.traits[j].radius)


@kernel
def cancel_wind_up(battle: Battle, i: int) -> None:
    """Break off an attack before its damage point; its cooldown is given back."""
    unit = battle.units[i]
    if unit.winding_up:
        unit.winding_up = 0
        unit.cooldown = 0.0


@inner_kernel
def set_acquired_target(battle: Battle, i: int, target: int) -> None:
    """Make ``target`` the target that unit ``i`` chose itself, and remember where."""
    unit = battle.units[i]
    if target != unit.acquired_target:
        # An attack is aimed at one unit: it cannot go over to another one.
        cancel_wind_up(battle, i)
        unit.acquired_target = target
        if target >= 0:
            unit.has_fought = 1
        unit.leash_x = unit.x
        unit.leash_y = unit.y


@kernel
def drop_lost_target(battle: Battle, i: int) -> None:
    """Drop a target that is dead or beyond the leash."""
    unit = battle.units[i]
    target = unit.acquired_target
    if target < 0:
        return
    dx = unit.x - unit.leash_x
    dy = unit.y - unit.leash_y
    if not battle.units[target].alive or dx * dx + dy * dy > LEASH * LEASH:
        set_acquired_target(battle, i, NO_UNIT)


@kernel
def is_melee(battle: Battle, i: int) -> bool:
    """Return whether unit ``i`` has to touch its target, or has no weapon at all."""
    return bool(battle.traits[i].attack_range < MELEE_WEAPON_RANGE)


@kernel
def may_change_target(battle: Battle, i: int) -> bool:
    """Return whether unit ``i`` looks for any nearer target than the one it closes in on.

    Melee units only do where somebody is in their way: they run past whom they could hit, and turn
    on whom they find when they cannot get through.
    """
    return bool(not is_melee(battle, i) or battle.units[i].blocker >= 0)


@kernel
def better_target(battle: Battle, i: int, target: int) -> int:
    """Return whom ``i`` turns on instead of its ``target``, or the target itself.

    Whoever is allowed to, takes the best enemy that is nearer than a target out of range; else only
    a threat makes it leave a target that is none.
    """
    traits = battle.traits[i]
    distance = edge_distance(battle, i, target)
    is_in_range = distance <= traits.attack_range + REACH
    if not is_in_range and may_change_target(battle, i):
        other = best_enemy(battle, i, min(distance, traits.acquisition_range))
        return other if other >= 0 else target
    if threatens(battle, target, i):
        return target
    other = best_enemy(battle, i, traits.attack_range if is_in_range else traits.acquisition_range)
    return other if other >= 0 and threatens(battle, other, i) else target


@kernel
def acquire_target(battle: Battle, i: int) -> None:
    """Choose a target for a unit that attacks by itself (idle or attack-moving, not passive)."""
    unit, traits = battle.units[i], battle.traits[i]
    drop_lost_target(battle, i)
    target = unit.acquired_target
    if target < 0:
        limit = traits.acquisition_range
        # Who was in the battle looks farther for the next enemy than who comes upon the first one.
        if unit.order == ATTACK_MOVE and unit.has_fought:
            limit = max(limit, COMBAT_RANGE)
        target = best_enemy(battle, i, limit)
        set_acquired_target(battle, i, target)
        if target >= 0:
            unit.found_target = 1
    elif (battle.episode.game_loops + i) % RESCAN_LOOPS == 0 and not unit.winding_up:
        # Units take turns (+ i), so that not all of them rescan in the same loop.
        set_acquired_target(battle, i, better_target(battle, i, int(target)))
