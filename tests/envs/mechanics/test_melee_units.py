"""Melee units among friends: how near they pass, and when they change targets."""

import pytest

from pymarl.envs.skirmish.engine import codes
from pymarl.envs.skirmish.maps.unit_data import UNITS
from tests.envs.arena import Arena

FULL = 0.75  # separation of two zealots, of two marines, or of one of each: 2 x 0.375
SQUEEZED = 0.45  # 0.6 of it
SHORT = 0.6  # 0.8 of it, for ranged units on the move


def pushes(walker, other, distance, walks=True, hostile=False):
    """Return how far a walker (or stander) and another unit are pushed apart in one loop.

    The other one is ``distance`` north of where the walker is when collisions are looked at.
    """
    step = UNITS[walker].speed / 16 if walks else 0.0
    far_away = ("marine", 30, 30)
    agents = [(walker, 10, 10)] + ([] if hostile else [(other, 10, 14)])
    enemies = [(other, 10, 14)] if hostile else [far_away]
    a = Arena(agents, enemies)
    if hostile:
        one, two = 0, 1
    else:
        one, two = sorted(range(2), key=lambda i: a.at(i)[1])
    a.units[two].x, a.units[two].y = 10 + step, 10 + distance
    a.face(one, 25, 10)
    if walks:
        a.give(one, codes.MOVE, goal=(25.0, 10.0))
    a.run(1)
    return 10 - a.at(one)[1], a.at(two)[1] - (10 + distance)


def test_a_walking_melee_unit_passes_friends_at_six_tenths_of_the_separation():
    for friend in ("zealot", "marine"):
        assert pushes("zealot", friend, SQUEEZED + 0.01) == (0, 0)
        # 0.05 too near: both give way by half of it.
        assert pushes("zealot", friend, SQUEEZED - 0.05) == pytest.approx((0.025, 0.025))


def test_a_walking_ranged_unit_passes_friends_at_eight_tenths_of_the_separation():
    assert pushes("marine", "marine", SHORT + 0.01) == (0, 0)
    assert pushes("marine", "marine", SHORT - 0.1) == pytest.approx((0.05, 0.05))
    # Who of the two is the melee unit on the move decides: this zealot stands.
    assert pushes("marine", "zealot", SHORT - 0.1) == pytest.approx((0.05, 0.05))


def test_standing_melee_units_keep_the_full_separation():
    assert pushes("zealot", "zealot", FULL + 0.01, walks=False) == (0, 0)
    assert pushes("zealot", "zealot", SQUEEZED + 0.05, walks=False) == pytest.approx((0.125, 0.125))


def test_enemies_are_never_squeezed_past():
    assert pushes("zealot", "zealot", FULL + 0.01, hostile=True) == (0, 0)
    # 0.15 too near: an idle or fighting enemy does not give way, so the walker makes it all good.
    assert pushes("zealot", "zealot", FULL - 0.15, hostile=True) == pytest.approx((0.15, 0))


def chase(name, nearer_at, loops=9):
    """A unit at (10, 10) chases agent 0 in the east; another agent appears. Return its target."""
    a = Arena([("marine", 18, 10), ("marine", 30, 30)], [(name, 10, 10)])
    first = min(range(2), key=lambda i: a.at(i)[1])
    unit = a.units[2]
    unit.acquired_target = first
    unit.leash_x, unit.leash_y = 10.0, 10.0
    a.run(1)
    a.units[1 - first].x, a.units[1 - first].y = nearer_at
    a.run(loops)
    return "first" if int(unit.acquired_target) == first else "nearer"


def test_a_chasing_melee_unit_keeps_its_target_though_a_nearer_enemy_appears():
    assert chase("zealot", (11.0, 13.0)) == "first"
    assert chase("zealot", (11.0, 13.0), loops=20) == "first"


def test_a_ranged_unit_changes_to_the_nearer_enemy():
    assert chase("marine", (11.0, 13.0)) == "nearer"


def test_a_melee_unit_changes_when_somebody_is_in_its_way():
    # It walks 1.0 into the agent in its path: (11.9 - 10 - 0.75 - 0.14) / 0.1406 = 7.2 loops.
    assert chase("zealot", (11.9, 10.0), loops=5) == "first"
    assert chase("zealot", (11.9, 10.0), loops=7 + 9) == "nearer"
