"""Observations: SMAC's features of every agent over the unit table.

Layout of one observation::

    move       4 directions, [8 cells around], [9 heights]
    per enemy  attackable, distance, x, y, [health, [shield]], [type bits]
    per ally   visible, distance, x, y, [health, [shield]], [type bits], [last action]
    own        [health, [shield]], [type bits]
    [timestep]

Units out of sight or dead are zeros; a dead agent sees zeros only. Values are computed in float64
and stored as float32.
"""

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules.actions import FIRST_TARGET, MOVE_NORTH, NO_OP
from pymarl.envs.smac.rules.availability import write_availability
from pymarl.envs.smac.rules.features import Features
from pymarl.envs.smac.rules.relative_positions import (
    RelativeUnits,
    measure,
    prepare,
    relative_units,
)
from pymarl.envs.smac.rules.unit_table import SIGHT_RANGE, UnitTable
from pymarl.kernels.simulator_jit import inner_kernel, kernel


@inner_kernel
def write_surroundings(
    features: Features, table: UnitTable, agent: int, obs: NDArray[np.float32]
) -> int:
    """Write the cells and heights around an agent; return where the enemies' part begins.

    Eight points, at twice the move amount along the axes and once along the diagonals, from the
    position cut to its cell; then, for heights, the position itself. Points off the map count as 1.
    """
    ground = features.ground[0]
    cells, heights = features.options[0].obs_pathing_grid, features.options[0].obs_terrain_height
    x, y = int(table[agent].x), int(table[agent].y)
    amount = int(ground.move_amount)
    at = 4
    for k in range(9):
        dx, dy = 0, 0
        if k < 4:  # north, south, east, west
            step = 2 * amount if k % 2 == 0 else -2 * amount
            dx, dy = (0, step) if k < 2 else (step, 0)
        elif k < 8:  # north-east, south-west, south-east, north-west
            dx = amount if k % 2 == 0 else -amount
            dy = amount if k == 4 or k == 7 else -amount
        cell_x, cell_y = x + dx, y + dy
        inside = 0 <= cell_x < ground.width and 0 <= cell_y < ground.height
        if cells and k < 8:
            obs[at + k] = features.pathing[cell_x, cell_y] if inside else 1
        if heights:
            height = features.terrain_height[cell_x, cell_y] if inside else 1.0
            obs[at + 8 * cells + k] = height
    return int(at + 8 * cells + 9 * heights)


@kernel
def write_unit_part(
    features: Features,
    relative: RelativeUnits,
    j: int,
    with_health: int,
    with_shield: int,
    part: NDArray[np.float32],
    at: int,
) -> int:
    """Write [health, [shield]], [type bits] of unit ``j`` from ``at`` on; return the next index."""
    if with_health:
        part[at] = relative.health_fraction[j]
        at += 1
        if with_shield:
            part[at] = relative.shield_fraction[j]
            at += 1
    bits = features.sizes[0].unit_type_bits
    if bits:
        part[at + features.units[j].type_bit] = 1.0
        at += bits
    return at


@kernel
def write_enemies(
    features: Features,
    relative: RelativeUnits,
    avail: NDArray[np.uint8],
    obs: NDArray[np.float32],
    at: int,
) -> int:
    """Write the enemies' part of an observation; return the next index."""
    sizes = features.sizes[0]
    with_health = features.options[0].obs_all_health
    end = at + sizes.n_enemies * sizes.enemy_features
    parts = obs[at:end].reshape((sizes.n_enemies, sizes.enemy_features))
    attackable = avail[FIRST_TARGET:]
    for k in range(sizes.n_enemies):
        j = sizes.n_agents + k
        if relative.distance[j] < SIGHT_RANGE:
            part = parts[k]
            part[0] = attackable[k]
            part[1] = relative.scaled_distance[j]
            part[2] = relative.scaled_x[j]
            part[3] = relative.scaled_y[j]
            write_unit_part(features, relative, j, with_health, sizes.enemy_shield, part, 4)
    return int(end)


@kernel
def write_allies(
    features: Features,
    relative: RelativeUnits,
    last_actions: NDArray[np.int64],
    agent: int,
    obs: NDArray[np.float32],
    at: int,
) -> int:
    """Write the other agents' part of an agent's observation; return the next index."""
    sizes, options = features.sizes[0], features.options[0]
    end = at + (sizes.n_agents - 1) * sizes.ally_features
    parts = obs[at:end].reshape((sizes.n_agents - 1, sizes.ally_features))
    for j in range(sizes.n_agents):
        if j != agent and relative.distance[j] < SIGHT_RANGE:
            part = parts[j if j < agent else j - 1]
            part[0] = 1.0
            part[1] = relative.scaled_distance[j]
            part[2] = relative.scaled_x[j]
            part[3] = relative.scaled_y[j]
            after = write_unit_part(
                features, relative, j, options.obs_all_health, sizes.ally_shield, part, 4
            )
            if options.obs_last_action and last_actions[j] >= 0:
                part[after + last_actions[j]] = 1.0
    return int(end)


@kernel
def write_agent(
    features: Features,
    table: UnitTable,
    last_actions: NDArray[np.int64],
    time: float,
    agent: int,
    scratch: NDArray[np.float64],
    avail: NDArray[np.uint8],
    obs: NDArray[np.float32],
) -> None:
    """Write availability, uint8 (A,), and observation, float32 (O,), of one agent.

    The work space is passed as one array and named here: eight arrays would cost more to pass to
    a function that is not inlined than small maps' observations to write.
    """
    sizes, options = features.sizes[0], features.options[0]
    obs[:] = 0.0
    if options.obs_timestep_number:
        obs[sizes.obs_size - 1] = time
    if table[agent].health <= 0.0:
        avail[:] = 0
        avail[NO_OP] = 1
        return
    relative = relative_units(scratch)
    measure(agent, relative)
    write_availability(features, table, relative.distance, agent, avail)
    for k in range(4):
        obs[k] = avail[MOVE_NORTH + k]
    at = 4
    if options.obs_pathing_grid or options.obs_terrain_height:
        at = write_surroundings(features, table, agent, obs)
    at = write_enemies(features, relative, avail, obs, at)
    at = write_allies(features, relative, last_actions, agent, obs, at)
    write_unit_part(features, relative, agent, options.obs_own_health, sizes.ally_shield, obs, at)


@inner_kernel
def write_observations(
    features: Features,
    table: UnitTable,
    last_actions: NDArray[np.int64],
    time: float,
    scratch: NDArray[np.float64],
    avail: NDArray[np.uint8],
    obs: NDArray[np.float32],
) -> None:
    """Write what all agents may do and see.

    Args:
        features: of the map.
        table: the unit table (U,).
        last_actions: int64 (N,), -1: none yet.
        time: step / episode limit.
        scratch: float64 (N_SCRATCH_ROWS, U), work space.
        avail: output, uint8 (N, A).
        obs: output, float32 (N, O).
    """
    prepare(features.units, table, relative_units(scratch))
    for agent in range(features.sizes[0].n_agents):
        write_agent(features, table, last_actions, time, agent, scratch, avail[agent], obs[agent])
