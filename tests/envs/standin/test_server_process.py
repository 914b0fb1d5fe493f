"""The server as a process: flags, ports, many side by side, and what they leave behind."""

import socket
import subprocess
import sys
import time

import psutil
import pytest
import websocket

from pymarl.envs.standin import launch
from tests.envs.standin.clients.api_clients import SECONDS, RemoteClient, ping
from tests.envs.standin.clients.server_processes import (
    LAUNCH,
    ServerProcess,
    ServerThread,
    environment,
    free_port,
)


# --- ports and addresses
def run_launch(*arguments, seconds=SECONDS):
    done = subprocess.run(
        [sys.executable, "-I", str(LAUNCH), *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("-listen", "0.0.0.0", "-port", "5000"), "only loopback addresses are allowed"),
        (("-listen", "192.168.1.2", "-port", "5000"), "only loopback addresses are allowed"),
        (("-listen", "example.org", "-port", "5000"), "only loopback addresses are allowed"),
        (("-listen", "::", "-port", "5000"), "only loopback addresses are allowed"),
        (("-listen", "127.0.0.1"), "-port None: expected a number in 1..65535"),
        (("-port", "70000"), "-port 70000: expected a number in 1..65535"),
        (("-port", "x"), "-port x: expected a number"),
        (("-port",), "-port: a value must follow"),
    ],
)
def test_flags_that_make_no_sense_are_refused(arguments, expected):
    status, said = run_launch(*arguments)
    assert status == 2
    assert said.count("\n") == 1
    assert expected in said


def test_a_taken_port_is_an_error_after_a_while(spare_port_holder):
    status, said = run_launch("-port", str(spare_port_holder))
    assert status == 2
    assert said == (
        f"stand-in: error: cannot listen on 127.0.0.1 port {spare_port_holder}: "
        "Address already in use\n"
    )


def test_a_port_that_becomes_free_in_time_is_taken(spare_port_holder):
    """The bind race: whoever picked the port still holds it when the server starts."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with ServerProcess(
            "-verbose", "-windowwidth", "640", port=holder.getsockname()[1]
        ) as process:
            time.sleep(0.8)
            assert process.process.poll() is None
            holder.close()
            client = RemoteClient(process.port)
            ping(client)
            client.close()
            assert process.end() == (0, "")


def test_a_port_in_time_wait_is_taken(process):
    client = RemoteClient(process.port)
    ping(client)
    # The server closes first: its port waits.
    process.process.terminate()
    assert process.end() == (0, "")
    client.close()
    launch.open_socket("127.0.0.1", process.port).close()


def test_ipv6_is_loopback_too():
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with ServerThread("::1") as server:
        client = websocket.create_connection(f"ws://[::1]:{server.port}/sc2api", timeout=SECONDS)
        client.close()
        assert server.end() == "the client left"


# --- many, and what they leave behind
def test_eight_servers_side_by_side_play_their_own_games():
    servers = [ServerProcess() for _ in range(8)]
    try:
        clients = [RemoteClient(server.port) for server in servers]
        seeds = [1, 2, 3, 4, 1, 2, 3, 4]
        for client, seed in zip(clients, seeds, strict=True):
            client.play("2s3z", seed)
        for _ in range(5):
            for client in clients:
                client.step(8)
        seen = [client.observe().SerializeToString() for client in clients]
        assert seen[:4] == seen[4:]
        assert len(set(seen)) == 4
        for client in clients:
            client.close()
        assert [server.end() for server in servers] == [(0, "")] * 8
    finally:
        for server in servers:
            server.__exit__()


def test_the_port_opens_before_anything_heavy_is_imported():
    """A client's first retry comes after a second: by then the port must be open."""
    code = (
        "import sys, runpy\n"
        "space = runpy.run_path(sys.argv[1], run_name='launch')\n"
        "space['open_socket']('127.0.0.1', int(sys.argv[2]))\n"
        "heavy = {'numpy', 'numba', 'google', 'websockets', 'pymarl'} & set(sys.modules)\n"
        "print(sorted(heavy))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(LAUNCH), str(free_port())],
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
    )
    assert done.stdout == "[]\n"


def test_memory_does_not_grow_with_battles(process):
    client = RemoteClient(process.port)
    client.play("8m", 1)
    server = psutil.Process(process.process.pid)

    def battles(count):
        for _ in range(count):
            client.kill([unit.tag for unit in client.units()])
            client.step(2)
        return server.memory_info().rss, server.num_fds()

    before, files = battles(100)
    after, files_after = battles(400)
    assert files_after == files
    # 400 battles that leaked their units' messages alone would be 1.5 MB.
    assert after - before < 1_000_000
    client.close()


def test_another_pymarl_of_the_caller_gets_not_in_the_way(sc2path, tmp_path):
    """Clients are often run from a checkout with its own package of that name."""
    other = tmp_path / "pymarl"
    other.mkdir()
    (other / "__init__.py").write_text("raise SystemExit('the wrong pymarl')\n")
    (tmp_path / "numpy.py").write_text("raise SystemExit('the wrong numpy')\n")
    port = free_port()
    process = subprocess.Popen(
        [sc2path / "Versions/Base75689/SC2_x64", "-listen", "127.0.0.1", "-port", str(port)],
        cwd=tmp_path,
        env={**environment(), "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        client = RemoteClient(port)
        client.play("3m", 1)
        client.close()
        assert process.communicate(timeout=SECONDS)[0] == ""
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()
