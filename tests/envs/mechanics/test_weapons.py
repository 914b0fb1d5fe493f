"""How much a hit takes and when: shields, armor, bonuses, missiles, double hits."""

from pymarl.envs.skirmish.engine.damage import apply_damage
from tests.envs.arena import Arena


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
