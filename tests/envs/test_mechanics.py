"""Each mechanic against numbers worked out by hand from the unit data."""

import math

import numpy as np
import pytest

from pymarl.envs.skirmish.engine import codes
from pymarl.envs.skirmish.engine.damage import apply_damage
from pymarl.envs.skirmish.maps.unit_data import UNITS
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


def test_stalker_on_zealot_goes_through_the_shield_first():
    # 10 per hit on 50 shield without armor, then 9 (armor 1) on health; a zealot is not armored.
    a = Arena([("zealot", 10, 10)], [("stalker", 15, 10)])
    a.face_all()
    seen = []
    for _ in range(200):
        a.loops(1)
        seen.append((a.shield(0), a.health(0)))
    values = list(dict.fromkeys(seen))
    assert values[:8] == [
        (50, 100),
        (40, 100),
        (30, 100),
        (20, 100),
        (10, 100),
        (0, 100),
        (0, 91),
        (0, 82),
    ]


def test_a_missile_flies_its_gap_at_its_speed():
    # Stalker: wind-up 2.67 loops -> released in loop 3; the gap of 3.875 at 1.172 a loop: 4 loops.
    a = Arena([("zealot", 10, 10)], [("stalker", 15, 10)])
    a.face_all()
    a.loops(3 + 1 + 3)
    assert a.shield(0) == 50
    a.loops(1)
    assert a.shield(0) == 40


def test_a_missile_lands_after_its_shooter_died_and_vanishes_with_its_target():
    a = Arena([("zealot", 10, 10)], [("stalker", 15, 10), ("marine", 30, 30)])
    a.face_all()
    a.loops(5)
    assert a.units[1].missile_target == 0
    a.units[1].health = 0
    a.loops(4)
    assert not a.alive(1)
    assert a.shield(0) == 40


def test_armored_bonus_and_armor():
    # Marauder on stalker: 10 + 10 on the shield; on health minus armor 1.
    a = Arena([("stalker", 10, 10)], [("marauder", 14, 10)])
    a.units[0].shield, a.units[0].shield_timer = 5, 100
    a.face_all()
    a.loops(10)
    assert a.shield(0) == 0
    assert a.health(0) == 80 - (20 - 5 - 1)


def test_damage_is_at_least_half_a_point():
    a = Arena([("zealot", 10, 10)], [("marine", 30, 30)])
    a.units[0].shield = 0
    apply_damage(a.battle(), 1, 0, 0.6)
    assert a.health(0) == 99.5


def test_a_zealot_hits_twice():
    # 8 at once (damage point 0), 8 more after 0.28 s = 4.48 -> 5 loops.
    a = Arena([("marine", 10, 10)], [("zealot", 10.95, 10)])
    a.face_all()
    a.loops(1)
    assert a.health(0) == 37
    a.loops(4)
    assert a.health(0) == 37
    a.loops(1)
    assert a.health(0) == 29
    a.loops(14)  # the next attack: 19.2 -> 20 loops after the first
    assert a.health(0) == 29
    a.loops(1)
    assert a.health(0) == 21


def test_the_colossus_sweeps_a_line_twice():
    # Target at (16, 10), shot from the east: a line north-south, 1.25 + 0.15 + radius 0.375 long.
    marines = [
        ("marine", 16, 10), ("marine", 16, 11.77), ("marine", 16, 8.2),
        ("marine", 16.52, 9.2), ("marine", 15.45, 10.8),
    ]  # fmt: skip
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


@pytest.mark.parametrize(
    "name", ["marine", "stalker", "zealot", "zergling", "hydralisk", "colossus"]
)
def test_speed_per_environment_step(name):
    a = Arena([(name, 8, 8)], [("spine_crawler", 30, 30)], step_mul=8)
    x = a.at(0)[0]
    a.loops(1, [4])
    assert a.at(0)[0] - x == pytest.approx(UNITS[name].speed / 2)


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


def test_orders_the_game_refuses_change_nothing():
    a = Arena([("zealot", 10, 10)], [("medivac", 12, 10), ("marine", 30, 30)])
    a.loops(1, [4])
    order = int(a.units[0].order)
    a.loops(1, [6])  # a zealot cannot hit an air unit
    assert a.units[0].order == order == codes.MOVE


def test_agents_never_attack_without_an_order_and_stock_units_do():
    a = Arena([("marine", 10, 10)], [("marine", 14, 10)])
    a.loops(40)
    assert a.health(1) == 45
    b = Arena([("marine", 10, 10)], [("marine", 14, 10)], passive=False)
    b.loops(40)
    assert b.health(1) < 45
