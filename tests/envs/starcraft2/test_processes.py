"""Ports and processes: no game plays on another's port, and none is left behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pymarl.envs.starcraft2.process import game_process as process
from pymarl.envs.starcraft2.process import ports
from pymarl.envs.starcraft2.process.installation import Installation
from pymarl.errors import EnvError, GameLostError

from .conftest import alive, program

LISTENING = """
args = dict(zip(sys.argv[1::2], sys.argv[2::2]))
time.sleep(0.05)
listener = socket.create_server(("127.0.0.1", int(args["-port"])), reuse_port=False)
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
time.sleep(600)
"""


def installed(folder) -> Installation:
    executable = folder / "Versions" / "Base75689" / "SC2_x64"
    return Installation(folder, executable, "4.10.0", 75689, None, dict(os.environ))


def test_whose_port(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert ports.port_owner(port, os.getsid(0)) == "ours"
        child = subprocess.Popen(["sleep", "60"], start_new_session=True)
        try:
            assert ports.port_owner(port, child.pid) == "other"
        finally:
            child.kill()
            child.wait()
    assert ports.port_owner(port, os.getsid(0)) == "nobody"


def test_a_port_that_was_taken_meanwhile_is_not_played_on(tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]
        choices = iter([taken, taken])
        monkeypatch.setattr(process, "free_port", lambda: next(choices, None) or ports.free_port())
        game = process.GameProcess(installed(program(tmp_path, LISTENING)), 20.0)
        try:
            assert game.port != taken
            assert ports.port_owner(game.port, game.pid) == "ours"
        finally:
            game.close()


def test_no_port_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "_MAX_PORT_TRIES", 2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setattr(process, "free_port", lambda: listener.getsockname()[1])
        with pytest.raises(EnvError, match="2 ports in a row") as caught:
            process.GameProcess(installed(program(tmp_path, LISTENING)), 20.0)
    assert not isinstance(caught.value, GameLostError)


def test_sixteen_games_race_for_few_ports(tmp_path, monkeypatch):
    # 16 games choose among 18 ports: many choose the same one and all must end up on their own.
    import random

    installation = installed(program(tmp_path, LISTENING))
    pool = [ports.free_port() for _ in range(18)]
    pool = list(dict.fromkeys(pool))
    draw = random.Random(0)
    monkeypatch.setattr(process, "free_port", lambda: draw.choice(pool))
    monkeypatch.setattr(process, "_MAX_PORT_TRIES", 400)
    games = []
    try:
        with ThreadPoolExecutor(16) as threads:
            jobs = [threads.submit(process.GameProcess, installation, 60.0) for _ in range(16)]
            games = [job.result(timeout=120) for job in jobs]
        assert len({game.port for game in games}) == 16
        for game in games:
            assert ports.port_owner(game.port, game.pid) == "ours"
    finally:
        for game in games:
            game.close()
    assert not any(alive(game.pid) for game in games)


OWNER = """
import sys, time
sys.path.insert(0, {root!r})
from pathlib import Path
from pymarl.envs.starcraft2.process.game_process import GameProcess
from pymarl.envs.starcraft2.process.installation import Installation
import os
installation = Installation(Path({folder!r}), Path({exe!r}), "", 1, None, dict(os.environ))
game = GameProcess(installation, 30.0)
print(game.pid, game._folder, flush=True)
time.sleep(600)
"""


def wait_until(what, timeout_s=20.0):
    deadline = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_killed_trainer_leaves_no_game(tmp_path):
    # This game ignores everything but SIGKILL, and the end of its connection too.
    body = LISTENING.replace("lambda *_: os._exit(0)", "signal.SIG_IGN")
    installation = installed(program(tmp_path, body))
    folder, executable = str(installation.root), str(installation.executable)
    code = OWNER.format(root=str(Path.cwd()), folder=folder, exe=executable)
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        words = owner.stdout.readline().split()
        game, folder = int(words[0]), Path(words[1])
        assert alive(game)
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        wait_until(lambda: not alive(game))
        assert folder.is_dir()
        process._remove_orphaned_folders()
        assert not folder.exists()
    finally:
        owner.kill()
        owner.stdout.close()
        owner.wait()


def test_a_game_outlives_the_thread_that_asked_for_it(tmp_path):
    # Linux ends a tied process with the thread that started it.
    installation = installed(program(tmp_path, LISTENING))
    with ThreadPoolExecutor(1) as thread:
        game = thread.submit(process.GameProcess, installation, 20.0).result()
    try:
        time.sleep(0.3)
        assert alive(game.pid)
    finally:
        game.close()
    assert not alive(game.pid)


def test_a_forked_child_can_start_games_too(tmp_path):
    installation = installed(program(tmp_path, LISTENING))
    process._starter().submit(int).result()  # the thread runs here; a child has none of it
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            process.GameProcess(installation, 20.0).close()
            os._exit(0)
        os._exit(1)
    deadline = time.monotonic() + 60.0
    while (ended := os.waitpid(child, os.WNOHANG))[0] == 0:
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.05)
    assert os.waitstatus_to_exitcode(ended[1]) == 0


def test_a_game_that_ignores_sigterm_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "_TERMINATE_S", 0.2)
    body = LISTENING.replace("lambda *_: os._exit(0)", "signal.SIG_IGN")
    game = process.GameProcess(installed(program(tmp_path, body)), 20.0)
    pid = game.pid
    game.close()
    assert not alive(pid)
