"""The opponent's script: every 8 loops whoever is idle attacks the nearest living agent."""

import numpy as np
import pytest

from pymarl.envs.skirmish.engine import codes
from pymarl.envs.skirmish.engine.game_loop import begin_episode
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.rules.seeds import seed_word
from tests.envs.arena import Arena

FAR_ALLIES = [("marine", 3, 16), ("marine", 3, 28)]


def arena(allies, enemies, phase=0, every=8):
    a = Arena(allies, enemies, order="attack_nearest")
    a.v.world.map[0].enemy_order_every = every
    a.v.state.episodes[0].order_phase = phase
    begin_episode(a.v.state, a.v.world, 0, np.uint64(seed_word(0)))
    return a


def orders(a):
    return [(int(u.order), int(u.ordered_target)) for u in a.units[a.n :]]


IDLE = (codes.IDLE, -1)


@pytest.mark.parametrize("phase", range(8))
def test_the_first_order_comes_with_the_episodes_phase(phase):
    a = arena(FAR_ALLIES, [("marine", 28, 16)], phase)
    for loop in range(phase):
        assert orders(a) == [IDLE], loop
        a.run(1)
    a.run(1)
    assert orders(a) == [(codes.ATTACK, 0)]


def test_the_target_is_the_nearest_at_the_tick_and_is_kept():
    a = arena(FAR_ALLIES, [("marine", 28, 26)])
    a.run(1)
    assert orders(a) == [(codes.ATTACK, 1)]
    # Another agent comes nearer: who has an order is not asked again.
    a.units[0].x, a.units[0].y = 24.0, 26.0
    a.run(20)
    assert orders(a) == [(codes.ATTACK, 1)]


def check_that_orders_wait_for_the_tick(every):
    a = arena(FAR_ALLIES, [("marine", 28, 16)], every=every)
    a.run(3)
    assert orders(a) == [(codes.ATTACK, 0)]
    a.units[0].alive, a.units[0].health = 0, 0
    a.run(1)
    for loop in range(4, 8):
        assert orders(a) == [IDLE], loop
        a.run(1)
    assert int(a.v.state.episodes[0].game_loops) == 8
    assert orders(a) == [IDLE]
    a.run(1)
    assert orders(a) == [(codes.ATTACK, 1)]


def test_after_a_kill_the_next_order_waits_for_the_next_tick():
    check_that_orders_wait_for_the_tick(every=8)


@pytest.mark.parametrize("every", [5, 9])
def test_a_clock_of_another_period_is_noticed(every):
    with pytest.raises(AssertionError):
        check_that_orders_wait_for_the_tick(every)


def test_between_the_orders_units_choose_targets_by_themselves():
    a = arena([("marine", 10, 16), ("marine", 3, 28)], [("marine", 14, 16)], phase=7)
    a.run(1)
    assert orders(a) == [IDLE]
    assert int(a.units[2].acquired_target) == 1  # agents are sorted by x


def test_an_order_against_whom_it_cannot_hit_is_refused():
    # The medivac is nearest, and zealots do not reach it.
    allies = [("marine", 3, 16), ("medivac", 20, 16)]
    a = arena(allies, [("zealot", 28, 16), ("marine", 28, 20)])
    a.run(1)
    assert orders(a) == [IDLE, (codes.ATTACK, 1)]
    a.units[1].x = 3.0
    a.units[1].y = 30.0
    a.run(8)
    assert orders(a)[0] == (codes.ATTACK, 0)


def test_healers_get_no_order():
    a = arena(FAR_ALLIES, [("medivac", 28, 16), ("marine", 28, 18)])
    a.run(9)
    assert orders(a) == [IDLE, (codes.ATTACK, 0)]


def test_the_period_can_be_set():
    a = arena(FAR_ALLIES, [("marine", 28, 16)], every=3)
    a.run(2)
    a.units[0].alive, a.units[0].health = 0, 0
    a.run(1)
    assert orders(a) == [IDLE]
    a.run(1)
    assert orders(a) == [(codes.ATTACK, 1)]


def test_all_orders_of_a_played_episode_come_at_ticks():
    env = VectorSkirmish(1, map_name="zerg_5_vs_5", step_mul=1)
    for seed in range(4):
        env.reset(seeds=[seed])
        phase = env.map.scenario.draw(seed).order_phase
        before, ticks = [codes.IDLE] * 5, 0
        for _ in range(150):
            loop = int(env.state.episodes[0].game_loops)
            actions = np.where(env.out.avail[:, :, 1] > 0, 1, 0)
            if env.step(actions).terminated[0]:
                break
            after = [int(u.order) for u in env.state.units[0][5:]]
            for was, now in zip(before, after, strict=True):
                if was == codes.IDLE and now == codes.ATTACK:
                    assert (loop - phase) % 8 == 0
                    ticks += 1
            before = after
        assert ticks >= 5
