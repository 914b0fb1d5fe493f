"""The unit types of SMAC's maps: names, maxima, and the order of type bits per map type.

Source: SMAC 1.0's StarCraft2Env (facts re-stated); StarCraft II 4.10 Liberty data for health and
shields.
"""

from typing import Final, NamedTuple


class UnitType(NamedTuple):
    """What SMAC's features need to know of a unit type.

    Attributes:
        api_id: StarCraft II's unit type id of the stock unit.
        health_max: maximal health.
        shield_max: maximal shield (0: the type has none).
        smac_cooldown_max: SMAC's divisor of the weapon cooldown in the state, in game loops.
            Hard-coded there and kept with its errors (stalker and colossus are swapped); for the
            medivac it divides the energy.
        sight_range, shoot_range: SMACv2's, centre to centre, see ``use_unit_ranges``. Hard-coded
            there; the colossus' 7 is not the range of its weapon. SMACv2 has no spine crawlers:
            theirs are the game's.
    """

    api_id: int
    health_max: float
    shield_max: float
    smac_cooldown_max: float
    sight_range: float
    shoot_range: float


UNIT_TYPES: Final[dict[str, UnitType]] = {
    "marine": UnitType(48, 45.0, 0.0, 15.0, 9.0, 5.0),
    "marauder": UnitType(51, 125.0, 0.0, 25.0, 10.0, 6.0),
    "medivac": UnitType(54, 150.0, 0.0, 200.0, 11.0, 4.0),
    "stalker": UnitType(74, 80.0, 80.0, 35.0, 10.0, 6.0),
    "zealot": UnitType(73, 100.0, 50.0, 22.0, 9.0, 0.1),
    "colossus": UnitType(4, 200.0, 150.0, 24.0, 10.0, 7.0),
    "hydralisk": UnitType(107, 80.0, 0.0, 10.0, 9.0, 5.0),
    "zergling": UnitType(105, 35.0, 0.0, 11.0, 8.0, 0.1),
    "baneling": UnitType(9, 30.0, 0.0, 1.0, 8.0, 0.25),
    "spine_crawler": UnitType(98, 300.0, 0.0, 15.0, 11.0, 7.0),
}

KINDS: Final = tuple(UNIT_TYPES)
"""Unit types by number."""

HEALERS: Final = frozenset({"medivac"})

MAP_TYPES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    # Agents' types in the order of their type bits; enemies' types in the order of theirs.
    "marines": (("marine",), ()),
    "stalkers_and_zealots": (("stalker", "zealot"), ("zealot", "stalker")),
    "colossi_stalkers_zealots": (
        ("colossus", "stalker", "zealot"),
        ("colossus", "stalker", "zealot"),
    ),
    "MMM": (("marauder", "marine", "medivac"), ("marauder", "marine", "medivac")),
    "zealots": (("zealot",), ()),
    "hydralisks": (("hydralisk",), ()),
    "stalkers": (("stalker",), ()),
    "colossus": (("colossus",), ()),
    "bane": (("baneling", "zergling"), ("baneling", "zergling")),
}
"""SMAC's map types. Agents' ids are consecutive in the first order, which also sorts the agents.

SMAC numbers enemy stalkers and zealots by their game ids (74 and 73), so that the enemies' bits
are the agents' reversed; this is kept. A map of your own gives its two orders itself
(``map_type: custom``).
"""
