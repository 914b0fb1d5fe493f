"""The hash of a map's numbers in a replay's header: replays are only valid for the same numbers.

The numbers are hashed as the columns of arrays that the engine had before its records, so that
hashes of one map can be compared over the project's history.
"""

import hashlib

import numpy as np

from pymarl.envs.skirmish.engine.records import UnitTraits
from pymarl.envs.skirmish.engine.state import World
from pymarl.envs.smac.smacv2.scenario import Scenario
from pymarl.kernels.records import record_dtype


def world_hash(world: World, scenario: Scenario | None = None) -> str:
    """Return a hash of everything but seed and orders that an episode depends on.

    Args:
        world: the map's numbers.
        scenario: of a procedural map: what its seeds draw from.
    """
    types = record_dtype(UnitTraits)
    real = [name for name in types.names or () if types[name] == np.float64]
    integer = [name for name in types.names or () if types[name] == np.int64]
    rules = world.map[0]
    arrays = [
        np.stack([world.traits[name] for name in real], axis=1),
        np.stack([world.traits[name] for name in integer], axis=1),
        np.array(
            [
                rules.n_agents,
                rules.n_units,
                rules.width,
                rules.height,
                rules.enemy_order,
                rules.enemy_order_after,
                rules.ground_is_open,
                rules.cliffs_are_open,
                0,  # was reserved
            ],
            np.int64,
        ),
        np.stack([world.spawned["x"], world.spawned["y"]], axis=1),
        world.order_points,
        world.facings,
        world.walkable,
        world.cells,
        world.paths,
    ]
    digest = hashlib.sha256(repr(scenario).encode() if scenario else b"")
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
