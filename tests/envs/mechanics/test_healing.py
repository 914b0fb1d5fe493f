"""How health, shield and energy come back."""

import pytest

from pymarl.envs.skirmish.engine import codes
from pymarl.envs.skirmish.engine.damage import apply_damage
from tests.envs.arena import Arena


def test_a_medivac_heals_nine_a_second_for_energy():
    a = Arena([("marine", 10, 10), ("medivac", 12, 10)], [("marine", 30, 30), ("marine", 30, 28)])
    m, d = 0, 1
    a.units[m].health = 30
    energy = a.units[d].energy
    a.loops(8, [1, 6])
    assert a.health(m) == pytest.approx(30 + 8 * 0.5625)
    used = 8 * 0.5625 * 0.33 - 8 * 0.5625 / 16
    assert energy - a.units[d].energy == pytest.approx(used)


def test_healing_stops_at_full_health_and_without_energy():
    a = Arena([("marine", 10, 10), ("medivac", 12, 10)], [("marine", 30, 30), ("marine", 30, 28)])
    a.units[0].health = 44.9
    a.loops(1, [1, 6])
    assert a.health(0) == 45
    a.units[0].health, a.units[1].energy = 10, 0.1
    a.loops(1, [1, 6])
    assert a.health(0) == pytest.approx(10 + 0.1 / 0.33)


def test_enemy_medivacs_heal_by_themselves_and_agents_do_not():
    a = Arena(
        [("marine", 5, 5), ("medivac", 6, 5)],
        [("marine", 25, 25), ("medivac", 27, 25)],
        order="none",
    )
    a.units[0].health = a.units[2].health = 20
    a.loops(4)
    assert a.health(0) == 20
    assert a.health(2) == pytest.approx(20 + 4 * 0.5625)


def test_a_medivac_that_acts_by_itself_heals_the_smallest_share_of_health_first():
    # Marauder 60 of 125 = 0.48, marine 30 of 45 = 0.67: more health, but a smaller share.
    a = Arena(
        [("marine", 5, 5)],
        [("medivac", 25, 20), ("marine", 25, 22), ("marauder", 25, 24)],
        order="none",
    )
    a.units[2].health, a.units[3].health = 30, 60
    a.run(1)
    assert a.units[1].ordered_target == 3
    # Beyond 6 from edge to edge nobody counts; among equal shares the nearer one.
    a.units[1].order, a.units[1].ordered_target = codes.IDLE, -1
    a.units[3].y = a.units[1].y + 0.75 + 0.5625 + 6.01
    a.run(1)
    assert a.units[1].ordered_target == 2


def test_among_equal_shares_the_nearer_patient_is_healed():
    a = Arena(
        [("marine", 5, 5)],
        [("medivac", 25, 20), ("marine", 25, 24), ("marine", 25, 22)],
        order="none",
    )
    a.units[2].health = a.units[3].health = 30
    nearer = 2 if a.units[2].y < a.units[3].y else 3
    a.run(1)
    assert a.units[1].ordered_target == nearer


def test_shields_wait_ten_seconds_then_regenerate():
    a = Arena([("zealot", 5, 5)], [("marine", 30, 30)])
    apply_damage(a.battle(), 1, 0, 10.0)
    a.loops(160)
    assert a.shield(0) == 40
    a.loops(8)
    assert a.shield(0) == 41


def test_zerg_regenerate():
    a = Arena([("zergling", 5, 5)], [("marine", 30, 30)])
    a.units[0].health = 20
    a.loops(16)
    assert a.health(0) == pytest.approx(20.2734)
