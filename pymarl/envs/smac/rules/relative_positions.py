"""How units lie to one another: distances, and what an agent's features make of them."""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules.feature_records import UnitConstants
from pymarl.envs.smac.rules.unit_table import UnitTable
from pymarl.kernels.records import Records
from pymarl.kernels.simulator_jit import kernel

FAR_AWAY: Final = 1e9
"""West-east place of the dead: no range reaches them, so that loops need not ask who lives."""


class RelativeUnits(NamedTuple):
    """All units as one agent sees them, float64 (U,) each: rows of a kernel's work space.

    One array per number, not one record per unit: neighbours in memory become vector instructions.

    Attributes:
        distance: between the centres, in cells.
        scaled_distance, scaled_x, scaled_y: distance, and x and y to the unit, by the sight range.
        x, y: the unit's place; the dead are ``FAR_AWAY``.
        health_fraction, shield_fraction: of the unit's maxima, 0..1.
    """

    distance: NDArray[np.float64]
    scaled_distance: NDArray[np.float64]
    scaled_x: NDArray[np.float64]
    scaled_y: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    health_fraction: NDArray[np.float64]
    shield_fraction: NDArray[np.float64]


N_SCRATCH_ROWS: Final = len(RelativeUnits._fields)
"""Rows of the kernels' work space."""


@kernel
def relative_units(scratch: NDArray[np.float64]) -> RelativeUnits:
    """Return names for the rows of a work space (N_SCRATCH_ROWS, U)."""
    return RelativeUnits(
        scratch[0],
        scratch[1],
        scratch[2],
        scratch[3],
        scratch[4],
        scratch[5],
        scratch[6],
        scratch[7],
    )


@kernel
def distance(table: UnitTable, i: int, j: int) -> float:
    """Return the distance between the centres of two units, in float64 as SMAC's Python has it."""
    dx = np.float64(table[j].x) - np.float64(table[i].x)
    dy = np.float64(table[j].y) - np.float64(table[i].y)
    return math.sqrt(dx * dx + dy * dy)


@kernel
def prepare(units: Records[UnitConstants], table: UnitTable, relative: RelativeUnits) -> None:
    """Write what does not depend on who looks: places and fractions of health and shield."""
    for j in range(table.shape[0]):
        unit, constants = table[j], units[j]
        relative.x[j] = unit.x if unit.health > 0.0 else FAR_AWAY
        relative.y[j] = unit.y
        relative.health_fraction[j] = unit.health / constants.health_max
        relative.shield_fraction[j] = 0.0
        if constants.shield_max > 0.0:
            relative.shield_fraction[j] = unit.shield / constants.shield_max


@kernel
def measure(agent: int, sight: float, relative: RelativeUnits) -> None:
    """Write how every unit lies to a living agent that sees ``sight`` far.

    ``relative`` is prepared.
    """
    x, y = relative.x[agent], relative.y[agent]
    for j in range(relative.x.shape[0]):
        dx = relative.x[j] - x
        dy = relative.y[j] - y
        dist = math.sqrt(dx * dx + dy * dy)
        relative.distance[j] = dist
        relative.scaled_distance[j] = dist / sight
        relative.scaled_x[j] = dx / sight
        relative.scaled_y[j] = dy / sight


def visibility_matrix(
    table: UnitTable, n_agents: int, sight: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return bool (N, U): True where a living agent has a living unit within sight.

    Never for itself. Outside kernels.

    Args:
        table: unit table (U,).
        n_agents: N.
        sight: float64 (N,), how far each agent sees.
    """
    position = np.stack([table["x"], table["y"]], 1).astype(np.float64)
    away = np.sqrt(((position[:n_agents, None] - position[None]) ** 2).sum(-1))
    alive = table["health"] > 0
    seen: NDArray[np.bool_] = (away < sight[:, None]) & alive[None] & alive[:n_agents, None]
    seen[np.arange(n_agents), np.arange(n_agents)] = False
    return seen
