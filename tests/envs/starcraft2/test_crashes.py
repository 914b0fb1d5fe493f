"""Games that die, hang, talk nonsense or do not start: the episode is void, never a lost battle."""

import os
import signal

import pytest

from pymarl.errors import ConfigError, EnvError, EpisodeLostError

from .conftest import alive, program
from .playing import assert_same_sight, legal

ANSWERING = """
args = dict(zip(sys.argv[1::2], sys.argv[2::2]))
listener = socket.create_server(("127.0.0.1", int(args["-port"])))
peer, _ = listener.accept()
import base64, hashlib
key = peer.recv(4096).split(b"Sec-WebSocket-Key: ")[1].split(b"\\r\\n")[0]
accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
peer.sendall(b"HTTP/1.1 101 Go on\\r\\nSec-WebSocket-Accept: " + accept + b"\\r\\n\\r\\n")
peer.recv(4096)
peer.sendall({answer})
time.sleep(60)
"""


def steps(env, count):
    """Make steps of legal actions."""
    for _ in range(count):
        env.step([row.tolist().index(1) for row in env.avail_array()])


def play_to_the_end(env):
    import numpy as np

    rng, over = np.random.default_rng(0), False
    while not over:
        over = env.step(legal(env, rng))[1]


def test_a_killed_game_voids_the_episode_and_comes_back(make):
    env, untouched = make(), make()
    env.reset(1)
    play_to_the_end(env)
    env.reset(2)
    steps(env, 3)
    victim = env._keeper.session.pid
    os.kill(victim, signal.SIGKILL)
    with pytest.raises(EpisodeLostError, match=r"step 4 of the episode with seed 2; .*SIGKILL"):
        steps(env, 5)
    assert not alive(victim)
    assert env.get_stats()["battles_game"] == 1
    assert env.get_stats()["restarts"] == 1
    with pytest.raises(EnvError, match="call reset"):
        steps(env, 1)
    env.reset(5)
    untouched.reset(5)
    assert env._keeper.session.pid != victim
    assert_same_sight(env, untouched, "after the crash")
    play_to_the_end(env)
    assert env.get_stats()["battles_game"] == 2
    assert env.get_stats()["restarts"] == 1


def test_a_game_killed_between_episodes_costs_no_episode(make):
    env = make()
    env.reset(1)
    play_to_the_end(env)
    os.kill(env._keeper.session.pid, signal.SIGKILL)
    env.reset(2)
    play_to_the_end(env)
    assert env.get_stats()["battles_game"] == 2
    assert env.get_stats()["restarts"] == 1


def test_a_frozen_game_is_seen_by_its_silence_and_ended(make):
    env = make()
    env.reset(1)
    env._keeper.session.client.websocket._timeout_s = 0.5
    frozen = env._keeper.session.pid
    os.kill(frozen, signal.SIGSTOP)
    with pytest.raises(EpisodeLostError, match=r"within game_timeout_s=0.5 s.*still running"):
        steps(env, 1)
    assert not alive(frozen)
    env.reset(2)
    steps(env, 1)


def test_it_gives_up_after_the_budget_and_says_why(tmp_path, monkeypatch):
    from pymarl.envs.starcraft2.starcraft2_env import StarCraft2Env

    folder = program(tmp_path, 'print("no licence found"); sys.exit(3)')
    monkeypatch.setenv("SC2PATH", str(folder))
    env = StarCraft2Env(map_name="3m", max_restarts=2, restart_backoff_s=0.01)
    with pytest.raises(EnvError, match=r"lost 3 times .*max_restarts=2.*exit code 3.*no licence"):
        env.reset(0)
    assert env.get_stats()["restarts"] == 2


def test_crashes_in_a_row_count_until_an_episode_is_finished(make):
    env = make(max_restarts=1)
    for _ in range(2):
        env.reset(1)
        os.kill(env._keeper.session.pid, signal.SIGKILL)
        with pytest.raises(EpisodeLostError):
            steps(env, 1)
        env.reset(1)
        play_to_the_end(env)
    env.reset(1)
    os.kill(env._keeper.session.pid, signal.SIGKILL)
    with pytest.raises(EpisodeLostError):
        steps(env, 1)
    env.reset(1)
    os.kill(env._keeper.session.pid, signal.SIGKILL)
    with pytest.raises(EnvError, match="lost 2 times") as caught:
        steps(env, 1)
    assert not isinstance(caught.value, EpisodeLostError)


