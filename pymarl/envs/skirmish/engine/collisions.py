"""Collisions: overlapping units of one layer push each other apart.

Who stands and attacks does not give way.
"""

import math

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.engine.codes import ANCHORED, NO_UNIT, WALKING
from pymarl.envs.skirmish.engine.constants import (
    CONTACT,
    PUSH_MAX,
    SQUEEZE_MELEE,
    SQUEEZE_RANGED,
)
from pymarl.envs.skirmish.engine.movement import displace
from pymarl.envs.skirmish.engine.state import FLAGS, SIZES, XS, YS, Battle, FloatArray
from pymarl.envs.skirmish.engine.target_selection import gather_positions, is_melee
from pymarl.kernels.simulator_jit import kernel

Flags = NDArray[np.uint8]


@kernel
def gives_way(battle: Battle, i: int, j: int) -> bool:
    """Return whether ``i`` gives way to ``j``.

    Walkers do, idle units only to friends, fighters never.
    """
    pose = battle.units[i].pose
    if pose == ANCHORED:
        return False
    return bool(pose == WALKING or battle.traits[i].side == battle.traits[j].side)


@kernel
def squeeze(battle: Battle, i: int) -> float:
    """Return the share of the separation that unit ``i`` keeps from friends: less on the move."""
    if battle.units[i].pose != WALKING:
        return 1.0
    return SQUEEZE_MELEE if is_melee(battle, i) else SQUEEZE_RANGED


@kernel
def note_blocker(battle: Battle, i: int, j: int, distance: float) -> None:
    """Note ``j`` as the blocker of the walking unit ``i`` when it is the nearest one."""
    unit = battle.units[i]
    if unit.pose == WALKING and distance < unit.blocker_distance:
        unit.blocker_distance = distance
        unit.blocker = j


@kernel
def collide_pair(battle: Battle, i: int, j: int) -> None:
    """Let one touching pair push and block each other."""
    one, two = battle.units[i], battle.units[j]
    dx = two.x - one.x
    dy = two.y - one.y
    between = math.sqrt(dx * dx + dy * dy)
    reach = battle.traits[i].separation + battle.traits[j].separation
    if battle.traits[i].side == battle.traits[j].side:
        reach *= min(squeeze(battle, i), squeeze(battle, j))
    one_gives_way = gives_way(battle, i, j)
    two_gives_way = gives_way(battle, j, i)
    distance = between - reach
    # Who does not give way has to be walked around.
    if not two_gives_way:
        note_blocker(battle, i, j, distance)
    if not one_gives_way:
        note_blocker(battle, j, i, distance)
    if distance >= 0.0:
        return
    # The share of the overlap that the first unit makes good; structures never move.
    share = 0.5
    if one_gives_way != two_gives_way:
        share = 1.0 if one_gives_way else 0.0
    if battle.traits[i].speed == 0.0:
        share = 0.0
    elif battle.traits[j].speed == 0.0:
        share = 1.0
    # On one point there is no direction: one goes to the west, the other to the east.
    x = dx / between if between > 0.0 else 1.0
    y = dy / between if between > 0.0 else 0.0
    one.push_x += x * distance * share
    one.push_y += y * distance * share
    two.push_x -= x * distance * (1.0 - share)
    two.push_y -= y * distance * (1.0 - share)


@kernel
def flag_touching(
    xs: FloatArray,
    ys: FloatArray,
    separations: FloatArray,
    flags: Flags,
    x: float,
    y: float,
    reach: float,
) -> None:
    """Flag the units at (xs, ys) whose edges are within ``reach`` of the point (x, y).

    A loop without branches over contiguous arrays, which the compiler turns into vector
    instructions.
    """
    for k in range(xs.shape[0]):
        dx = xs[k] - x
        dy = ys[k] - y
        limit = reach + separations[k]
        flags[k] = 1 if dx * dx + dy * dy - limit * limit < 0.0 else 0


@kernel
def collide_pairs(battle: Battle) -> None:
    """Find all touching pairs, (i, j) with i < j in lexicographic order, and collide them."""
    units, scratch = battle.map.n_units, battle.scratch
    xs, ys, separations = scratch[XS], scratch[YS], scratch[SIZES]
    # A byte per unit, looked through eight at a time.
    flags, words = scratch[FLAGS].view(np.uint8), scratch[FLAGS].view(np.uint64)
    n_words = (units + 7) // 8
    # The last word has bytes beyond the last unit, which nothing else writes.
    words[n_words - 1] = 0
    gather_positions(battle)
    for i in range(units):
        separations[i] = battle.traits[i].separation
    for i in range(units - 1):
        if not battle.units[i].alive:
            continue
        first = (i + 1) // 8
        start = first * 8
        reach = separations[i] + CONTACT
        flag_touching(
            xs[start:], ys[start:], separations[start:], flags[start:], xs[i], ys[i], reach
        )
        # The first word holds units up to i, too.
        for j in range(start, i + 1):
            flags[j] = 0
        layer = battle.traits[i].collision_layer
        for k in range(first, n_words):
            # Few units touch: most words are empty.
            if words[k] == 0:
                continue
            for j in range(8 * k, 8 * k + 8):
                if flags[j] and battle.traits[j].collision_layer == layer:
                    collide_pair(battle, i, j)


@kernel
def resolve_collisions(battle: Battle) -> None:
    """One round of collisions over all units: pushes are collected first, then carried out."""
    for i in range(battle.map.n_units):
        unit = battle.units[i]
        unit.push_x = 0.0
        unit.push_y = 0.0
        unit.blocker_distance = CONTACT
        unit.blocker = NO_UNIT
    collide_pairs(battle)
    for i in range(battle.map.n_units):
        unit = battle.units[i]
        push_x, push_y = unit.push_x, unit.push_y
        if (push_x == 0.0 and push_y == 0.0) or not unit.alive:
            continue
        push = math.sqrt(push_x * push_x + push_y * push_y)
        # Crowds are pushed apart over several loops instead of being thrown about.
        if push > PUSH_MAX:
            push_x *= PUSH_MAX / push
            push_y *= PUSH_MAX / push
        displace(battle, i, push_x, push_y)
