"""A battle that was played over the protocol, as a replay of the simulator."""

import numpy as np
import pytest
from s2clientprotocol import sc2api_pb2

from pymarl.envs.skirmish.replays.replay import load, verify
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from tests.envs.standin.clients.api_clients import LocalClient
from tests.envs.standin.clients.api_requests import command
from tests.envs.standin.clients.smac_player import SmacPlayer, play_both, random_actions

SAVE = sc2api_pb2.RequestSaveReplay()


def saved(game, tmp_path):
    file = tmp_path / "battle.SC2Replay"
    file.write_bytes(game.ask(save_replay=SAVE).data)
    return load(file)


def equal(one, other):
    return np.array_equal(one.view(np.uint32), other.view(np.uint32))


@pytest.mark.parametrize("name", ["MMM", "2c_vs_64zg"])
def test_it_is_the_replay_the_environment_would_save(name, tmp_path):
    env = SkirmishEnv(map_name=name, seed=3)
    env.reset()
    game = LocalClient().play(name, 3)
    play_both(env, SmacPlayer(game), np.random.default_rng(0))
    replay, mine = saved(game, tmp_path), env.replay()
    assert np.array_equal(replay.orders, mine.orders)
    assert equal(replay.tables, mine.tables)
    assert replay.header.seed == env.episode_seed
    assert replay.header.won == mine.header.won
    assert replay.header.world == mine.header.world
    assert replay.header.origin == "stand-in, not StarCraft II"
    assert mine.header.origin == "simulator"
    assert "equal to the bit" in verify(replay)


def test_after_the_reset_it_is_still_the_last_battle(tmp_path):
    env = SkirmishEnv(map_name="3m", seed=3)
    env.reset()
    game = LocalClient().play("3m", 3)
    play_both(env, SmacPlayer(game), np.random.default_rng(0))
    game.next_battle()
    assert equal(saved(game, tmp_path).tables, env.replay().tables)
    game.step(8)
    assert len(saved(game, tmp_path).tables) == 9


@pytest.mark.parametrize("amount", [1, 0.7, 3.25])
def test_moves_of_another_length_are_found_out(amount, tmp_path):
    env = SkirmishEnv(map_name="3m", seed=3, move_amount=amount)
    env.reset()
    game = LocalClient().play("3m", 3)
    player = SmacPlayer(game)
    rng = np.random.default_rng(0)
    for _ in range(5):
        actions = random_actions(env, rng)
        orders = player.actions(actions)
        for i, action in enumerate(actions):
            if 2 <= action < 6:
                x, y = float(player.table[i, 0]), float(player.table[i, 1])
                dx, dy = {2: (0, 1), 3: (0, -1), 4: (1, 0), 5: (-1, 0)}[action]
                orders[i] = command(16, [player.tags[i]], goal=(x + dx * amount, y + dy * amount))
        game.act(orders)
        game.step(8)
        player.look()
        env.step(actions)
    replay = saved(game, tmp_path)
    assert replay.header.move_amount == amount
    assert equal(replay.tables, env.replay().tables)


def test_orders_at_any_time_are_kept(tmp_path):
    """A client that steps as it likes: the replay's steps are the common part of its times."""
    game = LocalClient().play("3m", 3)
    player = SmacPlayer(game)
    for count in (12, 4, 20):
        game.act([command(23, player.tags[:2], target=player.tags[3])])
        game.step(count)
    game.act([command(4, player.tags[:1])])
    game.step(8)
    replay = saved(game, tmp_path)
    assert replay.header.step_mul == 4
    assert len(replay.tables) == 45
    alive = {unit.tag for unit in game.units()}
    for i, tag in enumerate(player.tags):
        assert (replay.tables["health"][-1, i] > 0) == (tag in alive)
        unit = next((unit for unit in game.units() if unit.tag == tag), None)
        if unit is not None:
            assert replay.tables["x"][-1, i] == np.float32(unit.pos.x)
            assert replay.tables["health"][-1, i] == np.float32(unit.health)


def test_what_happens_after_a_kill_by_debug_is_left_out(tmp_path):
    game = LocalClient().play("3m", 3)
    tags = [unit.tag for unit in game.units()]
    game.step(16)
    game.kill(tags[:1])
    game.step(16)
    assert len(saved(game, tmp_path).tables) == 17


def test_nothing_to_save_and_what_cannot_be_saved():
    game = LocalClient().play("3m", 3)
    assert "nothing to replay" in game.send(save_replay=SAVE).error[0]
    tags = [unit.tag for unit in game.units()]
    game.act([command(16, tags[:1], goal=(12.5, 17.25))])
    game.step(8)
    assert "cannot express" in game.send(save_replay=SAVE).error[0]
    game.next_battle()
    tags = [unit.tag for unit in game.units()]
    game.act([command(23, tags[:1], goal=(20, 16))])
    game.step(8)
    assert "cannot express" in game.send(save_replay=SAVE).error[0]
    game.next_battle()
    game.step(200_000)
    assert "too long" in game.send(save_replay=SAVE).error[0]
