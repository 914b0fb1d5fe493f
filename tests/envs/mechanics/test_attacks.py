"""When an attack begins, hits, is repeated and is broken off, in game loops worked out by hand."""

import math

import pytest

from tests.envs.arena import Arena

MARINE_LOOPS = 14  # 0.8608 s * 16 = 13.77, on loop boundaries


def test_a_marine_kills_a_marine_in_exactly_the_loops_the_numbers_say():
    # 8 hits of 6 for 45 health. Start in loop 0, damage point 0.8 -> hit in loop 1, then every 14.
    a = Arena([("marine", 10, 10)], [("marine", 14, 10)])
    a.face_all()
    a.loops(1)
    assert a.health(0) == 45
    a.loops(1)
    assert a.health(0) == 39
    a.loops(MARINE_LOOPS - 1)
    assert a.health(0) == 39
    a.loops(1)
    assert a.health(0) == 33
    a.loops(6 * MARINE_LOOPS - 1)
    assert a.alive(0)
    a.loops(1)
    assert not a.alive(0)
    assert int(a.v.state.episodes[0].game_loops) == 2 + 7 * MARINE_LOOPS


def test_marines_that_shoot_at_the_same_time_die_together():
    a = Arena([("marine", 10, 10)], [("marine", 14, 10)])
    a.face_all()
    a.loops(200, [6])
    assert not a.alive(0)
    assert not a.alive(1)


def test_an_attack_begins_within_range_edge_to_edge():
    # 5 + 2 * 0.375 = 5.75 between the centres.
    near = Arena([("marine", 10, 10)], [("marine", 15.75, 10)])
    far = Arena([("marine", 10, 10)], [("marine", 15.76, 10)])
    for a in (near, far):
        a.face_all()
        a.loops(2)
    assert near.health(0) == 39
    assert far.health(0) == 45


def test_a_target_that_leaves_range_and_slop_cancels_the_attack():
    a = Arena([("marine", 10, 10)], [("stalker", 16, 10)])
    a.face_all()
    a.loops(2)
    assert a.units[1].winding_up == 1
    a.units[0].x = 16 - 6 - 1 - 1.01  # gap 7.01 > 6 + 1
    a.loops(1)
    assert a.units[1].winding_up == 0
    assert a.units[1].cooldown == 0


def test_a_new_order_cancels_the_wind_up_and_its_cooldown():
    a = Arena([("stalker", 10, 10)], [("spine_crawler", 16, 10)])
    a.face_all()
    a.loops(2, [6])
    assert a.units[0].winding_up == 1
    assert a.units[0].cooldown > 20
    a.loops(1, [5])
    assert a.units[0].winding_up == 0
    assert a.units[0].cooldown == 0


def test_turning_takes_62_and_a_half_degrees_a_loop():
    a = Arena([("marine", 10, 10)], [("marine", 14, 10)])
    a.units[0].facing_x, a.units[0].facing_y = -1.0, 1e-9
    a.loops(1, [6])
    marine = a.units[0]
    angle = math.degrees(math.atan2(abs(marine.facing_y), marine.facing_x))
    assert angle == pytest.approx(117.5, abs=1e-3)
    a.loops(1, [6])
    angle = math.degrees(math.atan2(abs(marine.facing_y), marine.facing_x))
    assert angle == pytest.approx(55, abs=1e-3)
    a.loops(1, [6])
    assert marine.facing_x == pytest.approx(1)
    assert marine.cooldown > 0


def test_the_random_delay_is_minus_one_to_plus_two_loops():
    seen = []
    for seed in range(40):
        a = Arena([("marine", 10, 10)], [("marine", 14, 10)], delay=(-1.0, 2.0), seed=seed)
        a.face_all()
        a.loops(1)
        seen.append(float(a.units[1].cooldown) - 13.7728)
    assert -1 <= min(seen) < -0.6
    assert 1.6 < max(seen) <= 2
