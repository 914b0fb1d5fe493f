"""Battles seen through the protocol are the simulator's to the bit; spawns, seeds, tags, deaths."""

import numpy as np
import pytest
from s2clientprotocol import sc2api_pb2

from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.smac.maps.map_spec import load_map, map_names
from pymarl.envs.standin.battle.battle_seeds import episode_seed
from pymarl.envs.starcraft2.client.seed_request import requested_seed, seed_request
from pymarl.errors import EnvError
from tests.envs.standin.client import Local, Player, command, same_table


def random_actions(env, rng):
    return [int(rng.choice(np.flatnonzero(row))) for row in env.avail_array()]


def play_both(env, player, rng, steps=1000, counts=(8,)):
    """Play an episode in the simulator and over the protocol; return its number of steps."""
    table = env.vector.memory.table[0]
    assert sum(counts) == env.vector.step_mul
    assert same_table(player.table, table, player.n)
    for step in range(1, steps + 1):
        actions = random_actions(env, rng)
        seen = player.step(actions, counts)
        _, terminated, _ = env.step(actions)
        assert same_table(seen, table, player.n), f"step {step}"
        if terminated:
            return step
    return steps


@pytest.mark.parametrize("name", map_names())
def test_an_episode_is_the_simulators(name):
    env = SkirmishEnv(map_name=name, seed=3, step_mul=8)
    env.reset()
    game = Local().play(name, 3)
    assert game.game.battle.seed == env.episode_seed
    player = Player(game)
    assert player.n == env.n_agents
    assert len(player.tags) == env.n_agents + env.n_enemies
    assert play_both(env, player, np.random.default_rng(0), steps=60) > 5


@pytest.mark.parametrize("name", ["3m", "MMM", "so_many_baneling", "2m_vs_1z"])
def test_the_battles_of_a_game_are_the_episodes_of_an_environment(name):
    env = SkirmishEnv(map_name=name, seed=7)
    game = Local().play(name, 7)
    rng = np.random.default_rng(1)
    seeds = []
    for k in range(3):
        env.reset()
        if k:
            game.next_battle()
        seeds.append(game.game.battle.seed)
        play_both(env, Player(game), rng)
    assert len(set(seeds)) == 3
    assert seeds == [episode_seed(7, k) for k in range(3)]


def test_a_client_names_the_seed_of_the_next_battle():
    env = SkirmishEnv(map_name="2s3z", seed=7)
    game = Local().play("2s3z", 7)
    rng = np.random.default_rng(2)
    env.reset(seed=123456789)
    game.next_battle(seed=123456789)
    play_both(env, Player(game), rng)
    # A wish uses up no number of the game's own stream, as reset(seed=...) does not.
    env = SkirmishEnv(map_name="2s3z", seed=7)
    env.reset()
    env.reset()
    game.next_battle()
    assert game.game.battle.seed == env.episode_seed
    play_both(env, Player(game), rng)


def test_chat_and_debug_text_name_a_seed():
    game = Local().play("3m", 1)
    chat = sc2api_pb2.ActionChat(message=" pymarl seed=77\n")
    assert game.act([sc2api_pb2.Action(action_chat=chat)]) == [1]
    game.next_battle()
    assert game.game.battle.seed == 77
    game.next_battle(seed=2**64 - 1)
    assert game.game.battle.seed == 2**64 - 1


@pytest.mark.parametrize(
    "text", ["pymarl seed=", "pymarl seed=-1", "pymarl seed=1.5", f"pymarl seed={2**64}"]
)
def test_a_wrong_seed_is_refused(text):
    with pytest.raises(EnvError, match="expected 'pymarl seed='"):
        requested_seed(text)


def test_other_texts_are_not_seeds():
    assert requested_seed("hello") is None
    assert requested_seed("seed=5") is None
    assert requested_seed(seed_request(5)) == 5


def test_games_without_a_seed_differ():
    seeds = {Local().play("3m").game.battle.seed for _ in range(4)}
    assert len(seeds) == 4


@pytest.mark.parametrize("name", ["MMM2", "corridor"])
def test_eight_steps_of_one_loop_are_one_of_eight(name):
    env = SkirmishEnv(map_name=name, seed=5)
    env.reset()
    player = Player(Local().play(name, 5))
    play_both(env, player, np.random.default_rng(3), steps=25, counts=(1, 2, 1, 4))


# --- tags, order, types
def test_tags_are_never_used_again():
    game = Local().play("3m", 1)
    seen = set()
    for _ in range(5):
        tags = {unit.tag for unit in game.units()}
        assert len(tags) == 6
        assert not tags & seen
        seen |= tags
        game.next_battle()


@pytest.mark.parametrize("name", map_names())
def test_unit_types_are_what_smac_expects(name):
    spec = load_map(name)
    units = Local().play(name, 1).units()
    agents = [unit for unit in units if unit.owner == 1]
    enemies = [unit for unit in units if unit.owner == 2]
    assert [unit.alliance for unit in (agents[0], enemies[0])] == [1, 4]
    kinds = sorted({unit.unit_type for unit in agents})
    stock = {48, 51, 54, 74, 73, 4, 105, 107, 9, 98}
    assert {unit.unit_type for unit in enemies} <= stock
    if spec.ally.passive:
        # Consecutive above the stock types, so that SMAC's "minimum + k" names the type bits.
        assert kinds == list(range(kinds[0], kinds[0] + len(spec.ally.type_bits)))
        assert kinds[0] > max(stock)
    else:
        assert set(kinds) <= stock


