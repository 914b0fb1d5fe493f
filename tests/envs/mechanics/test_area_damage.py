"""Whom the colossus's sweep and the baneling's burst reach."""

import numpy as np
import pytest

from tests.envs.arena import Arena


def test_the_colossus_sweeps_a_line_twice():
    # Target at (16, 10), shot from the east: a line north-south, 1.25 + 0.15 + radius 0.375 long.
    marines = [
        ("marine", 16, 10),
        ("marine", 16, 11.77),
        ("marine", 16, 8.2),
        ("marine", 16.52, 9.2),
        ("marine", 15.45, 10.8),
    ]
    a = Arena(marines, [("colossus", 21, 10)])
    where = {tuple(np.round(a.at(i), 2)): i for i in range(5)}
    target = where[(16.0, 10.0)]
    a.units[5].facing_x = -1.0
    a.units[5].facing_y = 0.0
    a.units[5].acquired_target = target
    a.units[5].leash_x, a.units[5].leash_y = a.at(5)
    # Damage point 1.33 -> loop 2, first sweep 4 loops later, second 0.375 s = 6 loops after that.
    a.loops(6)
    assert [a.health(i) for i in range(5)] == [45] * 5
    a.loops(1)
    hit = {place: a.health(i) for place, i in where.items()}
    assert hit[(16.0, 10.0)] == 25
    assert hit[(16.0, 11.77)] == 25
    assert hit[(16.0, 8.2)] == 45  # 1.8 away: 0.025 too far
    assert hit[(16.52, 9.2)] == 25  # 0.52 beside the nearest point
    assert hit[(15.45, 10.8)] == 45  # 0.55 beside the line
    a.loops(5)
    assert a.health(target) == 25
    a.loops(1)
    assert a.health(target) == 5


@pytest.mark.parametrize(("victim", "left"), [("marine", 45 - 35), ("marauder", 125 - 19)])
def test_a_baneling_bursts_with_bonus_against_light(victim, left):
    a = Arena([(victim, 10, 10)], [("baneling", 10.9, 10), ("marine", 30, 30)])
    a.face_all()
    a.loops(2)
    assert not a.alive(1)
    assert a.health(0) == left


def test_a_burst_reaches_two_point_two_to_the_edge_and_only_enemies():
    # Enemy baneling at (10, 10), killed: 2.2 + 0.375 = 2.575.
    a = Arena(
        [("marine", 12.57, 10), ("marine", 10, 12.58)],
        [("baneling", 10, 10), ("marine", 11, 10), ("marine", 30, 30)],
        passive=True,
    )
    a.units[2].health = 0
    places = {tuple(np.round(a.at(i), 2)): i for i in range(2)}
    a.loops(1)
    assert a.health(places[(12.57, 10.0)]) == 10
    assert a.health(places[(10.0, 12.58)]) == 45
    assert a.health(3) == 45


def test_bursts_chain_within_one_loop():
    a = Arena(
        [("baneling", 11, 10), ("marine", 5, 28)],
        [("baneling", 10, 10), ("zergling", 12, 10), ("marine", 30, 30)],
    )
    # The dying baneling kills the agents' one, whose burst kills the zergling.
    a.units[2].health, a.units[0].health = 0, 19
    a.loops(1)
    assert not a.alive(0)
    assert not a.alive(3)
