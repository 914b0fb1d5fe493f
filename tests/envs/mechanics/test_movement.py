"""How far units get, and how they turn to walk."""

import math

import numpy as np
import pytest

from pymarl.envs.skirmish.maps.unit_data import UNITS
from tests.envs.arena import Arena

MARINE_STEP = 2.25 / 16  # a marine's way in a game loop, 0.140625 cells


@pytest.mark.parametrize(
    "name", ["marine", "stalker", "zealot", "zergling", "hydralisk", "colossus"]
)
def test_speed_per_environment_step(name):
    a = Arena([(name, 8, 8)], [("spine_crawler", 30, 30)], step_mul=8)
    a.face(0, 30, 8)
    x = a.at(0)[0]
    a.loops(1, [4])
    assert a.at(0)[0] - x == pytest.approx(UNITS[name].speed / 2)


def east_of(name, degrees, loops):
    """Walk to the east from a facing ``degrees`` to the left; return the way (x, y) per loop."""
    a = Arena([(name, 8, 8)], [("spine_crawler", 30, 30)])
    unit = a.units[0]
    unit.facing_x, unit.facing_y = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    places = [a.at(0)]
    for _ in range(loops):
        a.loops(1, [4])
        places.append(a.at(0))
    return np.diff(np.array(places), axis=0)


def test_a_unit_that_looks_ahead_walks_at_full_speed_at_once():
    assert east_of("marine", 0, 2) == pytest.approx(np.array([[MARINE_STEP, 0]] * 2), abs=1e-6)
    # What is left after a loop's turn of 62.5 degrees is made good in the first loop.
    assert east_of("marine", 62, 1) == pytest.approx(np.array([[MARINE_STEP, 0]]), abs=1e-6)


def test_a_unit_walks_where_it_looks_and_turns_on_the_way():
    # From 100 degrees: 37.5 are left after the first loop, 0 after the second one. It walks towards
    # 37.5 degrees at cos(37.5) = 0.7934 of its speed.
    first, second = east_of("marine", 100, 2)
    left = math.radians(37.5)
    share = MARINE_STEP * math.cos(left)
    expected = (share * math.cos(left), share * math.sin(left))
    assert first == pytest.approx(expected, abs=1e-6)
    # The goal is 2 east of where it stood at the loop's beginning: the way leads straight there.
    assert second == pytest.approx((MARINE_STEP, 0), abs=1e-6)


def test_a_unit_that_looks_back_turns_for_a_loop_then_gathers_speed():
    # 180 degrees: 117.5 left after the first loop (it stands), 55 after the second one.
    ways = east_of("marine", 180, 3)
    assert ways[0] == pytest.approx((0, 0), abs=1e-12)
    assert np.hypot(*ways[1]) == pytest.approx(MARINE_STEP * math.cos(math.radians(55)), abs=1e-6)
    assert np.hypot(*ways[2]) == pytest.approx(MARINE_STEP, abs=1e-6)


def test_a_colossus_walks_where_it_does_not_look():
    assert east_of("colossus", 180, 1) == pytest.approx(np.array([[MARINE_STEP, 0]]), abs=1e-6)


def test_a_medivac_accelerates_and_glides_to_a_halt():
    a = Arena([("medivac", 8, 8)], [("marine", 30, 30)])
    steps = []
    for _ in range(25):
        x = a.at(0)[0]
        a.loops(1, [4])
        steps.append(a.at(0)[0] - x)
    accel = 2.3125 / 256
    assert steps[:3] == pytest.approx([accel, 2 * accel, 3 * accel])
    assert max(steps) <= 2.75 / 16 + 1e-12
    x = a.at(0)[0]
    a.loops(1)
    assert a.at(0)[0] - x == pytest.approx(steps[-1] - accel)