def test_enemies_keep_their_order():
    first = Local().play("MMM2", 1)
    second = Local().play("MMM2", 2)
    order = [(u.unit_type, u.pos.x, u.pos.y) for u in first.units() if u.owner == 2]
    for _ in range(2):
        assert [(u.unit_type, u.pos.x, u.pos.y) for u in second.units() if u.owner == 2] == order
        second.next_battle()


def test_a_unit_has_the_games_numbers():
    units = {unit.unit_type: unit for unit in Local().play("MMM", 1).units()}
    medivac, marine, enemy = units[1972], units[1971], units[48]
    assert (medivac.health, medivac.health_max) == (150, 150)
    assert (medivac.energy, medivac.energy_max) == (50, 200)
    assert medivac.is_flying
    assert not marine.is_flying
    assert not marine.HasField("energy")
    assert not marine.HasField("shield")
    assert marine.weapon_cooldown == 0
    assert marine.HasField("weapon_cooldown")
    # As in the game, the cooldown of others is not told.
    assert not enemy.HasField("weapon_cooldown")
    assert marine.radius == 0.375
    stalker = next(unit for unit in Local().play("3s_vs_3z", 1).units() if unit.owner == 1)
    assert (stalker.shield, stalker.shield_max, stalker.health_max) == (80, 80, 80)


def test_cooldowns_are_told_in_game_loops():
    game = Local().play("3m", 1)
    player = Player(game)
    most = 0.0
    for _ in range(20):
        game.act([command(23, player.tags[:3], target=player.tags[3])])
        game.step(8)
        player.look()
        most = max(most, float(player.table[:3, 5].max()))
    assert 10 < most < 16


# --- deaths and the trigger
def test_a_kill_takes_one_loop_and_the_respawn_another():
    game = Local().play("3m", 1)
    game.step(8)
    old = [unit.tag for unit in game.units()]
    game.kill(old)
    assert len(game.units()) == 6
    game.step(1)
    observation = game.observe().observation
    assert len(observation.raw_data.units) == 0
    assert sorted(observation.raw_data.event.dead_units) == sorted(old)
    game.step(1)
    observation = game.observe().observation
    assert len(observation.raw_data.units) == 6
    assert not observation.raw_data.event.dead_units
    assert observation.game_loop == 10
    assert game.game.battle.loop == 0


def test_the_dead_are_told_once():
    game = Local().play("3m", 1)
    tags = [unit.tag for unit in game.units()]
    game.kill(tags[:1])
    game.step(8)
    assert list(game.observe().observation.raw_data.event.dead_units) == tags[:1]
    assert not game.observe().observation.raw_data.event.dead_units
    assert [unit.tag for unit in game.units()] == tags[1:]


def test_one_side_alone_waits():
    game = Local().play("3m", 1)
    tags = [unit.tag for unit in game.units()]
    game.kill(tags[3:])
    game.step(50)
    assert [unit.tag for unit in game.units()] == tags[:3]
    game.kill(tags[:3])
    game.step(2)
    assert len(game.units()) == 6


def test_a_draw_within_a_step_begins_the_next_battle():
    game = Local().play("3m", 1)
    old = {unit.tag for unit in game.units()}
    game.kill(sorted(old))
    # Both sides die in the first of eight loops: SMAC sees none of its units, and new ones.
    game.step(8)
    assert len(game.units()) == 6
    assert not {unit.tag for unit in game.units()} & old
    assert game.game.battle.loop == 6
    # SMAC then kills nothing, and plays the battle that has already begun.
    game.kill([])
    game.step(2)
    assert game.game.battle.loop == 8
    assert len(game.units()) == 6
    assert game.send(ping=sc2api_pb2.RequestPing()).status == 3


def test_orders_to_the_dead_change_nothing():
    game = Local().play("3m", 1)
    tags = [unit.tag for unit in game.units()]
    game.kill(tags[:1])
    game.step(1)
    assert game.act([command(4, tags[:1]), command(23, tags[1:2], target=tags[0])]) == [3, 36]
    game.next_battle()
    assert game.act([command(4, tags[1:2])]) == [3]


def test_maps_of_stock_units_are_restarted():
    env = SkirmishEnv(map_name="MarineMicro_MvsM_4", seed=4, step_mul=8)
    game = Local().play("MarineMicro_MvsM_4", 4)
    rng = np.random.default_rng(4)
    env.reset()
    first = Player(game)
    play_both(env, first, rng, steps=5)
    game.kill(first.tags)
    game.step(20)
    assert game.units() == []
    game.write("pymarl seed=99")
    restarted = game.send(restart_game=sc2api_pb2.RequestRestartGame())
    assert restarted.status == 3
    assert game.observe().observation.game_loop == 0
    env.reset(seed=99)
    second = Player(game)
    assert not set(first.tags) & set(second.tags)
    play_both(env, second, rng, steps=20)


def test_two_servers_of_one_seed_play_the_same():
    games = [Local().play("2s3z", 9), Local().play("2s3z", 9)]
    for _ in range(2):
        for _ in range(20):
            answers = set()
            for game in games:
                agents = [unit.tag for unit in game.units() if unit.owner == 1]
                game.act([command(23, agents, goal=(23, 16))])
                game.step(3)
                answers.add(game.observe().SerializeToString())
            assert len(answers) == 1
        for game in games:
            game.next_battle()
