"""Whom units attack first: who attacks them, or is always a threat, before who is nearer."""

import pytest

from pymarl.envs.skirmish.engine import codes
from tests.envs.arena import Arena

LOOPS = 9  # within them every unit has looked around once (every 8 loops)


def an_enemy_between(name, near, far, nearest="marine"):
    """An enemy of type ``name`` at (16, 16) with an agent at ``near`` and one at ``far``.

    Return the arena and the indices of the agents and the enemy. Agents are sorted by type and
    place: they are told apart by where they stand.
    """
    a = Arena([(nearest, *near), ("marine", *far)], [(name, 16, 16)])
    near_one = min(range(2), key=lambda i: abs(a.at(i)[0] - near[0]) + abs(a.at(i)[1] - near[1]))
    return a, near_one, 1 - near_one, 2


def target_after(a, i, loops):
    return int(a.run(loops).units[i].acquired_target)


def test_an_attacker_is_chosen_before_a_nearer_enemy():
    a, near, far, enemy = an_enemy_between("marine", (13, 16), (20, 16))
    a.give(far, codes.ATTACK, target=enemy)
    assert target_after(a, enemy, 1) == far
    # Without the attack the nearer one is chosen.
    a, near, far, enemy = an_enemy_between("marine", (13, 16), (20, 16))
    assert target_after(a, enemy, 1) == near


def test_a_target_in_range_is_given_up_for_an_attacker_in_range_only():
    for far, expected_far in (((20, 16), True), ((22.5, 16), False)):
        a, near, attacker, enemy = an_enemy_between("marine", (13, 16), far)
        assert target_after(a, enemy, 1) == near
        a.give(attacker, codes.ATTACK, target=enemy)
        # The attacker must not come nearer before the enemy looks around.
        a.battle().traits[attacker].speed = 0.0
        assert (target_after(a, enemy, LOOPS + 9) == attacker) == expected_far


def test_a_target_that_attacks_is_kept_though_a_nearer_enemy_attacks_too():
    a, near, far, enemy = an_enemy_between("marine", (13, 16), (20, 16))
    a.give(far, codes.ATTACK, target=enemy)
    assert target_after(a, enemy, 1) == far
    a.give(near, codes.ATTACK, target=enemy)
    assert target_after(a, enemy, LOOPS + 9) == far


def test_attacks_on_others_are_no_threat():
    a = Arena([("marine", 13, 16), ("marine", 20, 16)], [("marine", 16, 16), ("marine", 24.5, 16)])
    near, far = sorted(range(2), key=lambda i: a.at(i)[0])
    a.give(far, codes.ATTACK, target=3)
    assert target_after(a, 2, LOOPS + 9) == near


def test_a_chasing_melee_unit_turns_on_who_attacks_it():
    # Both are out of its range; the other one is farther away than its target, within 5.
    a, near, far, enemy = an_enemy_between("zealot", (13, 16), (20, 16))
    assert target_after(a, enemy, 1) == near
    a.give(far, codes.ATTACK, target=enemy)
    assert target_after(a, enemy, LOOPS) == far


@pytest.mark.parametrize(("healer", "kept"), [("medivac", True), ("marauder", False)])
def test_a_medivac_is_always_a_threat(healer, kept):
    # The data's flag AlwaysThreatens: an attacker does not draw fire away from it.
    a, near, far, enemy = an_enemy_between("marine", (13, 16), (20, 16), nearest=healer)
    assert target_after(a, enemy, 1) == near
    a.give(far, codes.ATTACK, target=enemy)
    assert (target_after(a, enemy, LOOPS + 9) == near) == kept


def test_a_wind_up_is_not_broken_off_for_a_threat():
    # A hydralisk in melee winds up for 4.8 loops: longer than from one look around to the next one
    # it is not, but the look that falls into it passes.
    a, near, far, enemy = an_enemy_between("hydralisk", (14.8, 16), (20, 16))
    a.face(enemy, 14.8, 16)
    assert target_after(a, enemy, 1) == near
    assert a.units[enemy].winding_up == 1
    a.give(far, codes.ATTACK, target=enemy)
    while a.units[enemy].winding_up:
        assert int(a.units[enemy].acquired_target) == near
        a.run(1)
    assert a.health(near) + a.shield(near) < 45
