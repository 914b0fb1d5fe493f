"""Maps: what a scenario is, the built-in ones (``configs/maps/*.yaml``), and maps of your own.

A map file is described in docs/environments/maps.md; everything here is plain data, without numba,
so that configurations can be checked quickly.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pymarl.envs.smac.maps.map_reader import MapReader, read_yaml
from pymarl.envs.smac.maps.maps_folder import maps_dir
from pymarl.envs.smac.maps.sc2_map import GameMap, read_game
from pymarl.envs.smac.maps.terrain import Terrain
from pymarl.envs.smac.maps.terrain_reader import read_terrain
from pymarl.envs.smac.maps.unit_types import HEALERS, MAP_TYPES, UNIT_TYPES
from pymarl.errors import MapError
from pymarl.utils.suggest import did_you_mean

ORDER_KINDS: Final = ("attack_point", "attack_segment", "attack_units", "none")
_ORDER_POINTS: Final = {"attack_point": 1, "attack_segment": 2, "attack_units": 0, "none": 0}
_RACES: Final = ("P", "T", "Z")
MAX_UNITS: Final = 512


@dataclass(frozen=True, slots=True)
class SpawnGroup:
    """``count`` units of one type created at one point; the engine spreads them to free places."""

    unit: str
    count: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a battle.

    Attributes:
        race: P, T or Z; Protoss sides have shields in the features.
        passive: units never attack without an order (SMAC's agents). False: stock units that
            defend themselves.
        groups: spawn groups in script order.
        type_bits: unit types in the order of their type bits (empty: no type bits).
    """

    race: str
    passive: bool
    groups: tuple[SpawnGroup, ...]
    type_bits: tuple[str, ...]

    @property
    def count(self) -> int:
        """Return the number of units of this side."""
        return sum(group.count for group in self.groups)


@dataclass(frozen=True, slots=True)
class MapSpec:
    """A scenario: terrain, sides, the enemy's order and SMAC's registry values.

    Attributes:
        name: map name.
        source: where the facts come from.
        terrain: the ground.
        ally: the agents' side.
        enemy: the opponent.
        order: the enemy's order: attack-move to a point, to a random point of a segment, attack
            the allied units one by one, or none.
        order_points: its 1, 2 or 0 points.
        order_after_loops: game loops before the order is given.
        limit: episode limit in environment steps.
        step_mul: game loops per environment step when the configuration leaves it open.
        map_type: SMAC's map type.
        unit_type_bits: bits of the unit type in SMAC's features (0 when a side has one type only).
        game: its file in StarCraft II.
    """

    name: str
    source: str
    terrain: Terrain
    ally: Side
    enemy: Side
    order: str
    order_points: tuple[tuple[float, float], ...]
    order_after_loops: int
    limit: int
    step_mul: int
    map_type: str
    unit_type_bits: int
    game: GameMap = field(default_factory=GameMap)

    @property
    def n_agents(self) -> int:
        """Return N, the number of agents."""
        return self.ally.count

    @property
    def n_enemies(self) -> int:
        """Return E, the number of enemies."""
        return self.enemy.count


def map_names() -> list[str]:
    """Return the names of all built-in maps, sorted."""
    return sorted((path.stem for path in maps_dir().glob("*.yaml")), key=str.lower)


def load_map(name: str | None, map_file: str | None = None) -> MapSpec:
    """Return the map called ``name``, or the one described by ``map_file`` when that is given.

    Raises:
        MapError: the name is unknown, or the file does not describe a playable map; says where and
            why.
    """
    if map_file:
        return read_map(Path(map_file))
    known = map_names()
    if name not in known:
        raise MapError(
            f"env_args.map_name={name!r}: unknown map; known: {', '.join(known)}"
            f"{did_you_mean(name, known)} (a map of your own: env_args.map_file=path/to/map.yaml)"
        )
    return read_map(maps_dir() / f"{name}.yaml")


