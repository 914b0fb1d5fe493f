"""Places of units that are created in the middle of running episodes: the rule of ``spawn.py``.

The same rule, compiled: each unit takes the nearest free point of a lattice around the point where
it is created, in order of creation. Points off the walkable ground move to the nearest walkable
cell's centre first (chosen: the game's rule is not known).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.engine.codes import AIR_MOVER
from pymarl.envs.skirmish.engine.records import UnitTraits
from pymarl.kernels.records import Records
from pymarl.kernels.simulator_jit import cold_kernel, inner_kernel

_EDGE: Final = 1e-6
_SLACK: Final = 1e-9
"""Two units may stand this much nearer than they should, against rounding: that of ``spawn.py``."""


@inner_kernel
def is_free(
    places: NDArray[np.float64],
    traits: Records[UnitTraits],
    kinds: NDArray[np.int64],
    i: int,
    x: float,
    y: float,
) -> bool:
    """Return whether unit ``i`` overlaps none of the units before it at (x, y)."""
    own = traits[kinds[i]]
    for j in range(i):
        other = traits[kinds[j]]
        if other.collision_layer == own.collision_layer:
            gap = own.separation + other.separation - _SLACK
            dx = places[j, 0] - x
            dy = places[j, 1] - y
            if dx * dx + dy * dy < gap * gap:
                return False
    return True


@inner_kernel
def can_be_created(grids: NDArray[np.uint8], traits: UnitTraits, x: float, y: float) -> bool:
    """Return whether (x, y) is inside the unit's bounds and on its walkable ground."""
    if not (traits.west <= x < traits.east and traits.south <= y < traits.north):
        return False
    return bool(traits.mover == AIR_MOVER or grids[traits.mover, int(y), int(x)] != 0)


@inner_kernel
def move_to_ground(
    grids: NDArray[np.uint8], traits: UnitTraits, place: NDArray[np.float64]
) -> None:
    """Move a place (2,) inside the unit's bounds, and on the nearest walkable cell."""
    place[0] = min(max(place[0], traits.west), traits.east - _EDGE)
    place[1] = min(max(place[1], traits.south), traits.north - _EDGE)
    if can_be_created(grids, traits, place[0], place[1]):
        return
    best_x, best_y, best = place[0], place[1], 1e18
    for row in range(grids.shape[1]):
        for column in range(grids.shape[2]):
            if grids[traits.mover, row, column]:
                dx = column + 0.5 - place[0]
                dy = row + 0.5 - place[1]
                if dx * dx + dy * dy < best:
                    best = dx * dx + dy * dy
                    best_x, best_y = column + 0.5, row + 0.5
    place[0] = best_x
    place[1] = best_y


@cold_kernel
def place_created(
    grids: NDArray[np.uint8],
    lattice: NDArray[np.float64],
    traits: Records[UnitTraits],
    kinds: NDArray[np.int64],
    places: NDArray[np.float64],
) -> None:
    """Move units that are created at ``places`` to free ones.

    Where no place of the lattice is free, the unit stands where it was created, and collisions push
    it away.

    Args:
        grids: uint8 (2, H, W), cells where ground units (0) and cliff walkers (1) may be created.
        lattice: float64 (L, 2), offsets to try, the nearest first.
        traits: of the unit types, records (K,).
        kinds: int64 (U,), type of each unit.
        places: float64 (U, 2) in order of creation; updated.
    """
    for i in range(kinds.shape[0]):
        own = traits[kinds[i]]
        move_to_ground(grids, own, places[i])
        x, y = places[i, 0], places[i, 1]
        for k in range(lattice.shape[0]):
            at_x = x + lattice[k, 0]
            at_y = y + lattice[k, 1]
            if can_be_created(grids, own, at_x, at_y) and is_free(
                places, traits, kinds, i, at_x, at_y
            ):
                places[i, 0] = at_x
                places[i, 1] = at_y
                break
