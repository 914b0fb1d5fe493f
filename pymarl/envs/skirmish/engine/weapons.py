"""Attacking one target: turning, damage point, cooldown, backswing, and closing in.

An attack starts with its cooldown (period plus random delay) and winds up until its damage point;
then the damage is dealt and the backswing begins, after which the unit may move again.
"""

import math

from pymarl.envs.skirmish.engine.codes import (
    ANCHORED,
    BURST,
    DOUBLE,
    MISSILES,
    SWEEP,
    TENTACLE,
)
from pymarl.envs.skirmish.engine.constants import REACH
from pymarl.envs.skirmish.engine.damage import aim_beam, hit, launch_missile, throw_tentacle
from pymarl.envs.skirmish.engine.movement import move_towards, turn_towards
from pymarl.envs.skirmish.engine.rng import random_uniform
from pymarl.envs.skirmish.engine.state import Battle
from pymarl.envs.skirmish.engine.target_selection import cancel_wind_up
from pymarl.kernels.simulator_jit import inner_kernel, kernel


@inner_kernel
def uses_melee_variant(battle: Battle, i: int, target: int) -> bool:
    """Return whether the target is so close that the melee variant of the weapon is used."""
    traits = battle.traits[i]
    dx = battle.units[target].x - battle.units[i].x
    dy = battle.units[target].y - battle.units[i].y
    reach = traits.melee_range + traits.radius + battle.traits[target].radius
    return bool(traits.melee_range > 0.0 and dx * dx + dy * dy <= reach * reach)


@inner_kernel
def deal_damage(battle: Battle, i: int, target: int) -> None:
    """The damage point: hit, launch, throw, sweep or burst; the backswing begins."""
    unit, weapon = battle.units[i], battle.traits[i].weapon
    unit.winding_up = 0
    unit.backswing = battle.traits[i].backswing
    if weapon == MISSILES and not uses_melee_variant(battle, i, target):
        launch_missile(battle, i, target)
    elif weapon == SWEEP:
        aim_beam(battle, i, target)
    elif weapon == TENTACLE:
        throw_tentacle(battle, i, target)
    elif weapon == BURST:
        # It dies by its own attack and explodes with the dead at the end of the loop.
        unit.health = 0.0
        unit.shield = 0.0
    else:
        hit(battle, i, target)
        if weapon == DOUBLE:
            unit.follow_up_target = target
            unit.follow_ups_left = 1
            unit.follow_up_timer = battle.traits[i].follow_up_delay


@inner_kernel
def start_attack(battle: Battle, i: int, target: int) -> None:
    """Start the cooldown, period plus random delay, and the wind-up of an attack."""
    unit, traits = battle.units[i], battle.traits[i]
    # Drawn in the order of the units' indices: a part of what a seed fixes.
    random = random_uniform(battle.random_stream)
    delay = traits.attack_delay_min + traits.attack_delay_span * random
    unit.cooldown = traits.attack_period + delay
    is_melee = uses_melee_variant(battle, i, target)
    unit.wind_up = traits.melee_damage_point if is_melee else traits.damage_point
    unit.winding_up = 1
    # Some weapons strike at once (marauder, zealot, baneling).
    if unit.wind_up <= 0.0:
        deal_damage(battle, i, target)


@inner_kernel
def continue_wind_up(battle: Battle, i: int, target: int, distance: float) -> None:
    """One loop of the wind-up; a target that left range + slop cancels the attack.

    ``distance`` is that from edge to edge.
    """
    unit, traits = battle.units[i], battle.traits[i]
    if distance > traits.attack_range + traits.range_slop + REACH:
        cancel_wind_up(battle, i)
        return
    unit.wind_up -= 1.0
    if unit.wind_up <= 0.0:
        deal_damage(battle, i, target)


@kernel
def attack(battle: Battle, i: int, target: int) -> None:
    """Let unit ``i`` attack: stand and strike within range, else end the backswing and close in."""
    unit, traits = battle.units[i], battle.traits[i]
    dx = battle.units[target].x - unit.x
    dy = battle.units[target].y - unit.y
    between = math.sqrt(dx * dx + dy * dy)
    distance = between - traits.radius - battle.traits[target].radius
    # Where both stand on one point there is no direction: keep the old one.
    x = dx / between if between > 0.0 else unit.facing_x
    y = dy / between if between > 0.0 else unit.facing_y
    if unit.winding_up:
        unit.pose = ANCHORED
        turn_towards(battle, i, x, y)
        continue_wind_up(battle, i, target, distance)
    elif distance <= traits.attack_range + REACH:
        unit.pose = ANCHORED
        if turn_towards(battle, i, x, y) and unit.cooldown <= 0.0:
            start_attack(battle, i, target)
    elif unit.backswing > 0.0:
        # Out of range, but the last attack still holds it in place.
        unit.pose = ANCHORED
    else:
        # No farther than into range; REACH keeps rounding from leaving it a hair outside.
        step = min(traits.speed, distance - traits.attack_range + REACH)
        goal = battle.units[target]
        move_towards(battle, i, target, goal.x, goal.y, step)
        if not traits.turns_to_walk:
            # Its weapon turns on its own (colossus).
            turn_towards(battle, i, x, y)
