"""One game loop and the beginning of an episode.

Order within a loop: what is on its way arrives; every unit decides (in index order) and strikes or
sets its displacement; displacements, then collisions, are carried out; answers to attacks;
regeneration; deaths.
"""

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.engine.codes import ATTACK_MOVE, ATTACK_SEGMENT, IDLE, STANDING, WALKING
from pymarl.envs.skirmish.engine.collisions import resolve_collisions
from pymarl.envs.skirmish.engine.constants import ENERGY_REGEN, SHIELD_REGEN
from pymarl.envs.skirmish.engine.damage import land_pending_hits, remove_dead
from pymarl.envs.skirmish.engine.healing import act_as_healer
from pymarl.envs.skirmish.engine.movement import carry_out_moves, stop_moving
from pymarl.envs.skirmish.engine.orders import (
    follow_order,
    order_enemies,
    target_to_attack,
)
from pymarl.envs.skirmish.engine.responses import respond_to_attacks
from pymarl.envs.skirmish.engine.rng import random_uniform
from pymarl.envs.skirmish.engine.state import Battle, State, World
from pymarl.envs.skirmish.engine.target_selection import (
    acquire_target,
    cancel_wind_up,
    gather_positions,
    gather_radii,
)
from pymarl.envs.skirmish.engine.weapons import attack
from pymarl.envs.smac.rules.unit_table import UnitTable
from pymarl.kernels.simulator_jit import cold_kernel, kernel


@kernel
def act(battle: Battle, i: int) -> None:
    """Let unit ``i`` count its timers, choose a target and act."""
    unit, traits = battle.units[i], battle.traits[i]
    unit.cooldown = max(unit.cooldown - 1.0, 0.0)
    unit.backswing = max(unit.backswing - 1.0, 0.0)
    unit.pose = STANDING
    if traits.acceleration <= 0.0:
        # Ground units only move in loops in which they decide to; air units glide on.
        unit.velocity_x = 0.0
        unit.velocity_y = 0.0
    if traits.is_healer:
        act_as_healer(battle, i)
    else:
        if not traits.is_passive and (unit.order == IDLE or unit.order == ATTACK_MOVE):
            acquire_target(battle, i)
        # An ordered target comes before the acquired one.
        target = target_to_attack(battle, i)
        if target >= 0:
            attack(battle, i, target)
        elif unit.winding_up:
            # The target is gone; the next loop decides anew.
            cancel_wind_up(battle, i)
        else:
            follow_order(battle, i)
    if unit.pose != WALKING:
        stop_moving(battle, i)


@kernel
def regenerate(battle: Battle) -> None:
    """Regenerate shields after ten quiet seconds, zerg health and energy always."""
    for i in range(battle.map.n_units):
        unit, traits = battle.units[i], battle.traits[i]
        # The dead of this loop are still there; they must not come back to life.
        if not unit.alive or unit.health <= 0.0:
            continue
        if unit.shield_timer > 0.0:
            unit.shield_timer -= 1.0
        elif unit.shield < traits.shield_max:
            unit.shield = min(unit.shield + SHIELD_REGEN, traits.shield_max)
        if traits.health_regeneration > 0.0:
            unit.health = min(unit.health + traits.health_regeneration, traits.health_max)
        if traits.energy_max > 0.0:
            unit.energy = min(unit.energy + ENERGY_REGEN, traits.energy_max)


@cold_kernel
def game_loop(battle: Battle) -> None:
    """Advance a battle by one game loop."""
    episode = battle.episode
    if not episode.enemies_ordered and episode.game_loops >= episode.next_order:
        order_enemies(battle)
    # Whoever is hit by what is on its way still acts in this loop: deaths come last.
    land_pending_hits(battle)
    gather_positions(battle)
    gather_radii(battle)
    for i in range(battle.map.n_units):
        if battle.units[i].alive:
            act(battle, i)
    # All have decided by the same positions; now they move.
    carry_out_moves(battle)
    resolve_collisions(battle)
    respond_to_attacks(battle)
    # Regeneration before deaths: it passes over those that are about to die.
    regenerate(battle)
    remove_dead(battle)
    episode.game_loops += 1


@cold_kernel
def begin_episode(state: State, world: World, e: int, seed_word: np.uint64) -> None:
    """Put environment ``e`` at the start of an episode.

    Facings and the point of the enemies' order come from the seed.
    """
    state.random_streams[e] = seed_word
    stream, units = state.random_streams[e : e + 1], state.units[e]
    rules = world.map[0]
    for i in range(rules.n_units):
        units[i] = state.spawned[e % state.spawned.shape[0]][i]
        # One draw per unit, in the order of their indices: a part of what a seed fixes.
        k = int(random_uniform(stream) * world.facings.shape[0])
        units[i].facing_x = world.facings[k, 0]
        units[i].facing_y = world.facings[k, 1]
    share = random_uniform(stream) if rules.enemy_order == ATTACK_SEGMENT else 0.0
    ends, episode = world.order_points, state.episodes[e]
    episode.game_loops = 0
    episode.steps = 0
    episode.enemies_ordered = 0
    episode.is_over = 0
    episode.next_order = rules.enemy_order_after + episode.order_phase
    episode.order_x = ends[0, 0] + (ends[1, 0] - ends[0, 0]) * share
    episode.order_y = ends[0, 1] + (ends[1, 1] - ends[0, 1]) * share


@cold_kernel
def write_unit_table(
    state: State, world: World, e: int, unit_of_row: NDArray[np.int64], table: UnitTable
) -> None:
    """Copy what an observer of the game sees of environment ``e`` to its unit table (U,).

    Row k shows unit ``unit_of_row[k]``.
    """
    for k in range(world.map[0].n_units):
        unit, row = state.units[e][unit_of_row[k]], table[k]
        if unit.alive:
            row.x = unit.x
            row.y = unit.y
            row.health = unit.health
            row.shield = unit.shield
            row.energy = unit.energy
            row.weapon_cooldown = unit.cooldown
        else:
            # The game drops dead units; SMAC keeps their last position and sets health to 0.
            row.health = 0.0
            row.shield = 0.0
