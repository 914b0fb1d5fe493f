"""SMAC's scripted agents (``heuristic_ai``): attack the nearest enemy until it dies.

Medivacs heal the nearest damaged agent instead.
"""

import math

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules.actions import (
    FIRST_TARGET,
    MOVE_EAST,
    MOVE_NORTH,
    MOVE_SOUTH,
    MOVE_WEST,
    NO_OP,
)
from pymarl.envs.smac.rules.feature_records import Features
from pymarl.envs.smac.rules.relative_positions import distance
from pymarl.envs.smac.rules.unit_table import UnitTable
from pymarl.kernels.simulator_jit import cold_kernel, inner_kernel


@inner_kernel
def nearest_patient(features: Features, table: UnitTable, healer: int, limit: float) -> int:
    """Return the nearest damaged agent within ``limit`` that is no healer, or -1."""
    best = -1
    for j in range(features.sizes[0].n_agents):
        health = np.float64(table[j].health)
        constants = features.units[j]
        if constants.healer or health <= 0.0 or health >= constants.health_max:
            continue
        dist = distance(table, healer, j)
        if dist < limit:
            limit = dist
            best = j
    return best


@inner_kernel
def nearest_enemy(features: Features, table: UnitTable, agent: int, limit: float) -> int:
    """Return the index among the enemies of the nearest living one within ``limit``, or -1."""
    best = -1
    sizes = features.sizes[0]
    for k in range(sizes.n_enemies):
        j = sizes.n_agents + k
        if table[j].health > 0.0:
            dist = distance(table, agent, j)
            if dist < limit:
                limit = dist
                best = k
    return best


@inner_kernel
def keeps_target(features: Features, table: UnitTable, heals: int, target: int) -> bool:
    """Return whether an agent's target is still one: damaged (it heals), or alive (it attacks)."""
    if target < 0:
        return False
    if heals:
        health = np.float64(table[target].health)
        return bool(0.0 < health < features.units[target].health_max)
    return bool(table[features.sizes[0].n_agents + target].health > 0.0)


@inner_kernel
def move_towards(table: UnitTable, i: int, j: int) -> int:
    """Return the move action along the longer axis from ``i`` to ``j``."""
    dx = np.float64(table[j].x) - np.float64(table[i].x)
    dy = np.float64(table[j].y) - np.float64(table[i].y)
    if abs(dx) > abs(dy):
        return MOVE_EAST if dx > 0.0 else MOVE_WEST
    return MOVE_NORTH if dy > 0.0 else MOVE_SOUTH


@cold_kernel
def write_scripted_actions(
    features: Features,
    table: UnitTable,
    avail: NDArray[np.uint8],
    targets: NDArray[np.int64],
    actions: NDArray[np.int64],
) -> None:
    """Write SMAC's scripted actions of all agents; no-op means: no new order.

    Without ``heuristic_rest`` attack orders are given at any distance, and units walk there by
    themselves; with it, agents out of range make plain moves.

    Deviation: a dead agent's entry becomes no-op; SMAC writes an attack number there, too, and its
    unit, which is gone, never gets the order.

    Args:
        features: of the map.
        table: the unit table (U,).
        avail: uint8 (N, A).
        targets: int64 (N,), whom each agent follows; -1: nobody, as when an episode starts.
            Updated.
        actions: output, int64 (N,).
    """
    sizes, ground = features.sizes[0], features.ground[0]
    options = features.options[0]
    extent = math.sqrt(ground.extent_x * ground.extent_x + ground.extent_y * ground.extent_y)
    for i in range(sizes.n_agents):
        actions[i] = NO_OP
        if table[i].health <= 0.0:
            continue
        heals = features.units[i].healer and options.healers_heal
        if not keeps_target(features, table, heals, targets[i]):
            targets[i] = (
                nearest_patient(features, table, i, extent)
                if heals
                else nearest_enemy(features, table, i, extent)
            )
        if targets[i] < 0:
            continue
        actions[i] = FIRST_TARGET + targets[i]
        if options.heuristic_rest and not avail[i, actions[i]]:
            row = targets[i] if heals else sizes.n_agents + targets[i]
            actions[i] = move_towards(table, i, row)
