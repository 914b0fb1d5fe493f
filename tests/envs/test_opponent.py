"""The opponent: acquisition, answers, help, leash, orders, paths, surrounds, cliffs, pushing."""

import numpy as np
import pytest

from pymarl.envs.skirmish.engine import codes
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from tests.envs.arena import Arena


def stand(v):
    return v.out.avail[:, :, 1].astype(int)


def test_acquisition_reaches_five_edge_to_edge():
    for x, found in ((10 + 5 + 0.875, True), (10 + 5.05 + 0.875, False)):
        a = Arena([("marine", 10, 10)], [("zealot", x, 10)])
        a.loops(1)
        assert bool(a.units[1].acquired_target == 0) is found


def test_the_nearest_target_is_taken_and_kept_while_in_range():
    a = Arena([("marine", 10, 10), ("marine", 10, 13)], [("marine", 13, 10)])
    a.loops(1)
    assert a.units[2].acquired_target == 0
    a.units[1].x, a.units[1].y = 12, 10
    a.loops(20)
    assert a.units[2].acquired_target == 0


def test_an_attacked_unit_answers_beyond_its_scan_range_and_calls_friends():
    # The stalker shoots at 6 edge to edge, zealots look for targets within 5.
    enemies = [("zealot", 15, 10), ("zealot", 15, 13.5), ("zealot", 15, 20)]
    a = Arena([("stalker", 15 - 1.125 - 5.9, 10)], enemies)
    a.loops(3)
    assert a.units["acquired_target"][1:].tolist() == [-1, -1, -1]
    a.give(0, codes.ATTACK, 1)
    a.run(30)
    assert a.units[1].acquired_target == 0
    assert a.units[2].acquired_target == 0  # within 4, called for help
    assert a.units[3].acquired_target == -1  # too far to hear


def test_a_chase_ends_at_the_leash():
    a = Arena([("stalker", 3, 10)], [("zealot", 8, 10)])
    a.loops(1)
    assert a.units[1].acquired_target == 0
    a.units[1].leash_x -= 21.5
    a.units[0].x = 30
    a.loops(1)
    assert a.units[1].acquired_target == -1


def test_attack_move_goes_to_the_point_and_becomes_idle():
    a = Arena([("marine", 30, 30)], [("zealot", 10, 10)], order="attack_point", points=[(15, 10)])
    a.loops(34)
    assert a.units[1].order == codes.IDLE
    assert np.hypot(a.at(1)[0] - 15, a.at(1)[1] - 10) <= 0.5


def test_the_segment_order_draws_its_point_from_the_seed():
    v = VectorSkirmish(1, map_name="2m_vs_1z")
    seen = set()
    for seed in range(20):
        v.reset(seeds=[seed])
        episode = v.state.episodes[0]
        x, y = episode.order_x, episode.order_y
        assert 13 <= x <= 19
        assert y == 12
        seen.add(float(x))
    assert len(seen) == 20


def test_zerglings_hunt_the_colossi_one_after_the_other():
    v = VectorSkirmish(1, map_name="2c_vs_64zg")
    v.reset(seeds=[0])
    v.step(stand(v))
    assert set(v.state.units[0]["ordered_target"][2:].tolist()) == {0, 1}
    v.state.units[0][0].health = 0
    v.step(stand(v))
    living = v.state.units[0]["alive"][2:] > 0
    assert set(v.state.units[0]["ordered_target"][2:][living].tolist()) == {1}


def test_the_spine_crawler_never_moves_and_shoots_at_seven():
    a = Arena([("stalker", 10, 10)], [("spine_crawler", 18.4, 10)])
    assert a.at(1) == (18.4, 10)
    a.face_all()
    # Damage point 6 loops, tentacle out 5: the 12th loop.
    a.loops(12)
    assert a.shield(0) == 50
    assert a.at(1) == (18.4, 10)


def test_corridor_is_walked_through_its_choke():
    v = VectorSkirmish(1, map_name="corridor")
    v.reset(seeds=[0])
    # Move the zealots away from the fight, into the far room, to see the zerglings come through.
    units = v.state.units[0]
    units["x"][:6], units["y"][:6] = np.linspace(3.5, 9.5, 6), 2.5
    grid = v.world.walkable[0]
    for _ in range(160):
        before = units.copy()
        v.step(stand(v))
        moved = np.hypot(units["x"] - before["x"], units["y"] - before["y"])
        assert moved[6:].max() < 8 * (0.185 + 0.26)  # walked, not teleported
        for unit in units[6:]:
            assert grid[int(unit.y), int(unit.x)]
        if v.out.terminated[0]:
            break
    living = units["alive"][6:] > 0
    assert (units["y"][6:][living] < 12).sum() > 12


def test_melee_units_surround_their_target():
    enemies = [("zergling", 20 + 0.8 * (k % 3), 14 + 0.8 * (k // 3)) for k in range(9)]
    a = Arena([("zealot", 16, 15)], enemies)
    a.units[0].health = a.units[0].shield = 1e6
    a.run(150)
    angles = np.arctan2(a.units["y"][1:] - a.at(0)[1], a.units["x"][1:] - a.at(0)[0])
    # Their ring is pushed out a little: nine of 0.75 need a radius of 9 x 0.75 / 2 pi = 1.07.
    near = np.hypot(a.units["x"][1:] - a.at(0)[0], a.units["y"][1:] - a.at(0)[1]) < 1.15
    assert near.sum() >= 7
    # They stand around it, not on one side.
    assert np.ptp(np.sort(angles[near])) > np.pi


RAVINE = ["......", "......", "^^^^^^", "^^^^^^", "......", "......"]


@pytest.mark.parametrize(("name", "crosses"), [("colossus", True), ("zealot", False)])
def test_only_cliff_walkers_cross_cliffs(name, crosses):
    rows = ["#" * 8, *("#" + row + "#" for row in RAVINE), "#" * 8]
    a = Arena([(name, 4, 2)], [("marine", 2.5, 6.5)], rows=rows)
    a.v.world.traits["weapon"] = codes.UNARMED
    a.give(0, codes.MOVE, goal=(4, 6.5))
    a.run(60)
    assert (a.at(0)[1] > 5) is crosses
    assert (a.at(0)[1] < 3.01) is not crosses


def test_idle_friends_are_pushed_and_idle_enemies_are_not():
    a = Arena([("marine", 10, 10), ("marine", 12, 10)], [("medivac", 30, 30)])
    a.loops(14, [4, 1])
    assert a.at(1)[0] > 12
    b = Arena([("zealot", 10, 10)], [("zergling", 11.2, 10), ("medivac", 30, 30)], passive=True)
    b.v.world.traits[1].is_passive = 1
    b.loops(14, [4])
    assert b.at(1) == (11.2, 10)
    assert b.at(0)[0] < 11.2 or abs(b.at(0)[1] - 10) > 0.5


def test_air_units_fly_over_cliffs():
    rows = ["....", "####", "####", "...."]
    a = Arena([("medivac", 1.5, 0.5)], [("marine", 3.5, 3.5)], rows=rows)
    a.give(0, codes.MOVE, goal=(1.5, 3.2))
    a.run(60)
    assert a.at(0)[1] == pytest.approx(3.2, abs=0.1)
