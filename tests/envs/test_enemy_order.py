"""``enemy_order=shuffled``: other rows for the enemies, the same battle."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest

from pymarl.envs.skirmish.replays import replay
from pymarl.envs.skirmish.replays.export import battle_json
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.skirmish.tools.policies import Policy
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.maps.map_spec import map_names
from pymarl.envs.smac.rules.actions import FIRST_TARGET
from pymarl.envs.smac.rules.enemy_order import in_created_order, shuffled_enemies
from pymarl.envs.smac.rules.unit_table import flat_numbers
from pymarl.errors import ConfigError

N_MOVE_FEATURES = 4
EPISODE_SEEDS = (0, 1, 17)
MAPS = ("3m", "2s3z", "MMM2", "3s5z_vs_3s6z", "2c_vs_64zg", "bane_vs_bane")


def chi_square(counts, expected):
    return sum((count - expected) ** 2 / expected for count in counts)


# --- the order itself
@pytest.mark.parametrize("seeds", [range(12_000), range(2**40, 2**40 + 12_000 * 7, 7)])
def test_all_orders_within_types_are_equally_frequent(seeds):
    types = ["stalker", "stalker", "zealot", "zealot", "zealot"]
    found = Counter(tuple(shuffled_enemies(types, seed)) for seed in seeds)
    possible = [(*s, *z) for s in permutations((0, 1)) for z in permutations((2, 3, 4))]
    assert set(found) <= set(possible)
    # 11 degrees of freedom: beyond 37.4 once in 10,000 times.
    assert chi_square([found[order] for order in possible], len(seeds) / 12) < 37.4


def test_every_enemy_comes_to_every_row_alike():
    found = np.zeros((8, 8), int)
    for seed in range(8_000):
        for row, enemy in enumerate(shuffled_enemies(["marine"] * 8, seed)):
            found[row, enemy] += 1
    # 49 degrees of freedom: beyond 94 once in 10,000 times.
    assert chi_square(found.ravel().tolist(), 1_000) < 94


def test_the_frequencies_of_a_biased_order_would_be_noticed():
    # Swapping each row with any other one, the usual mistake: 4/27 or 5/27 instead of 1/6.
    rng, found = np.random.default_rng(0), Counter()
    for _ in range(12_000):
        order = [0, 1, 2]
        for k in range(3):
            other = int(rng.integers(3))
            order[k], order[other] = order[other], order[k]
        found[tuple(order)] += 1
    assert chi_square(found.values(), 2_000) > 25.7  # 5 degrees of freedom


def test_types_keep_their_rows_also_where_they_are_not_together():
    types = ["zealot", "stalker", "zealot", "colossus", "stalker", "zealot"]
    orders = [shuffled_enemies(types, seed) for seed in range(50)]
    for order in orders:
        assert sorted(order) == list(range(6))
        assert [types[enemy] for enemy in order] == types
    assert len({tuple(order) for order in orders}) == 12


def test_the_order_is_a_function_of_the_seed_that_no_change_may_alter():
    # Results of runs and the orders that agents saw in old replays follow from these.
    types = ["stalker"] * 2 + ["zealot"] * 3
    assert [shuffled_enemies(types, seed) for seed in (0, 1, 2**64 - 1)] == [
        [0, 1, 2, 3, 4],
        [0, 1, 2, 4, 3],
        [1, 0, 3, 4, 2],
    ]
    assert shuffled_enemies(["marine"], 5) == [0]


# --- the environment
@pytest.mark.parametrize("name", map_names())
def test_types_stay_grouped_on_every_map(name):
    env = VectorSkirmish(1, map_name=name, enemy_order="shuffled")
    plain = VectorSkirmish(1, map_name=name)
    n, names = env.n_agents, np.array(env.unit_names)
    orders = set()
    for seed in range(8):
        env.reset(seeds=[seed])
        rows = env.episode_state.unit_of_row[0]
        assert rows[:n].tolist() == list(range(n))
        assert (names[rows] == names).all()
        assert sorted(rows.tolist()) == list(range(len(names)))
        orders.add(tuple(rows.tolist()))
    assert (len(orders) > 1) == (len(set(names[n:])) < env.n_enemies)
    plain.reset()
    assert plain.episode_state.unit_of_row[0].tolist() == list(range(len(names)))


def play_both(name, seed, **env_args):
    """Play random legal actions in both orders; yield the environments after each step."""
    created = SkirmishEnv(map_name=name, **env_args)
    shuffled = SkirmishEnv(map_name=name, enemy_order="shuffled", **env_args)
    attackers = created.vector.world.traits["is_healer"][: created.n_agents] == 0
    rng = np.random.default_rng(seed)
    created.reset(seed)
    shuffled.reset(seed)
    yield created, shuffled, None
    over = False
    while not over:
        actions = np.array([rng.choice(np.flatnonzero(row)) for row in shuffled.avail_array()])
        rows = shuffled.vector.episode_state.unit_of_row[0]
        assert rows.tolist() != list(range(len(rows)))
        first = created.step(in_created_order(actions, rows, attackers))
        second = shuffled.step(actions)
        over = second[1]
        yield created, shuffled, (first, second)


@pytest.mark.parametrize("name", MAPS)
def test_corresponding_actions_give_the_same_battle(name):
    for created, shuffled, results in play_both(name, 7):
        one, other = created.vector.state, shuffled.vector.state
        assert one.units.tobytes() == other.units.tobytes()
        assert one.random_streams.tolist() == other.random_streams.tolist()
        if results:
            assert results[0][0] == pytest.approx(results[1][0], abs=1e-12)
            assert results[0][1:] == results[1][1:]


@pytest.mark.parametrize("name", MAPS)
def test_what_agents_see_is_the_same_in_other_slots(name):
    for created, shuffled, _ in play_both(name, 5):
        n, enemies = created.n_agents, created.n_enemies
        rows = shuffled.vector.episode_state.unit_of_row[0]
        seen, order = rows[n:] - n, [*range(FIRST_TARGET), *(FIRST_TARGET + rows[n:] - n)]
        tables = (env.vector.episode_state.table[0] for env in (created, shuffled))
        one, other = (flat_numbers(table).reshape(len(rows), -1) for table in tables)
        assert np.array_equal(one[rows], other)
        attackers = created.vector.world.traits["is_healer"][:n] == 0
        avail, other = created.avail_array(), shuffled.avail_array()
        assert np.array_equal(avail[attackers][:, order], other[attackers])
        assert np.array_equal(avail[~attackers], other[~attackers])
        width = int(created.features.sizes[0].enemy_features)
        end = N_MOVE_FEATURES + enemies * width
        obs, shown = np.array(created.get_obs()), np.array(shuffled.get_obs())
        slots, others = (
            each[:, N_MOVE_FEATURES:end].reshape(n, enemies, width) for each in (obs, shown)
        )
        assert np.array_equal(slots[:, seen, 1:], others[:, :, 1:])
        # SMAC: the first number is the availability of the slot's action, a heal for healers.
        assert np.array_equal(slots[attackers][:, seen, 0], others[attackers][:, :, 0])
        heals = avail[~attackers][:, FIRST_TARGET : FIRST_TARGET + enemies]
        in_sight = others[~attackers][:, :, 1:].any(2)
        assert np.array_equal(others[~attackers][:, :, 0], heals * in_sight)
        assert np.array_equal(obs[:, end:], shown[:, end:])
        both = created.get_state_dict()["enemies"], shuffled.get_state_dict()["enemies"]
        assert np.array_equal(both[0][seen], both[1])


def test_a_seed_fixes_the_order_whatever_was_played_before():
    env = SkirmishEnv(map_name="2s3z", enemy_order="shuffled", seed=9)
    first = {}
    for seed in (*EPISODE_SEEDS, *reversed(EPISODE_SEEDS)):
        env.reset(seed)
        env.step(np.ones(env.n_agents, int))
        rows = env.vector.episode_state.unit_of_row[0].tolist()
        assert first.setdefault(seed, rows) == rows
        assert [k - 5 for k in rows[5:]] == shuffled_enemies(env.vector.unit_names[5:], seed)


@pytest.mark.parametrize("name", ["2s3z", "MMM"])
@pytest.mark.parametrize("scripted", [False, True])
def test_the_vector_form_is_the_single_one(name, scripted):
    options = {"map_name": name, "enemy_order": "shuffled", "heuristic_ai": scripted}
    vector = VectorSkirmish(4, seeds=[3, 4, 5, 6], auto_reset=True, threads=2, **options)
    singles = [SkirmishEnv(seed=seed, **options) for seed in (3, 4, 5, 6)]
    policy = Policy("random", 4, vector.n_agents)
    vector.reset()
    for env in singles:
        env.reset()
    for _ in range(90):
        actions = policy.act(vector.out.avail).copy()
        mine = actions.copy()
        out = vector.step(actions)
        for e, env in enumerate(singles):
            reward, over, _ = env.step(mine[e])
            assert (reward, over) == (out.reward[e], bool(out.terminated[e]))
            assert np.array_equal(mine[e], actions[e])
            if over:
                env.reset()
            assert np.array_equal(env.obs_array(), out.obs[e])
            assert np.array_equal(env.get_state(), out.state[e])
            assert np.array_equal(env.avail_array(), out.avail[e])
    vector.close()


# --- what is recorded
@pytest.mark.parametrize("name", ["2s3z", "MMM2"])
def test_a_replay_is_of_the_battle_not_of_the_order(name, tmp_path):
    *_, (created, shuffled, _) = play_both(name, 11)
    recorded, plain = shuffled.replay(), created.replay()
    assert np.array_equal(recorded.orders, plain.orders)
    assert recorded.tables.tobytes() == plain.tables.tobytes()
    assert recorded.header.won == plain.header.won
    replay.save(recorded, tmp_path / "x.skirmish")
    assert "equal to the bit" in replay.verify(replay.load(tmp_path / "x.skirmish"))
    one, other = battle_json(recorded), battle_json(plain)
    assert one["result"].pop("return") == pytest.approx(other["result"].pop("return"))
    assert one == other
    # Where the recording were in the agents' order, the battle played again would be another one.
    given = np.array(shuffled._orders)
    assert not np.array_equal(given, recorded.orders)


@pytest.mark.parametrize("options", [{}, {"heuristic_rest": True}])
@pytest.mark.parametrize("name", ["2s3z", "MMM", "3s_vs_5z"])
def test_scripted_battles_are_recorded_as_they_were_played(name, options):
    env = SkirmishEnv(map_name=name, enemy_order="shuffled", heuristic_ai=True, **options)
    env.reset(seed=2)
    rows = env.vector.episode_state.unit_of_row[0]
    assert rows.tolist() != list(range(len(rows)))
    over = False
    while not over:
        actions = [0] * env.n_agents
        _, over, _ = env.step(actions)
        assert actions == env.vector.episode_state.orders[0].tolist()
    last, table = env.replay().tables[-1][rows], env.vector.episode_state.table[0]
    assert np.array_equal(last["health"], table["health"])
    # The dead lie where they fell here, and where they were last seen there.
    assert np.array_equal(last[last["health"] > 0], table[last["health"] > 0])


# --- interfaces
def test_pettingzoo_shows_the_same():
    pytest.importorskip("pettingzoo")
    from pymarl.envs.skirmish.pettingzoo_env import SkirmishParallelEnv

    plain = SkirmishEnv(map_name="2s3z", enemy_order="shuffled")
    zoo = SkirmishParallelEnv(map_name="2s3z", enemy_order="shuffled")
    plain.reset(seed=6)
    shown, _ = zoo.reset(seed=6)
    for i, name in enumerate(zoo.agents):
        assert np.array_equal(shown[name]["observation"], plain.obs_array()[i])
        assert np.array_equal(shown[name]["action_mask"], plain.avail_array()[i])


def test_other_words_are_refused():
    with pytest.raises(ConfigError, match="enemy_order"):
        SkirmishEnv(map_name="3m", enemy_order="random")
