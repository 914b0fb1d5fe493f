"""Observations: SMAC's features of every agent over the unit table.

Layout of one observation::

    move       4 directions, [8 cells around], [9 heights]
    per enemy  attackable, distance, x, y, [health, [shield]], [type bits]
    per ally   visible, distance, x, y, [health, [shield]], [type bits], [last action]
    own        [health, [shield]], [x, y on the map], [type bits]
    [timestep]

Units out of sight or dead are zeros; a dead agent sees zeros only. Enemies within sight may be
hidden, see ``smacv2/sightings.py``. With ``obs_starcraft=False`` the timestep is all there is.
Values are computed in float64 and stored as float32.
"""

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules.actions import FIRST_TARGET, MOVE_NORTH, NO_OP
from pymarl.envs.smac.rules.availability import unmask_targets, write_availability
from pymarl.envs.smac.rules.feature_records import Features
from pymarl.envs.smac.rules.relative_positions import (
    RelativeUnits,
    measure,
    prepare,
    relative_units,
)
from pymarl.envs.smac.rules.unit_table import UnitTable
from pymarl.envs.smac.smacv2.sightings import HIDDEN, SEEN
from pymarl.envs.smac.surroundings import write_surroundings
from pymarl.kernels.simulator_jit import inner_kernel, kernel


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
    return int(write_type(features, j, part, at))


@kernel
def write_type(features: Features, j: int, part: NDArray[np.float32], at: int) -> int:
    """Write [type bits] of unit ``j`` from ``at`` on; return the next index."""
    bits = features.sizes[0].unit_type_bits
    if bits:
        part[at + features.units[j].type_bit] = 1.0
    return int(at + bits)


@kernel
def write_self(
    features: Features,
    table: UnitTable,
    relative: RelativeUnits,
    agent: int,
    obs: NDArray[np.float32],
    at: int,
) -> None:
    """Write [health, [shield]], [x, y], [type bits] of the agent itself from ``at`` on."""
    options, ground = features.options[0], features.ground[0]
    if options.obs_own_health:
        obs[at] = relative.health_fraction[agent]
        at += 1
        if features.sizes[0].ally_shield:
            obs[at] = relative.shield_fraction[agent]
            at += 1
    if options.obs_own_pos:
        obs[at] = table[agent].x / np.float64(ground.width)
        obs[at + 1] = table[agent].y / np.float64(ground.height)
        at += 2
    write_type(features, agent, obs, at)


@kernel
def write_enemies(
    features: Features,
    relative: RelativeUnits,
    avail: NDArray[np.uint8],
    shown: NDArray[np.uint8],
    agent: int,
    obs: NDArray[np.float32],
    at: int,
) -> int:
    """Write the enemies' part of an observation; return the next index.

    ``shown`` (E,) says what of each enemy the agent may see.
    """
    sizes = features.sizes[0]
    with_health = features.options[0].obs_all_health
    sight = features.units[agent].sight_range
    end = at + sizes.n_enemies * sizes.enemy_features
    parts = obs[at:end].reshape((sizes.n_enemies, sizes.enemy_features))
    attackable = avail[FIRST_TARGET:]
    for k in range(sizes.n_enemies):
        j = sizes.n_agents + k
        if relative.distance[j] < sight and shown[k] != HIDDEN:
            part = parts[k]
            part[0] = attackable[k]
            part[1] = relative.scaled_distance[j]
            part[2] = relative.scaled_x[j]
            part[3] = relative.scaled_y[j]
            if shown[k] == SEEN:
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
    sight = features.units[agent].sight_range
    end = at + (sizes.n_agents - 1) * sizes.ally_features
    parts = obs[at:end].reshape((sizes.n_agents - 1, sizes.ally_features))
    for j in range(sizes.n_agents):
        if j != agent and relative.distance[j] < sight:
            part = parts[j if j < agent else j - 1]
            part[0] = 1.0
            part[1] = relative.scaled_distance[j]
            part[2] = relative.scaled_x[j]
            part[3] = relative.scaled_y[j]
            after = write_unit_part(
                features, relative, j, options.obs_all_health, sizes.ally_shield, part, 4
            )
            if not options.types_shown:
                part[after - sizes.unit_type_bits + features.units[j].type_bit] = 0.0
            if options.obs_last_action and last_actions[j] >= 0:
                part[after + last_actions[j]] = 1.0
    return int(end)


@kernel
def write_agent(
    features: Features,
    table: UnitTable,
    last_actions: NDArray[np.int64],
    agent: int,
    scratch: NDArray[np.float64],
    shown: NDArray[np.uint8],
    avail: NDArray[np.uint8],
    obs: NDArray[np.float32],
) -> None:
    """Write availability, uint8 (A,), and observation, float32 (O,), of one agent.

    The work space is passed as one array and named here: eight arrays would cost more to pass to
    a function that is not inlined than small maps' observations to write.
    """
    options, sight = features.options[0], features.units[agent].sight_range
    obs[:] = 0.0
    if table[agent].health <= 0.0:
        avail[:] = 0
        avail[NO_OP] = 1
        return
    relative = relative_units(scratch)
    measure(agent, sight, relative)
    write_availability(features, table, relative.distance, agent, avail)
    if options.obs_starcraft:
        write_sights(features, table, last_actions, agent, relative, shown, avail, obs)
    # The observation tells what is in range all the same.
    if not options.action_mask:
        unmask_targets(features, relative.distance, agent, avail)


@kernel
def write_sights(
    features: Features,
    table: UnitTable,
    last_actions: NDArray[np.int64],
    agent: int,
    relative: RelativeUnits,
    shown: NDArray[np.uint8],
    avail: NDArray[np.uint8],
    obs: NDArray[np.float32],
) -> None:
    """Write what a living agent sees."""
    options = features.options[0]
    for k in range(4):
        obs[k] = avail[MOVE_NORTH + k]
    at = 4
    if options.obs_pathing_grid or options.obs_terrain_height:
        at = write_surroundings(features, table, agent, obs)
    if options.obs_enemies:
        at = write_enemies(features, relative, avail, shown, agent, obs, at)
    else:
        at += features.sizes[0].n_enemies * features.sizes[0].enemy_features
    at = write_allies(features, relative, last_actions, agent, obs, at)
    write_self(features, table, relative, agent, obs, at)


@inner_kernel
def write_observations(
    features: Features,
    table: UnitTable,
    last_actions: NDArray[np.int64],
    time: float,
    scratch: NDArray[np.float64],
    shown: NDArray[np.uint8],
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
        shown: uint8 (N, E), what of each enemy an agent may see, see ``smacv2/sightings.py``.
        avail: output, uint8 (N, A).
        obs: output, float32 (N, O).
    """
    prepare(features.units, table, relative_units(scratch))
    sizes = features.sizes[0]
    for agent in range(sizes.n_agents):
        own = obs[agent]
        write_agent(features, table, last_actions, agent, scratch, shown[agent], avail[agent], own)
        # The dead know the time, too.
        if features.options[0].obs_timestep_number:
            own[sizes.obs_size - 1] = time
