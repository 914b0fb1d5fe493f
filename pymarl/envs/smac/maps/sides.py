"""The sides of a map: their units, and how map files describe them."""

from dataclasses import dataclass
from typing import Final

from pymarl.envs.smac.maps.map_reader import MapReader
from pymarl.envs.smac.maps.terrain import Terrain
from pymarl.envs.smac.maps.unit_types import MAP_TYPES, UNIT_TYPES

RACES: Final = ("P", "T", "Z")
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


def read_side(
    reader: MapReader, terrain: Terrain, map_type: str, bits: int, *, agents: bool
) -> Side:
    """Return one side of the battle."""
    groups = tuple(_read_group(entry, terrain) for entry in reader.children("units"))
    total = sum(group.count for group in groups)
    declared = reader.integer("count", 1, MAX_UNITS, total)
    if declared != total:
        raise reader.fail("count", f"says {declared} unit(s), but units add up to {total}")
    types = _type_bits(reader, map_type, bits, groups, agents=agents)
    race = reader.choice("race", RACES)
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
