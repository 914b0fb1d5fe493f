"""Units of an episode whose teams were drawn: their places, their order, their numbers.

The rule of ``spawn.py``, compiled: each unit takes the nearest free point of a lattice around the
point where it is created, in order of creation. Points off the walkable ground move to the nearest
walkable cell's centre first (chosen: the game's rule is not known).
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.engine.codes import AIR_MOVER
from pymarl.envs.skirmish.engine.records import Unit, UnitTraits
from pymarl.envs.smac.rules.feature_records import UnitConstants
from pymarl.kernels.random_stream import RandomStream, random_uniform
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


class Kinds(NamedTuple):
    """What a unit of each type starts with; first the types as agents, then as enemies, 2K rows.

    Attributes:
        traits, spawned, constants: records (2K,).
        rank: int64 (2K,), order of the agents' types.
        grids: uint8 (2, H, W), cells where ground units (0) and cliff walkers (1) may be created.
        lattice: float64 (L, 2), offsets to try, the nearest first.
    """

    traits: Records[UnitTraits]
    spawned: Records[Unit]
    constants: Records[UnitConstants]
    rank: NDArray[np.int64]
    grids: NDArray[np.uint8]
    lattice: NDArray[np.float64]


class DrawnUnits(NamedTuple):
    """One environment's units: where ``begin_units`` reads and writes, U rows each.

    Attributes:
        rows: int64, type of each unit in order of creation, agents first: a row of ``Kinds``.
        places: float64 (U, 2), where each is created; then where it came to stand.
        order: int64, written: which unit stands in each row of the following ones.
        traits, spawned, constants: records, written.
    """

    rows: NDArray[np.int64]
    places: NDArray[np.float64]
    order: NDArray[np.int64]
    traits: Records[UnitTraits]
    spawned: Records[Unit]
    constants: Records[UnitConstants]


@inner_kernel
def place_created(kinds: Kinds, drawn: DrawnUnits) -> None:
    """Move units that are created at ``places`` to free ones.

    Where no place of the lattice is free, the unit stands where it was created, and collisions push
    it away.
    """
    places, lattice = drawn.places, kinds.lattice
    for i in range(drawn.rows.shape[0]):
        own = kinds.traits[drawn.rows[i]]
        move_to_ground(kinds.grids, own, places[i])
        x, y = places[i, 0], places[i, 1]
        for k in range(lattice.shape[0]):
            at_x = x + lattice[k, 0]
            at_y = y + lattice[k, 1]
            if can_be_created(kinds.grids, own, at_x, at_y) and is_free(
                places, kinds.traits, drawn.rows, i, at_x, at_y
            ):
                places[i, 0] = at_x
                places[i, 1] = at_y
                break


@inner_kernel
def comes_before(kinds: Kinds, drawn: DrawnUnits, i: int, j: int) -> bool:
    """Return whether agent ``i`` is before agent ``j``: by type, then x, then y, in float32."""
    one, two = kinds.rank[drawn.rows[i]], kinds.rank[drawn.rows[j]]
    if one != two:
        return bool(one < two)
    # The protocol's numbers are float32, and SMAC sorts by them.
    for axis in range(2):
        here, there = np.float32(drawn.places[i, axis]), np.float32(drawn.places[j, axis])
        if here != there:
            return bool(here < there)
    return i < j


@cold_kernel
def begin_units(kinds: Kinds, drawn: DrawnUnits, n_agents: int) -> None:
    """Place the units of an episode, sort the agents as SMAC does, and write their numbers."""
    place_created(kinds, drawn)
    order = drawn.order
    for i in range(drawn.rows.shape[0]):
        order[i] = i
    for i in range(1, n_agents):
        k = i
        while k > 0 and comes_before(kinds, drawn, order[k], order[k - 1]):
            order[k], order[k - 1] = order[k - 1], order[k]
            k -= 1
    for i in range(drawn.rows.shape[0]):
        row = drawn.rows[order[i]]
        drawn.traits[i] = kinds.traits[row]
        drawn.spawned[i] = kinds.spawned[row]
        drawn.constants[i] = kinds.constants[row]
        drawn.spawned[i].x = drawn.places[order[i], 0]
        drawn.spawned[i].y = drawn.places[order[i], 1]


@cold_kernel
def fill_uniform(stream: RandomStream, numbers: NDArray[np.float64]) -> None:
    """Fill an array with the next numbers of a stream, in [0, 1)."""
    for i in range(numbers.shape[0]):
        numbers[i] = random_uniform(stream)