def read_map(path: Path) -> MapSpec:
    """Return the map described by the YAML (or JSON) file ``path``.

    Raises:
        MapError: with file, key, value and expectation, when the file is not a map.
    """
    reader = MapReader(read_yaml(path), str(path))
    name = reader.text("name", path.stem)
    source = reader.text("source", "not stated")
    terrain = read_terrain(reader, path.parent)
    map_type = reader.choice("map_type", (*MAP_TYPES, "custom"))
    bits = reader.integer("unit_type_bits", 0, len(UNIT_TYPES), 0)
    ally_reader, enemy_reader = reader.child("ally"), reader.child("enemy")
    ally = _read_side(ally_reader, terrain, map_type, bits, agents=True)
    enemy = _read_side(enemy_reader, terrain, map_type, bits, agents=False)
    order, points, after = _read_order(enemy_reader, terrain)
    ally_reader.done()
    enemy_reader.done()
    spec = MapSpec(
        name=name,
        source=source,
        terrain=terrain,
        ally=ally,
        enemy=enemy,
        order=order,
        order_points=points,
        order_after_loops=after,
        limit=reader.integer("limit", 1, 100_000),
        step_mul=reader.integer("step_mul", 1, 64, 8),
        map_type=map_type,
        unit_type_bits=bits,
        game=read_game(reader, path.parent, passive=ally.passive),
    )
    reader.done()
    _check_healers(spec, reader)
    return spec


def _read_side(
    reader: MapReader, terrain: Terrain, map_type: str, bits: int, *, agents: bool
) -> Side:
    """Return one side of the battle."""
    groups = tuple(_read_group(entry, terrain) for entry in reader.children("units"))
    total = sum(group.count for group in groups)
    declared = reader.integer("count", 1, MAX_UNITS, total)
    if declared != total:
        raise reader.fail("count", f"says {declared} unit(s), but units add up to {total}")
    types = _type_bits(reader, map_type, bits, groups, agents=agents)
    race = reader.choice("race", _RACES)
    passive = reader.flag("passive", True) if agents else False
    return Side(race=race, passive=passive, groups=groups, type_bits=types)


def _read_group(reader: MapReader, terrain: Terrain) -> SpawnGroup:
    """Return one spawn group."""
    unit = reader.choice("type", tuple(UNIT_TYPES))
    count = reader.integer("count", 1, MAX_UNITS, 1)
    x, y = reader.point("at")
    reader.done()
    if not (0 <= x < terrain.width and 0 <= y < terrain.height):
        raise reader.fail(
            "at", f"[{x:g}, {y:g}] is outside the {terrain.width} x {terrain.height} map"
        )
    return SpawnGroup(unit, count, x, y)


def _type_bits(
    reader: MapReader, map_type: str, bits: int, groups: tuple[SpawnGroup, ...], *, agents: bool
) -> tuple[str, ...]:
    """Return the unit types of a side in the order of their bits, checked against the units."""
    present = list(dict.fromkeys(group.unit for group in groups))
    if map_type == "custom":
        order = reader.raw("type_order", present)
        if not isinstance(order, list) or sorted(map(str, order)) != sorted(present):
            raise reader.fail(
                "type_order", f"expected the types {present} in some order, got {order!r}"
            )
    else:
        order = list(MAP_TYPES[map_type][0 if agents else 1]) or (present if not bits else [])
    unknown = [unit for unit in present if unit not in order]
    if unknown and (agents or bits):
        raise reader.fail(
            "units", f"map_type {map_type} knows {order}, not {unknown}; use map_type: custom"
        )
    if bits and len(order) > bits:
        raise reader.fail(
            "units", f"{len(order)} types need unit_type_bits: {len(order)}, got {bits}"
        )
    if not bits and agents and len(present) > 1:
        raise reader.fail(
            "units", f"{len(present)} types of agents need unit_type_bits: {len(present)}"
        )
    return tuple(order)


def _read_order(
    reader: MapReader, terrain: Terrain
) -> tuple[str, tuple[tuple[float, float], ...], int]:
    """Return the enemy's order as (kind, points, delay in game loops)."""
    order = reader.child("order")
    kind = order.choice("kind", ORDER_KINDS)
    count = _ORDER_POINTS[kind]
    points = order.points("points", count) if count else ()
    for x, y in points:
        if not (0 <= x < terrain.width and 0 <= y < terrain.height):
            raise order.fail("points", f"[{x:g}, {y:g}] is outside the map")
    after = order.integer("after_loops", 0, 10_000, 0)
    order.done()
    return kind, points, after


def _check_healers(spec: MapSpec, reader: MapReader) -> None:
    """Refuse healers where the attack actions, one per enemy, are too few for all agents."""
    healers = any(group.unit in HEALERS for group in spec.ally.groups)
    if healers and spec.n_agents > spec.n_enemies:
        raise reader.fail(
            "ally",
            f"healers address agents through the {spec.n_enemies} attack actions, "
            f"but there are {spec.n_agents} agents; add enemies or leave the healers out",
        )