def test_the_pause_doubles_and_is_bounded():
    from pymarl.envs.starcraft2.args import MAX_PAUSE_S, StarCraft2Args

    args = StarCraft2Args(restart_backoff_s=2.0)
    assert [args.pause_s(k) for k in range(4)] == [0.0, 2.0, 4.0, 8.0]
    assert args.pause_s(50) == MAX_PAUSE_S


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("b'\\x82\\x03\\xff\\xff\\xff'", "cannot be decoded"),
        ("b'garbage, no frame at all'", "no websocket frame"),
        ("b'\\x82\\x00'", "has no status"),
        ("b'\\x88\\x00'", "closed the connection"),
        ("b'\\x82\\x7f' + b'\\xff' * 8", "announced a message of"),
        ("b'\\x82\\x05\\x98'", "within game_timeout_s=1"),
    ],
)
def test_nonsense_is_a_lost_game(answer, message, tmp_path, monkeypatch):
    from pymarl.envs.starcraft2.starcraft2_env import StarCraft2Env

    folder = program(tmp_path, ANSWERING.replace("{answer}", answer))
    monkeypatch.setenv("SC2PATH", str(folder))
    env = StarCraft2Env(map_name="3m", max_restarts=0, game_timeout_s=1.0)
    with pytest.raises(EnvError, match=message):
        env.reset(0)


def test_a_game_that_never_listens_is_given_up(tmp_path, monkeypatch):
    from pymarl.envs.starcraft2.starcraft2_env import StarCraft2Env

    folder = program(tmp_path, "time.sleep(60)")
    monkeypatch.setenv("SC2PATH", str(folder))
    env = StarCraft2Env(map_name="3m", max_restarts=0, game_timeout_s=0.5)
    with pytest.raises(EnvError, match=r"did not listen within 0.5 s"):
        env.reset(0)


def test_an_episode_that_does_not_begin_as_it_should_is_a_crash(make, monkeypatch):
    from pymarl.envs.starcraft2 import starcraft2_env as module

    env = make()
    env.reset(1)
    whole, wrong = module.UnitRoster, iter([True])

    def roster(spec, units, shuffle_seed=None):
        if next(wrong, False):
            raise EnvError("the game shows 2 agents")
        return whole(spec, units, shuffle_seed)

    monkeypatch.setattr(module, "UnitRoster", roster)
    env.reset(2)
    steps(env, 1)
    assert env.get_stats()["restarts"] == 1


def test_the_game_is_started_anew_every_n_episodes(make):
    env = make(restart_every=2, map_name="2m_vs_1z")
    pids = []
    for seed in range(5):
        env.reset(seed)
        pids.append(env._keeper.session.pid)
    assert pids[0] == pids[1]
    assert pids[2] == pids[3]
    assert len(set(pids)) == 3
    assert not any(alive(pid) for pid in pids[:4])
    assert env.get_stats()["restarts"] == 0


def test_closing_ends_the_game_and_removes_its_folder(make):
    env = make()
    env.reset(0)
    pid, folder = env._keeper.session.pid, env._keeper.session.process._folder
    assert folder.is_dir()
    env.close()
    env.close()
    assert not alive(pid)
    assert not folder.exists()


def test_a_replay_that_cannot_be_written_says_where(make, tmp_path):
    env = make(replay_dir=str(tmp_path / "file"))
    with pytest.raises(EnvError, match="no game is running"):
        env.save_replay()
    env.reset(0)
    steps(env, 2)
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvError, match=r"cannot write the replay .*file/3m_seed=0.SC2Replay"):
        env.save_replay()
    (tmp_path / "file").unlink()
    env.save_replay()
    env.save_replay()
    names = sorted(path.name for path in (tmp_path / "file").iterdir())
    assert names == ["3m_seed=0-2.SC2Replay", "3m_seed=0.SC2Replay"]


def test_wrong_settings_are_refused(sc2path):
    from pymarl.envs.starcraft2.starcraft2_env import StarCraft2Env

    for key, value in [
        ("game_timeout_s", 0),
        ("game_timeout_s", "long"),
        ("max_restarts", -1),
        ("max_restarts", 1.5),
        ("restart_every", True),
        ("pipeline", 1),
    ]:
        with pytest.raises(ConfigError, match=f"env_args.{key}="):
            StarCraft2Env(map_name="3m", **{key: value})
