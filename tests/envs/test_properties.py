"""Properties of all battles: units stay whole and on the ground, rewards bounded, mirrors agree."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pymarl.envs.skirmish.engine import codes
from pymarl.envs.skirmish.tools.policies import Policy
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.maps.map_spec import map_names
from tests.envs.arena import Arena

FEW = settings(
    max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
ENVS: dict[str, VectorSkirmish] = {}


def env_of(name):
    if name not in ENVS:
        ENVS[name] = VectorSkirmish(1, map_name=name)
    return ENVS[name]


def check_table(env):
    units, w = env.state.units[0], env.world
    alive = units["alive"] > 0
    assert (units["health"][alive] > 0).all()
    assert (units["health"] <= w.traits["health_max"] + 1e-9).all()
    assert (units["shield"] <= w.traits["shield_max"]).all()
    assert (units["energy"] <= w.traits["energy_max"]).all()
    for field in ("shield", "energy", "cooldown"):
        assert (units[field] >= 0).all()
    for i in np.flatnonzero(alive):
        x, y, traits = units[i].x, units[i].y, w.traits[i]
        assert traits.west <= x < traits.east
        assert traits.south <= y < traits.north
        flies = traits.mover == codes.AIR_MOVER
        assert flies or w.walkable[traits.mover, int(y), int(x)]


@FEW
@given(name=st.sampled_from(map_names()), seed=st.integers(0, 2**31), policy=st.integers(0, 9))
def test_units_stay_whole_and_on_the_ground(name, seed, policy):
    env = env_of(name)
    actor = Policy("random" if policy else "stop", 1, env.n_agents, policy)
    env.reset(seeds=[seed])
    total = 0.0
    for _ in range(60):
        before = env.episode_state.table[0].copy()
        dead = before["health"] <= 0
        out = env.step(actor.act(env.out.avail))
        check_table(env)
        # The dead stay dead and where they fell.
        assert (env.episode_state.table[0]["health"][dead] == 0).all()
        for place in ("x", "y"):
            assert np.array_equal(env.episode_state.table[0][place][dead], before[place][dead])
        assert out.reward[0] >= 0
        assert np.isfinite(out.obs).all()
        assert np.isfinite(out.state).all()
        total += out.reward[0]
        if out.terminated[0]:
            break
    won = bool(env.out.info[0].battle_won)
    regrowth = 3.0  # shields and medivacs give back health that can be taken again
    assert total <= 20 * regrowth
    assert not won or total >= 20 * 200 / 3300


@FEW
@given(seed=st.integers(0, 2**31))
def test_a_full_win_without_regeneration_is_worth_twenty(seed):
    # Marines neither regenerate nor are healed: the return of a won battle is exactly the scale.
    env = VectorSkirmish(1, map_name="8m", heuristic_ai=True)
    env.reset(seeds=[seed])
    total = 0.0
    while not env.out.terminated[0]:
        total += float(env.step(np.zeros((1, 8), int)).reward[0])
    if env.out.info[0].battle_won:
        assert total == pytest.approx(20, abs=1e-6)
    else:
        assert total < 20


def duel(flip, kinds, gaps):
    """A battle without random delays, agents stock and attack-moving by themselves; maybe mirrored.

    Units of a side stand in one column, so that SMAC's order by place is the same in the mirror.
    """
    east = [(kind, 21, 12 + gap) for kind, gap in zip(kinds, gaps, strict=True)]
    west = [(kind, 32 - x, y) for kind, x, y in east]
    arena = Arena(
        [(k, 32 - x if flip else x, y) for k, x, y in west],
        [(k, 32 - x if flip else x, y) for k, x, y in east],
        passive=False,
        order="none",
    )
    units = arena.units
    units["facing_x"] = np.where(units["x"] < 16, 1.0, -1.0)
    units["facing_y"] = 0.0
    return arena


@FEW
@given(
    kinds=st.lists(
        st.sampled_from(["marine", "stalker", "zealot", "marauder"]), min_size=1, max_size=4
    ),
    shift=st.floats(0, 0.3),
)
def test_mirrored_battles_are_mirror_images(kinds, shift):
    kinds = sorted(kinds)
    gaps = [1.3 * k + shift for k in range(len(kinds))]
    one, two = duel(False, kinds, gaps), duel(True, kinds, gaps)
    for arena in (one, two):
        for i in range(len(arena.units)):
            goal = (16.0, float(arena.units[i].y))
            arena.give(i, codes.ATTACK_MOVE, goal=goal)
        arena.run(40)

    mirrored = two.units.copy()
    mirrored["x"] = 32 - mirrored["x"]
    for field in ("x", "y", "health", "shield", "cooldown"):
        assert one.units[field] == pytest.approx(mirrored[field], abs=1e-6)


@FEW
@given(seed=st.integers(0, 2**31), cut=st.integers(1, 20))
def test_a_snapshot_continues_to_the_same_bits(seed, cut):
    env = env_of("2s3z")
    actor = Policy("random", 1, env.n_agents, 1)
    env.reset(seeds=[seed])
    for _ in range(cut):
        env.step(actor.act(env.out.avail))
    arrays = [*env.state, *env.episode_state]
    saved = [array.copy() for array in arrays]
    actions = [np.where(row[1], 1, 0) for row in env.out.avail[0]]
    first = env.step(np.array([actions])).state.copy()
    for array, old in zip(arrays, saved, strict=True):
        array[:] = old
    env.out.avail[0] = 1
    assert np.array_equal(env.step(np.array([actions])).state, first)


def test_attack_moving_marines_are_even():
    # Both sides attack-move to the other's place: neither side has an advantage.
    wins = [0, 0]
    for seed in range(120):
        arena = Arena(
            [("marine", 9, 14 + k) for k in range(3)],
            [("marine", 23, 14 + k) for k in range(3)],
            passive=False,
            delay=(-1.0, 2.0),
            seed=seed,
        )
        for i in range(6):
            arena.give(i, codes.ATTACK_MOVE, goal=(23.0, 15.0) if i < 3 else (9.0, 15.0))
        arena.run(400)
        alive = arena.units["alive"]
        wins[0] += alive[:3].any() and not alive[3:].any()
        wins[1] += alive[3:].any() and not alive[:3].any()
    assert sum(wins) > 100
    assert 0.35 < wins[0] / sum(wins) < 0.65
