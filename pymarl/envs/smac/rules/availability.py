"""Availability of actions: SMAC's rules over the unit table.

The dead have no-op only, the living never. Stop is always available; a move when the point half a
move away lies in a walkable cell; an attack (a heal, for healers) when the target lives and its
centre is within the agent's shooting range.
"""

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules.actions import (
    FIRST_TARGET,
    MOVE_EAST,
    MOVE_NORTH,
    MOVE_SOUTH,
    MOVE_WEST,
    STOP,
)
from pymarl.envs.smac.rules.feature_records import Features
from pymarl.envs.smac.rules.relative_positions import FAR_AWAY, distance
from pymarl.envs.smac.rules.unit_table import UnitTable
from pymarl.kernels.simulator_jit import kernel


@kernel
def walkable_cell(features: Features, x: float, y: float) -> int:
    """Return 1 when the cell of (x, y) is on the map and walkable.

    Coordinates are cut towards 0, as in SMAC: -0.5 lies in cell 0.
    """
    ground = features.ground[0]
    cell_x, cell_y = int(x), int(y)
    if cell_x < 0 or cell_y < 0 or cell_x >= ground.width or cell_y >= ground.height:
        return 0
    return int(features.pathing[cell_x, cell_y])


@kernel
def write_availability(
    features: Features,
    table: UnitTable,
    distances: NDArray[np.float64],
    agent: int,
    avail: NDArray[np.uint8],
) -> None:
    """Write the availability of a living agent.

    Args:
        features: of the map.
        table: the unit table (U,).
        distances: float64 (U,) from the agent to every unit; the dead are out of all ranges.
        agent: its row.
        avail: output, uint8 (A,).
    """
    sizes, units = features.sizes[0], features.units
    avail[:] = 0
    x, y = np.float64(table[agent].x), np.float64(table[agent].y)
    half = features.ground[0].move_amount / 2
    avail[STOP] = 1
    avail[MOVE_NORTH] = walkable_cell(features, x, y + half)
    avail[MOVE_SOUTH] = walkable_cell(features, x, y - half)
    avail[MOVE_EAST] = walkable_cell(features, x + half, y)
    avail[MOVE_WEST] = walkable_cell(features, x - half, y)
    reach = units[agent].shoot_range
    if features.options[0].healers_heal and units[agent].healer:
        for j in range(sizes.n_agents):
            if not units[j].healer:
                avail[FIRST_TARGET + j] = distances[j] <= reach
        return
    # Both from index 0, and no branch: the loop becomes vector instructions.
    attacks, enemies = avail[FIRST_TARGET:], distances[sizes.n_agents :]
    for k in range(sizes.n_enemies):
        attacks[k] = 1 if enemies[k] <= reach else 0


@kernel
def unmask_targets(
    features: Features, distances: NDArray[np.float64], agent: int, avail: NDArray[np.uint8]
) -> None:
    """Make every living target available (SMACv2's ``action_mask=False``).

    Args:
        features: of the map.
        distances: float64 (U,), see ``write_availability``.
        agent: its row.
        avail: uint8 (A,), with the true availability; updated.
    """
    sizes, units = features.sizes[0], features.units
    if features.options[0].healers_heal and units[agent].healer:
        for j in range(sizes.n_agents):
            if not units[j].healer and distances[j] < FAR_AWAY / 2:
                avail[FIRST_TARGET + j] = 1
        return
    for k in range(sizes.n_enemies):
        if distances[sizes.n_agents + k] < FAR_AWAY / 2:
            avail[FIRST_TARGET + k] = 1


@kernel
def can_reach(features: Features, table: UnitTable, agent: int, action: int) -> bool:
    """Return whether an available action's target is within the agent's shooting range.

    Actions without a target are.
    """
    if action < FIRST_TARGET:
        return True
    heals = features.options[0].healers_heal and features.units[agent].healer
    target = action - FIRST_TARGET + (0 if heals else features.sizes[0].n_agents)
    return bool(distance(table, agent, target) <= features.units[agent].shoot_range)
