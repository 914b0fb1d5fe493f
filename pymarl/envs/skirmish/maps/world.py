"""From a map to the records and arrays that the kernels work on."""

import math
from functools import lru_cache
from typing import Final

import numpy as np

from pymarl.envs.skirmish.engine.codes import (
    AGENTS,
    AIR_MOVER,
    ATTACK_NEAREST,
    ATTACK_POINT,
    ATTACK_SEGMENT,
    ATTACK_UNITS,
    CLIFF_MOVER,
    ENEMIES,
    GROUND_MOVER,
    NO_ENEMY_ORDER,
    NO_UNIT,
    STRUCTURE,
)
from pymarl.envs.skirmish.engine.constants import DELAY_HIGH, DELAY_LOW, LOOPS_PER_SECOND
from pymarl.envs.skirmish.engine.records import MapConstants, Unit, UnitTraits
from pymarl.envs.skirmish.engine.state import World
from pymarl.envs.skirmish.maps.paths import Paths, find_paths, reachable
from pymarl.envs.skirmish.maps.spawn import Placed, place_units
from pymarl.envs.skirmish.maps.unit_data import MIN_SCAN_RANGE, UNITS
from pymarl.envs.skirmish.maps.unit_fields import UnitData
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.maps.terrain import Terrain
from pymarl.envs.smac.smacv2.scenario import agent_order
from pymarl.errors import MapError
from pymarl.kernels.records import Records, new_records

_ENEMY_ORDERS: Final = {
    "none": NO_ENEMY_ORDER,
    "attack_point": ATTACK_POINT,
    "attack_segment": ATTACK_SEGMENT,
    "attack_units": ATTACK_UNITS,
    "attack_nearest": ATTACK_NEAREST,
}
_FACINGS: Final = 64
"""Chosen: how many directions a unit may face at spawn."""


def sort_agents(spec: MapSpec, agents: list[Placed]) -> list[Placed]:
    """Return the agents in SMAC's order.

    Unit type id (their order in the map type; of procedural maps see ``agent_order``), then x,
    then y.
    """
    types = agent_order(spec.ally.type_bits) if spec.scenario else spec.ally.type_bits
    rank = {name: k for k, name in enumerate(types)}
    return sorted(agents, key=lambda unit: (rank[unit[0]], unit[1], unit[2]))


def build_world(spec: MapSpec, delay: tuple[float, float] = (DELAY_LOW, DELAY_HIGH)) -> World:
    """Return what a map fixes.

    Args:
        spec: the map.
        delay: range of the random weapon delay in loops; other values than the game's are for
            experiments and tests.

    Raises:
        MapError: units do not fit, or the enemies' order cannot be reached on foot.
    """
    agents, enemies = place_units(spec)
    units = [*sort_agents(spec, agents), *enemies]
    terrain = spec.terrain
    ground, cliffs = _navigation(spec, units)
    _check_order(spec, enemies)
    n_cells = max(ground.hops.shape[1], cliffs.hops.shape[1])
    points = list(spec.order_points) or [(0.0, 0.0)]
    angles = [2 * math.pi * k / _FACINGS for k in range(_FACINGS)]
    traits = unit_traits(spec, units, len(agents), delay)
    return World(
        traits=traits,
        map=_map_constants(spec, len(agents), len(units), ground.open, cliffs.open),
        spawned=spawned_units(units, traits),
        order_points=np.array([points[0], points[-1]], dtype=np.float64),
        facings=np.array([(math.cos(a), math.sin(a)) for a in angles]),
        walkable=np.stack([terrain.pathing, terrain.cliff]).astype(np.uint8),
        cells=np.stack([ground.cell, cliffs.cell]),
        paths=np.stack([_pad(nav.hops, (2, n_cells, n_cells)) for nav in (ground, cliffs)]),
    )


def _map_constants(
    spec: MapSpec, n_agents: int, n_units: int, ground_is_open: bool, cliffs_are_open: bool
) -> Records[MapConstants]:
    """Return sizes and rules of the map, one record (1,)."""
    constants: Records[MapConstants] = new_records(MapConstants, 1)
    rules = constants[0]
    rules.n_agents, rules.n_units = n_agents, n_units
    rules.width, rules.height = spec.terrain.width, spec.terrain.height
    rules.enemy_order = _ENEMY_ORDERS[spec.order]
    rules.enemy_order_after = spec.order_after_loops
    rules.enemy_order_every = spec.scenario.order_every if spec.scenario else 0
    rules.ground_is_open, rules.cliffs_are_open = int(ground_is_open), int(cliffs_are_open)
    return constants


def unit_traits(
    spec: MapSpec, units: list[Placed], n_agents: int, delay: tuple[float, float]
) -> Records[UnitTraits]:
    """Return the constants of units (type, x, y), agents first."""
    traits: Records[UnitTraits] = new_records(UnitTraits, len(units))
    for i, (name, _, _) in enumerate(units):
        is_agent = i < n_agents
        own = traits[i]
        _write_traits(own, UNITS[name])
        own.attack_delay_min, own.attack_delay_span = delay[0], delay[1] - delay[0]
        _write_bounds(own, spec.terrain)
        own.side = AGENTS if is_agent else ENEMIES
        own.is_passive = int(spec.ally.passive and is_agent)
    return traits


