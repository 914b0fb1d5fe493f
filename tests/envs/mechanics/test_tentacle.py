"""The spine crawler's tentacle against numbers worked out by hand from the data of its movers."""

from dataclasses import replace

import numpy as np
import pytest

from pymarl.envs.skirmish.engine import codes
from pymarl.envs.skirmish.maps.unit_data import UNITS
from tests.envs.arena import Arena

TOUCH = 0.875 + 0.625  # radii of the crawler and of a stalker
# Edge distance, loops out, and loops from one hit to the next:
#   damage point 5.33 -> 6 loops; period 25.6, which waits while it flies out and holds (3).
#   7: long, 7.875 to the stalker's edge; out 0.2605 s -> 5; 25.6 + 5 + 3 = 33.6.
#   2: short, 2.875; out 0.3406 s -> 6; 25.6 + 6 + 3 = 34.6.
#   0: short, 0.875; out 0.2424 s -> 4; 25.6 + 4 + 3 = 32.6.
BY_HAND = [(7.0, 5, 34), (2.0, 6, 35), (0.0, 4, 33)]


def duel(distance: float) -> Arena:
    """Return a battle of a stalker that stands still and a crawler that faces it."""
    a = Arena([("stalker", 10, 10)], [("spine_crawler", 10 + TOUCH + distance, 10)])
    a.face_all()
    return a


def loops_of_hits(a: Arena, count: int) -> list[int]:
    """Return in which of the next ``count`` loops (from 0) the stalker's shield fell."""
    hits = []
    for loop in range(count):
        before = a.shield(0)
        a.loops(1)
        if a.shield(0) < before:
            hits.append(loop)
    return hits


@pytest.mark.parametrize(("distance", "out", "interval"), BY_HAND)
def test_the_cooldown_waits_while_the_tentacle_flies_out_and_holds(distance, out, interval):
    a = duel(distance)
    first = 6 + out
    assert loops_of_hits(a, first + interval + 1) == [first, first + interval]
    assert a.shield(0) == 80 - 2 * 30  # 25 + 5 against armored


def test_distances_just_below_and_above_three_use_other_movers():
    # 3: short, 3.875; out 0.165 + (sqrt(7.0225 + 1015) - 2.65) / 140 = 0.3744 s -> 6 loops.
    # 3.01: long, 3.885; out (sqrt(144 + 1087.8) - 12) / 140 = 0.1650 s -> 3 loops.
    assert loops_of_hits(duel(3.0), 13) == [6 + 6]
    assert loops_of_hits(duel(3.01), 13) == [6 + 3]


def test_a_weapon_that_hits_at_once_would_strike_more_often(monkeypatch):
    instant = replace(UNITS["spine_crawler"], weapon=codes.INSTANT)
    monkeypatch.setitem(UNITS, "spine_crawler", instant)
    assert loops_of_hits(duel(7.0), 40) == [6, 6 + 26]


def test_the_tentacle_finds_nobody_when_its_target_died_and_the_cooldown_waits_all_the_same():
    a = Arena(
        [("stalker", 10, 10), ("stalker", 10, 12)],
        [("spine_crawler", 10 + TOUCH + 5, 10)],
    )
    where = {round(a.at(i)[1]): i for i in range(2)}
    first, second = where[10], where[12]
    a.face_all()
    a.face(2, *a.at(first))
    a.loops(8)
    crawler = a.units[2]
    assert (crawler.follow_ups_left, crawler.follow_up_target) == (1, first)
    a.units[first].health = 0
    # 5: long, 5.875; out (sqrt(144 + 1645) - 12) / 140 = 0.2164 s -> 4, it would hit in loop 10.
    # 25.6 + 4 + 3 = 32.6: the next attack begins in loop 33, 6 until its damage point.
    # It is aimed at the other one: 8.5 and 2 are away, 8.732 - 0.625 - 0.875 = 5.2 > 3; out 4.
    seen = []
    for loop in range(8, 70):
        a.loops(1)
        if a.shield(second) < 80:
            seen.append(loop)
            break
    assert not a.alive(first)
    assert seen == [33 + 6 + 4]


def test_the_hit_needs_a_living_crawler():
    a = duel(7.0)
    a.loops(8)
    a.units[1].health = 0
    a.loops(10)
    assert np.isclose(a.shield(0), 80)
