"""The kernels equal the slow twin in plain Python, bit for bit, in battles on every map."""

import numpy as np
import pytest

from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.twin import TwinBattle
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.maps.map_spec import map_names
from tests.envs.arena import arena_spec

LONG = {"25m", "27m_vs_30m", "2c_vs_64zg", "bane_vs_bane", "corridor", "so_many_baneling"}


def pick(rng, avail):
    """Random legal actions that often attack."""
    chosen = []
    for row in avail:
        legal = np.flatnonzero(row)
        shots = legal[legal >= 6]
        chosen.append(int(rng.choice(shots if len(shots) and rng.random() < 0.6 else legal)))
    return chosen


def numbers(twin):
    rows = [(u.x, u.y, u.health, u.shield, u.energy, u.cooldown) for u in twin.rules.units]
    return np.array(rows).T


def compare(env, seed, steps):
    twin = TwinBattle(env)
    rng = np.random.default_rng(seed)
    env.reset(seeds=[seed])
    twin.reset(seed)
    fields = [L.X, L.Y, L.HP, L.SH, L.EN, L.CD]
    for _ in range(steps):
        assert np.array_equal(twin.avail(), env.out.avail[0])
        actions = pick(rng, twin.avail())
        slow = twin.step(actions)
        fast = env.step(np.array([actions]))
        assert np.array_equal(numbers(twin), env.state.F[0].T[fields])
        assert np.array_equal(twin.obs(), fast.obs[0])
        assert np.array_equal(twin.state(), fast.state[0])
        assert slow.reward == fast.reward[0]
        assert (slow.terminated, slow.won) == (bool(fast.terminated[0]), bool(fast.info[0, 0]))
        if slow.terminated:
            return


@pytest.mark.parametrize("name", map_names())
def test_twin_and_kernels_agree_to_the_bit(name):
    compare(VectorSkirmish(1, map_name=name), seed=len(name), steps=25 if name in LONG else 60)


def test_they_agree_where_all_types_meet():
    kinds = [
        "marine",
        "marauder",
        "medivac",
        "stalker",
        "zealot",
        "colossus",
        "zergling",
        "hydralisk",
    ]
    allies = [(kind, 8 + 2 * (i % 3), 8 + 2 * (i // 3)) for i, kind in enumerate(kinds)]
    enemies = [
        (kind, 18 + 2 * (i % 3), 8 + 2 * (i // 3)) for i, kind in enumerate([*kinds, "baneling"])
    ]
    spec = arena_spec(allies, [*enemies, ("spine_crawler", 14, 18)], order="attack_point",
                      points=[(10, 10)])  # fmt: skip
    for seed in range(3):
        compare(VectorSkirmish(1, spec=spec), seed, 60)


def test_a_planted_difference_is_found():
    env = VectorSkirmish(1, map_name="3m")
    env.world.P[:, L.DAMAGE] += 1e-9
    with pytest.raises(AssertionError):
        compare(env, 1, 60)