def _write_traits(traits: UnitTraits, data: UnitData) -> None:
    """Write the numbers of a unit type, seconds turned into game loops."""
    second = LOOPS_PER_SECOND
    traits.radius, traits.separation = data.radius, data.separation
    traits.speed = data.speed / second
    traits.acceleration = data.acceleration / (second * second)
    traits.health_max, traits.shield_max = data.health_max, data.shield_max
    traits.energy_start, traits.energy_max = data.energy
    traits.armor = data.armor
    traits.health_regeneration = data.health_regeneration / second
    traits.attack_range, traits.range_slop = data.attack_range, data.range_slop
    traits.attack_period = data.attack_period * second
    traits.damage_point, traits.backswing = data.damage_point * second, data.backswing * second
    traits.damage, traits.damage_bonus = data.damage, data.damage_bonus
    traits.missile_speed = data.missile_speed / second
    traits.follow_up_delay = data.follow_up_delay * second
    traits.acquisition_range = max(MIN_SCAN_RANGE, data.attack_range)
    traits.melee_range = data.melee_range
    traits.melee_damage_point = data.melee_damage_point * second
    traits.splash_radius = data.splash_radius
    traits.weapon, traits.reached_planes = data.weapon, data.reached_planes
    traits.planes, traits.collision_layer = data.planes, data.collision_layer
    traits.mover = data.mover
    traits.attributes, traits.bonus_attributes = data.attributes, data.bonus_attributes
    traits.is_healer = int(data.is_healer)
    traits.is_structure = int(bool(data.attributes & STRUCTURE))
    traits.always_threatens = int(data.always_threatens)
    traits.turns_to_walk = int(data.turns_to_walk)


def _write_bounds(traits: UnitTraits, terrain: Terrain) -> None:
    """Write where a unit may be: air units stay in the playable area, others on walkable cells."""
    whole = (0.0, 0.0, float(terrain.width), float(terrain.height))
    bounds = terrain.playable if traits.mover == AIR_MOVER else whole
    traits.west, traits.south, traits.east, traits.north = bounds


def spawned_units(units: list[Placed], traits: Records[UnitTraits]) -> Records[Unit]:
    """Return the units as they stand at the beginning of an episode."""
    spawned: Records[Unit] = new_records(Unit, len(units))
    spawned["x"] = [x for _, x, _ in units]
    spawned["y"] = [y for _, _, y in units]
    spawned["health"] = traits["health_max"]
    spawned["shield"] = traits["shield_max"]
    spawned["energy"] = traits["energy_start"]
    spawned["alive"] = 1
    for target in ("ordered_target", "acquired_target", "missile_target", "follow_up_target"):
        spawned[target] = NO_UNIT
    spawned["blocker"] = spawned["attacked_by"] = NO_UNIT
    return spawned


def _pad(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return ``array`` in the corner of a larger array of zeros."""
    out = np.zeros(shape, array.dtype)
    out[tuple(slice(0, size) for size in array.shape)] = array
    return out


def _navigation(spec: MapSpec, units: list[Placed]) -> tuple[Paths, Paths]:
    """Return the path tables of ground units and cliff walkers.

    The second are the first when there are none.
    """
    walkers = any(UNITS[name].mover == CLIFF_MOVER for name, _, _ in units)
    on_foot = [(int(y), int(x)) for name, x, y in units if UNITS[name].mover != AIR_MOVER]
    terrain = spec.terrain
    if spec.scenario:
        # Other episodes have other units at other places.
        on_foot = [(int(y), int(x)) for y, x in np.argwhere(terrain.pathing | terrain.cliff)]
        walkers = any(UNITS[name].mover == CLIFF_MOVER for name in spec.scenario.teams.types)
    seeds = tuple(sorted(set(on_foot)))
    try:
        ground = _paths(terrain.pathing.tobytes(), terrain.pathing.shape, seeds)
        if not walkers or np.array_equal(terrain.pathing, terrain.cliff):
            return ground, ground
        return ground, _paths(terrain.cliff.tobytes(), terrain.cliff.shape, seeds)
    except ValueError as error:
        raise MapError(f"map {spec.name}: terrain: {error}") from error


@lru_cache(maxsize=8)
def _paths(grid: bytes, shape: tuple[int, int], seeds: tuple[tuple[int, int], ...]) -> Paths:
    """Return path tables, remembered: many environments of one process share a map."""
    return find_paths(np.frombuffer(grid, dtype=np.bool_).reshape(shape), list(seeds))


def _check_order(spec: MapSpec, enemies: list[Placed]) -> None:
    """Refuse an attack point that the enemies' walking units cannot reach."""
    terrain = spec.terrain
    reach: dict[int, np.ndarray] = {}
    for name, x, y in enemies:
        unit = UNITS[name]
        if unit.mover == AIR_MOVER or unit.speed == 0:
            continue
        here = int(y), int(x)
        if unit.mover not in reach or not reach[unit.mover][here]:
            grid = terrain.pathing if unit.mover == GROUND_MOVER else terrain.cliff
            reach[unit.mover] = reachable(grid, [here])
        for px, py in spec.order_points:
            if not reach[unit.mover][int(py), int(px)]:
                raise MapError(
                    f"map {spec.name}: enemy: order: points: [{px:g}, {py:g}] cannot be reached "
                    f"on foot from the {name} at [{x:g}, {y:g}]; choose a point on connected cells"
                )
