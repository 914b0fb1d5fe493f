"""Battles seen through the protocol are the simulator's to the bit, and have its seeds."""

import numpy as np
import pytest
from s2clientprotocol import sc2api_pb2

from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.smac.maps.map_spec import map_names
from pymarl.envs.standin.battle.battle_seeds import episode_seed
from pymarl.envs.starcraft2.client.seed_request import requested_seed, seed_request
from pymarl.errors import EnvError
from tests.envs.standin.clients.api_clients import LocalClient
from tests.envs.standin.clients.api_requests import command
from tests.envs.standin.clients.smac_player import SmacPlayer, play_both


@pytest.mark.parametrize("name", map_names())
def test_an_episode_is_the_simulators(name):
    env = SkirmishEnv(map_name=name, seed=3, step_mul=8)
    env.reset()
    game = LocalClient().play(name, 3)
    assert game.game.battle.seed == env.episode_seed
    player = SmacPlayer(game)
    assert player.n == env.n_agents
    assert len(player.tags) == env.n_agents + env.n_enemies
    assert play_both(env, player, np.random.default_rng(0), steps=60) > 5


@pytest.mark.parametrize("name", ["3m", "MMM", "so_many_baneling", "2m_vs_1z"])
def test_the_battles_of_a_game_are_the_episodes_of_an_environment(name):
    env = SkirmishEnv(map_name=name, seed=7)
    game = LocalClient().play(name, 7)
    rng = np.random.default_rng(1)
    seeds = []
    for k in range(3):
        env.reset()
        if k:
            game.next_battle()
        seeds.append(game.game.battle.seed)
        play_both(env, SmacPlayer(game), rng)
    assert len(set(seeds)) == 3
    assert seeds == [episode_seed(7, k) for k in range(3)]


def test_a_client_names_the_seed_of_the_next_battle():
    env = SkirmishEnv(map_name="2s3z", seed=7)
    game = LocalClient().play("2s3z", 7)
    rng = np.random.default_rng(2)
    env.reset(seed=123456789)
    game.next_battle(seed=123456789)
    play_both(env, SmacPlayer(game), rng)
    # A requested seed uses up no number of the game's own stream, as reset(seed=...) does not.
    env = SkirmishEnv(map_name="2s3z", seed=7)
    env.reset()
    env.reset()
    game.next_battle()
    assert game.game.battle.seed == env.episode_seed
    play_both(env, SmacPlayer(game), rng)


def test_chat_and_debug_text_name_a_seed():
    game = LocalClient().play("3m", 1)
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
    seeds = {LocalClient().play("3m").game.battle.seed for _ in range(4)}
    assert len(seeds) == 4


@pytest.mark.parametrize("name", ["MMM2", "corridor"])
def test_eight_steps_of_one_loop_are_one_of_eight(name):
    env = SkirmishEnv(map_name=name, seed=5)
    env.reset()
    player = SmacPlayer(LocalClient().play(name, 5))
    play_both(env, player, np.random.default_rng(3), steps=25, counts=(1, 2, 1, 4))


def test_maps_of_stock_units_are_restarted():
    env = SkirmishEnv(map_name="MarineMicro_MvsM_4", seed=4, step_mul=8)
    game = LocalClient().play("MarineMicro_MvsM_4", 4)
    rng = np.random.default_rng(4)
    env.reset()
    first = SmacPlayer(game)
    play_both(env, first, rng, steps=5)
    game.kill(first.tags)
    game.step(20)
    assert game.units() == []
    game.write("pymarl seed=99")
    restarted = game.send(restart_game=sc2api_pb2.RequestRestartGame())
    assert restarted.status == 3
    assert game.observe().observation.game_loop == 0
    env.reset(seed=99)
    second = SmacPlayer(game)
    assert not set(first.tags) & set(second.tags)
    play_both(env, second, rng, steps=20)


def test_two_servers_of_one_seed_play_the_same():
    games = [LocalClient().play("2s3z", 9), LocalClient().play("2s3z", 9)]
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
