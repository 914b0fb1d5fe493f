"""The simulator in this process and ``env=sc2`` over the stand-in are the same, bit for bit."""

import pytest

from pymarl.envs.skirmish.replays import replay
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.smac.maps.map_spec import map_names
from pymarl.envs.starcraft2 import game_session
from pymarl.envs.starcraft2.client import api_client
from pymarl.envs.starcraft2.client.api_client import ApiClient
from pymarl.envs.starcraft2.process.game_process import GameProcess
from pymarl.envs.starcraft2.process.installation import find_game
from pymarl.errors import GameLostError

from .playing import assert_same_episode

EVERYTHING = {
    "obs_timestep_number": True, "obs_pathing_grid": True, "obs_terrain_height": True,
    "obs_last_action": True, "state_timestep_number": True,
}  # fmt: skip


class SharedServer:
    """One server process and connection for many environments, one after the other."""

    def __init__(self, folder, monkeypatch):
        monkeypatch.setenv("SC2PATH", str(folder))
        self.process = GameProcess(find_game(None), 60.0)
        self.client = ApiClient(self.process.port, 60.0, pipeline=True)
        self.closers = (self.client.websocket.close, self.process.close)
        # An environment that is closed leaves the game to the next one.
        self.client.quit = self.client.websocket.close = self.process.close = lambda: None
        monkeypatch.setattr(game_session, "GameProcess", lambda *_: self.process)
        monkeypatch.setattr(game_session, "ApiClient", lambda *_: self.client)

    def close(self):
        for close in self.closers:
            close()


@pytest.fixture(scope="module")
def shared(standin_folder):
    with pytest.MonkeyPatch.context() as patch:
        server = SharedServer(standin_folder, patch)
        yield server
        server.close()


@pytest.fixture
def server(shared, sc2path):
    return shared


def both(**env_args):
    from pymarl.envs.starcraft2.starcraft2_env import StarCraft2Env

    return SkirmishEnv(**env_args), StarCraft2Env(**env_args)


@pytest.mark.parametrize("name", map_names())
def test_a_full_episode_on_every_map(name, server):
    sim, sc2 = both(map_name=name, seed=5, **EVERYTHING)
    # Replay's compact form of observations is the simulator's own.
    assert sim.get_env_info() | {"observer": None} == sc2.get_env_info()
    assert_same_episode(sim, sc2, seed=1234)
    assert sim.get_stats() == sc2.get_stats()


@pytest.mark.parametrize(
    "env_args",
    [
        {"map_name": "MMM", "heuristic_ai": True},
        {"map_name": "2s3z", "heuristic_ai": True, "heuristic_rest": True, "move_amount": 3},
        {"map_name": "3s5z", "reward_only_positive": False, "obs_all_health": False},
        {"map_name": "3m", "reward_sparse": True, "continuing_episode": True, "step_mul": 4},
        {"map_name": "1c3s5z", "obs_instead_of_state": True, "reward_scale": False},
        {"map_name": "2s3z", "enemy_order": "shuffled"},
        {"map_name": "MMM2", "enemy_order": "shuffled", "heuristic_ai": True},
    ],
)
def test_options(env_args, server):
    sim, sc2 = both(**env_args)
    for seed in (1, 2):
        assert_same_episode(sim, sc2, seed, policy_seed=seed)


@pytest.mark.parametrize("name", ["3s5z", "bane_vs_bane"])
def test_shuffled_enemies_on_other_maps(name, server, tmp_path):
    sim, sc2 = both(map_name=name, enemy_order="shuffled", replay_dir=str(tmp_path), **EVERYTHING)
    for seed in (1, 2, 3):
        assert_same_episode(sim, sc2, seed, policy_seed=seed, most=25)
        rows = sim.vector.episode_state.unit_of_row[0].tolist()
        assert rows != list(range(len(rows)))
    # The stand-in's own replay is the battle in the order of creation, as the simulator's is.
    sc2.save_replay()
    (path,) = tmp_path.iterdir()
    saved, mine = replay.load(path), sim.replay()
    assert saved.orders.tolist() == mine.orders.tolist()
    assert saved.tables.tobytes() == mine.tables.tobytes()


def test_without_seeds_both_have_the_same_stream_of_episodes(server):
    sim, sc2 = both(map_name="3m", seed=77)
    for _ in range(3):
        assert_same_episode(sim, sc2, seed=None, most=8)
        assert sim.episode_seed == sc2.episode_seed


def test_one_request_at_a_time_gives_the_same(server):
    sim, sc2 = both(map_name="3m")
    server.client._pipeline = False
    try:
        assert_same_episode(sim, sc2, seed=4)
    finally:
        server.client._pipeline = True


def test_a_draw_begins_a_fresh_episode(server):
    # Both sides gone in one step: the map's trigger has begun the next battle by itself.
    sim, sc2 = both(map_name="bane_vs_bane")
    assert_same_episode(sim, sc2, seed=1, most=5)
    running = sc2._keeper.session
    units = [int(unit.tag) for unit in running._units]
    kill, step = api_client.kill_request(units), api_client.step_request(8)
    running._observe([kill, step, api_client.observation_request()])
    assert {int(unit.tag) for unit in running._units}.isdisjoint(units)
    assert_same_episode(sim, sc2, seed=2, most=10)


def test_a_planted_difference_is_seen(server):
    sim, sc2 = both(map_name="3m")
    sim.vector.world.traits[0].radius += 0.4  # the first marine, twice as large
    with pytest.raises(AssertionError):
        assert_same_episode(sim, sc2, seed=3)


def test_an_action_that_is_not_available_is_refused(server):
    _, sc2 = both(map_name="3m")
    sc2.reset(0)
    with pytest.raises(Exception, match="agent 1 cannot perform action 0; available"):
        sc2.step([1, 0, 1])
    sc2.close()
    with pytest.raises(Exception, match="call reset before step"):
        sc2.step([1, 1, 1])


def test_a_closed_game_answers_nothing(server):
    _, sc2 = both(map_name="3m")
    sc2.reset(0)
    running = sc2._keeper.session
    sc2.close()
    with pytest.raises(GameLostError, match="closed"):
        running.start_episode(1)
