"""Spawn places: where units that are created at one point come to stand.

StarCraft II creates all units of a group at one point and moves each to the nearest free place;
its search pattern is not known. Chosen: the nearest free point of a fine square lattice, ties by
angle, in script order.
"""

import math

import numpy as np

from pymarl.envs.skirmish.engine.codes import AIR_MOVER, GROUND_MOVER
from pymarl.envs.skirmish.maps.unit_data import UNITS
from pymarl.envs.smac.maps.map_spec import MapSpec, SpawnGroup
from pymarl.envs.smac.maps.terrain import Terrain
from pymarl.errors import MapError

_PITCH = 0.25
_RINGS = 40
Placed = tuple[str, float, float]


def _lattice() -> np.ndarray:
    """Return lattice offsets (n, 2), nearest first, ties by angle from the east."""
    steps = range(-_RINGS, _RINGS + 1)
    keyed = sorted(
        (i * i + j * j, round(math.atan2(j, i) % (2 * math.pi), 9), i, j)
        for i in steps
        for j in steps
    )
    return np.array([(i, j) for _, _, i, j in keyed]) * _PITCH


LATTICE = _lattice()
"""Offsets of the places that are tried, the nearest first, float64 (L, 2)."""


def place_units(spec: MapSpec) -> tuple[list[Placed], list[Placed]]:
    """Return (agents, enemies) as lists of (unit, x, y) in script order.

    Raises:
        MapError: a unit finds no free walkable place near its point.
    """
    taken: list[Placed] = []
    sides: list[list[Placed]] = []
    for label, side in (("ally", spec.ally), ("enemy", spec.enemy)):
        before = len(taken)
        for k, group in enumerate(side.groups):
            where = (
                f"map {spec.name}: {label}: units[{k}] ({group.unit} at [{group.x:g}, {group.y:g}])"
            )
            for _ in range(group.count):
                taken.append(place_one(group, spec.terrain, taken, where))
        sides.append(taken[before:])
    return sides[0], sides[1]


def place_one(group: SpawnGroup, terrain: Terrain, taken: list[Placed], where: str) -> Placed:
    """Return the nearest free place for one unit of ``group``."""
    unit = UNITS[group.unit]
    spots = LATTICE + np.array([group.x, group.y])
    free = _standable(spots, terrain, unit.mover)
    if not free[0]:
        raise MapError(
            f"{where}: the point is not walkable for a {group.unit}; "
            "move it to a '.' cell of the terrain"
        )
    for other, x, y in taken:
        if UNITS[other].collision_layer == unit.collision_layer:
            gap = unit.separation + UNITS[other].separation
            away = (spots[:, 0] - x) ** 2 + (spots[:, 1] - y) ** 2
            free &= away >= (gap - 1e-9) ** 2
    best = int(np.argmax(free))
    if not free[best]:
        raise MapError(
            f"{where}: no free place within {_PITCH * _RINGS:g} cells; "
            "move the spawn points apart or lower the counts"
        )
    return group.unit, float(spots[best, 0]), float(spots[best, 1])


def _standable(spots: np.ndarray, terrain: Terrain, mover: int) -> np.ndarray:
    """Return which spots are on the map and walkable for the unit's grid."""
    x, y = spots[:, 0], spots[:, 1]
    x0, y0, x1, y1 = (
        terrain.playable if mover == AIR_MOVER else (0, 0, terrain.width, terrain.height)
    )
    inside = (x >= x0) & (x < x1) & (y >= y0) & (y < y1)
    if mover == AIR_MOVER:
        return inside
    grid = terrain.pathing if mover == GROUND_MOVER else terrain.cliff
    cx = np.clip(x.astype(int), 0, terrain.width - 1)
    cy = np.clip(y.astype(int), 0, terrain.height - 1)
    usable: np.ndarray = inside & grid[cy, cx]
    return usable
