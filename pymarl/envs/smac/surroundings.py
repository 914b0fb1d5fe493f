"""The ground around an agent in its observation: cells and heights."""

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules.feature_records import Features
from pymarl.envs.smac.rules.unit_table import UnitTable
from pymarl.kernels.simulator_jit import inner_kernel


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
