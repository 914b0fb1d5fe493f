"""Who looks how far for enemies, and who brings friends: against distances set by hand."""

import pytest

from pymarl.envs.skirmish.engine import codes
from tests.envs.arena import Arena

MARINES = 0.75  # two radii


def at_gap(gap):
    """Return a marine's x whose edge is ``gap`` away from the edge of one at x = 10."""
    return 10 + MARINES + gap


def after_a_fight(gap, order):
    """A marine kills one enemy; the next one is ``gap`` away. Return whom it turns on, or -1."""
    x = at_gap(gap)
    a = Arena([("marine", 10, 10), ("marine", x, 13)], [("marine", x, 10)])
    where = {round(a.at(i)[1]): i for i in range(2)}
    next_one, first = where[10], where[13]
    a.give(2, order, goal=(x, 28.0))
    a.run(1)
    assert a.units[2].acquired_target == first
    a.units[first].health = 0
    # It may have walked towards the first one; the distance of the next one is what counts.
    a.units[2].x, a.units[2].y = x, 10.0
    a.run(1)
    a.units[2].x, a.units[2].y = x, 10.0
    a.run(1)
    target = int(a.units[2].acquired_target)
    assert target in {next_one, -1}
    return target == next_one


def test_an_attack_moving_unit_that_never_fought_looks_no_farther_than_its_range():
    for gap, expected in ((4.99, 0), (5.01, -1), (6.5, -1)):
        a = Arena([("marine", 10, 10)], [("marine", at_gap(gap), 10)])
        a.give(1, codes.ATTACK_MOVE, goal=(at_gap(gap), 28.0))
        a.run(1)
        assert a.units[1].acquired_target == expected, gap


@pytest.mark.parametrize(("gap", "found"), [(6.5, True), (7.99, True), (8.01, False)])
def test_an_attack_moving_unit_that_has_fought_looks_within_eight(gap, found):
    assert after_a_fight(gap, codes.ATTACK_MOVE) == found


def test_an_idle_unit_that_has_fought_looks_no_farther_than_its_range():
    assert not after_a_fight(6.5, codes.IDLE)
    assert after_a_fight(4.99, codes.IDLE)


def targets_of_friends(*gaps, changed=()):
    """A marine finds an enemy 4 away; its friends stand ``gaps`` away from it, out of reach.

    Return who of the friends has a target after this loop, in the order of ``gaps``. ``changed``:
    functions of the arena and a friend's number, called before the loop.
    """
    friends = [("marine", at_gap(4.0) + MARINES + gap, 10 + k) for k, gap in enumerate(gaps)]
    a = Arena([("marine", 10, 10)], [("marine", at_gap(4.0), 10), *friends])
    finder = a.n
    for k, gap in enumerate(gaps):
        # Exactly beside the finder, at the asked distance, one above the other.
        a.units[finder + 1 + k].x = at_gap(4.0) + MARINES + gap
        a.units[finder + 1 + k].y = 10.0
        for change in changed:
            change(a, finder + 1 + k)
    a.run(1)
    assert a.units[finder].acquired_target == 0
    return [int(a.units[finder + 1 + k].acquired_target) == 0 for k in range(len(gaps))]


def test_who_finds_an_enemy_brings_friends_within_four_but_not_their_friends():
    assert targets_of_friends(3.99) == [True]
    assert targets_of_friends(4.01) == [False]
    # The second one is within 4 of the first one, which was brought itself.
    assert targets_of_friends(3.0, 6.5) == [True, False]


def test_passive_and_busy_friends_stay():
    def make_passive(a, i):
        a.battle().traits[i].is_passive = 1

    def send_away(a, i):
        a.give(i, codes.MOVE, goal=(30.0, 10.0))

    assert targets_of_friends(3.0, changed=[make_passive]) == [False]
    assert targets_of_friends(3.0, changed=[send_away]) == [False]


def test_smac_agents_are_never_called():
    # Agents are passive in SMAC: none looks for targets, and none comes to help.
    a = Arena([("marine", 10, 10), ("marine", 10, 12)], [("marine", at_gap(4.9), 10)])
    a.run(1)
    assert a.units[2].acquired_target == 0
    assert [int(a.units[i].acquired_target) for i in range(2)] == [-1, -1]
