"""SMAC's scripted agents (``heuristic_ai``): attack the nearest enemy until it dies.

Medivacs heal the nearest hurt.
"""

import math
from typing import Any

import numpy as np

from pymarl.envs.smac.rules import features as D
from pymarl.envs.smac.rules import unit_table as T
from pymarl.envs.smac.rules.availability import distance
from pymarl.kernels.simulator_jit import cold_kernel, inner_kernel

Array = Any


@inner_kernel
def nearest_patient(c: Array, f: Array, u: Array, table: Array, i: int, limit: float) -> int:
    """Return the nearest damaged agent that is no healer, or -1."""
    best = -1
    for j in range(c[D.N]):
        health = np.float64(table[j, T.HEALTH])
        if u[D.HEALER, j] != 0.0 or health <= 0.0 or health >= u[D.HEALTH_MAX, j]:
            continue
        dist = distance(table, i, j)
        if dist < limit:
            limit = dist
            best = j
    return best


@inner_kernel
def nearest_enemy(c: Array, f: Array, u: Array, table: Array, i: int, limit: float) -> int:
    """Return the index among the enemies of the nearest living one, or -1."""
    best = -1
    n = c[D.N]
    for j in range(c[D.E]):
        if table[n + j, T.HEALTH] > 0.0:
            dist = distance(table, i, n + j)
            if dist < limit:
                limit = dist
                best = j
    return best


@inner_kernel
def keeps(c: Array, f: Array, u: Array, table: Array, i: int, target: int) -> bool:
    """Return whether agent ``i`` stays with its target."""
    if target < 0:
        return False
    if u[D.HEALER, i] != 0.0 and c[D.HEAL_RULE]:
        health = np.float64(table[target, T.HEALTH])
        return bool(0.0 < health < u[D.HEALTH_MAX, target])
    return bool(table[c[D.N] + target, T.HEALTH] > 0.0)


@inner_kernel
def towards(table: Array, i: int, j: int) -> int:
    """Return the move action along the longer axis from ``i`` to ``j``."""
    dx = np.float64(table[j, T.X]) - np.float64(table[i, T.X])
    dy = np.float64(table[j, T.Y]) - np.float64(table[i, T.Y])
    if abs(dx) > abs(dy):
        return 4 if dx > 0.0 else 5
    return 2 if dy > 0.0 else 3


@cold_kernel
def script(
    c: Array, f: Array, u: Array, table: Array, avail: Array, targets: Array, actions: Array
) -> None:
    """Write SMAC's scripted actions of all agents, int64 (N,); 0: no new order.

    Without ``heuristic_rest`` attack orders are given at any distance (units walk there by
    themselves); with it,
    agents out of range make plain moves. ``targets`` int64 (N,) is their memory, -1 at the start
    of an episode.
    Deviation: a dead agent's entry becomes 0 (no-op); SMAC writes an attack number there, too, and
    its unit, which is gone, never gets the order.
    """
    limit = math.sqrt(f[D.EXTENT_X] * f[D.EXTENT_X] + f[D.EXTENT_Y] * f[D.EXTENT_Y])
    for i in range(c[D.N]):
        actions[i] = 0
        if table[i, T.HEALTH] <= 0.0:
            continue
        heals = u[D.HEALER, i] != 0.0 and c[D.HEAL_RULE]
        if not keeps(c, f, u, table, i, targets[i]):
            targets[i] = (
                nearest_patient(c, f, u, table, i, limit)
                if heals
                else nearest_enemy(c, f, u, table, i, limit)
            )
        if targets[i] < 0:
            continue
        actions[i] = T.NO_ATTACK + targets[i]
        if c[D.REST] and not avail[i, actions[i]]:
            actions[i] = towards(table, i, targets[i] if heals else c[D.N] + targets[i])
