"""The engine's numbers of the unit types and those that SMAC's features divide by are the same."""

import pytest

from pymarl.envs.skirmish.maps.unit_data import UNITS
from pymarl.envs.smac.maps.unit_types import HEALERS, UNIT_TYPES


def test_both_tables_hold_the_same_types():
    assert set(UNITS) == set(UNIT_TYPES)


@pytest.mark.parametrize("name", sorted(UNITS))
def test_health_and_shield_come_from_the_types_own_row(name):
    simulated, seen = UNITS[name], UNIT_TYPES[name]
    assert simulated.name == name
    assert (simulated.health_max, simulated.shield_max) == (seen.health_max, seen.shield_max)


def test_healers_are_the_same_in_both_tables():
    assert {name for name, unit in UNITS.items() if unit.is_healer} == HEALERS
