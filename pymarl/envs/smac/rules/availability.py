"""Availability of actions: SMAC's rules over the unit table.

The dead have no-op only, the living never. Stop is always available; a move when the point half a
move away lies in a walkable cell; an attack (a heal, for healers) when the target lives and its
centre is within ``SHOOT_RANGE``.
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
from pymarl.envs.smac.rules.features import Features
from pymarl.envs.smac.rules.unit_table import SHOOT_RANGE, UnitTable
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
    if features.options[0].healers_heal and units[agent].healer:
        for j in range(sizes.n_agents):
            if not units[j].healer:
                avail[FIRST_TARGET + j] = distances[j] <= SHOOT_RANGE
        return
    # Both from index 0, and no branch: the loop becomes vector instructions.
    attacks, enemies = avail[FIRST_TARGET:], distances[sizes.n_agents :]
    for k in range(sizes.n_enemies):
        attacks[k] = 1 if enemies[k] <= SHOOT_RANGE else 0
