"""What a battle consists of: what changes (``State``), what does not (``World``), and one of B.

Kernels of the game loop take a ``Battle``: the records of one environment under one name.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.engine.records import Episode, MapConstants, Unit, UnitTraits
from pymarl.envs.skirmish.engine.rng import RandomStream
from pymarl.kernels.records import RecordBatch, Records, new_records
from pymarl.kernels.simulator_jit import inlined_kernel

FloatArray = NDArray[np.float64]
WalkableGrids = NDArray[np.uint8]
CellNumbers = NDArray[np.int32]
PathTables = NDArray[np.uint16]

# Rows of the scratch memory, in which kernels keep numbers of all units side by side: loops over
# contiguous rows become vector instructions.
XS: Final = 0  # positions, the dead far away
YS: Final = 1
SIZES: Final = 2  # radii or separations
FLAGS: Final = 3  # read as bytes
N_SCRATCH_ROWS: Final = 4


class State(NamedTuple):
    """Everything that changes, of B environments; copies of these arrays are a complete snapshot.

    Attributes:
        units: (B, U) records.
        episodes: (B,) records.
        random_streams: uint64 (B,), the environments' random streams.
        traits, spawned: records (B, U), each environment's of ``World``; or (1, U), those of
            ``World`` themselves, where teams never change.
        scratch: float64 (B, N_SCRATCH_ROWS, U), of no meaning between calls: kernels allocate
            nothing.
    """

    units: RecordBatch[Unit]
    episodes: Records[Episode]
    random_streams: NDArray[np.uint64]
    traits: RecordBatch[UnitTraits]
    spawned: RecordBatch[Unit]
    scratch: FloatArray


class World(NamedTuple):
    """Everything a map fixes; where teams change, its units are an example.

    Attributes:
        traits: (U,) records.
        map: one record (1,), its sizes and rules: an array, because numba takes one over from
            Python in 20 nanoseconds, but a record of its own in 500.
        spawned: (U,) records, the units at the beginning of an episode, but for their facing.
        order_points: float64 (2, 2), ends of the segment that the enemies' order leads to.
        facings: float64 (64, 2), the unit vectors a unit may face at spawn.
        walkable: uint8 (2, H, W), 1 where ground units (0) or cliff walkers (1) can walk.
        cells: int32 (2, H, W), number of the nearest walkable cell for ground units (0) and cliff
            walkers (1).
        paths: uint16 (2, 2, K, K), map cells (y * W + x) on the way from cell [a] to [b] for ground
            units [0] and cliff walkers [1]: [., 0] the farthest one that a straight line reaches,
            [., 1] the next one.
    """

    traits: Records[UnitTraits]
    map: Records[MapConstants]
    spawned: Records[Unit]
    order_points: FloatArray
    facings: FloatArray
    walkable: WalkableGrids
    cells: CellNumbers
    paths: PathTables


class Battle(NamedTuple):
    """One environment, for the kernels of the game loop: views of ``State`` and ``World``.

    Attributes:
        units, traits: (U,) records. map, episode: one record.
        random_stream: uint64 (1,). scratch: float64 (N_SCRATCH_ROWS, U).
        walkable, cells, paths: see ``World``.
    """

    units: Records[Unit]
    traits: Records[UnitTraits]
    map: MapConstants
    episode: Episode
    random_stream: RandomStream
    scratch: FloatArray
    walkable: WalkableGrids
    cells: CellNumbers
    paths: PathTables


@inlined_kernel
def battle_of(state: State, world: World, e: int) -> Battle:
    """Return environment ``e`` as a battle; nothing is copied."""
    return Battle(
        state.units[e],
        state.traits[e % state.traits.shape[0]],
        world.map[0],
        state.episodes[e],
        state.random_streams[e : e + 1],
        state.scratch[e],
        world.walkable,
        world.cells,
        world.paths,
    )


def new_state(n_envs: int, world: World, *, changing_teams: bool = False) -> State:
    """Return zeroed state arrays for ``n_envs`` environments.

    Args:
        n_envs: B.
        world: the map.
        changing_teams: each environment has units of its own, those of ``world`` at first; False:
            all have those of ``world``.
    """
    n_units = world.map[0].n_units
    # Views where teams do not change: what is changed in the world counts.
    traits, spawned = np.asarray(world.traits)[None], np.asarray(world.spawned)[None]
    return State(
        traits=np.repeat(traits, n_envs, 0) if changing_teams else traits,
        spawned=np.repeat(spawned, n_envs, 0) if changing_teams else spawned,
        units=new_records(Unit, (n_envs, n_units)),
        episodes=new_records(Episode, n_envs),
        random_streams=np.zeros(n_envs, np.uint64),
        scratch=np.zeros((n_envs, N_SCRATCH_ROWS, n_units)),
    )
