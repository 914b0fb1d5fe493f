"""What the tests speak the SC2 API with: an in-process game, a server process, and a raw client."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import websocket
from s2clientprotocol import common_pb2, debug_pb2, raw_pb2, sc2api_pb2

from pymarl.envs.standin import launch
from pymarl.envs.standin.protocol.protocol_game import ProtocolGame
from pymarl.envs.standin.server import socket_server

LAUNCH = Path(launch.__file__)
SECONDS = 120


class Asker:
    """Requests by name; subclasses carry the bytes."""

    def __init__(self):
        self.count = 0

    def carry(self, message):
        raise NotImplementedError

    def send(self, **request):
        """Send one request and return the whole response, whose id must be the request's."""
        self.count += 1
        message = sc2api_pb2.Request(id=self.count, **request).SerializeToString()
        response = sc2api_pb2.Response.FromString(self.carry(message))
        assert response.id == self.count
        assert response.HasField("status")
        return response

    def ask(self, **request):
        """Send one request that must succeed and return its own part of the response."""
        response = self.send(**request)
        assert not response.error, response.error
        kind = next(iter(request))
        assert response.WhichOneof("response") == kind
        return getattr(response, kind)

    # --- what clients do
    def play(self, name, seed=None, data=b""):
        """Create and join a game."""
        created = self.ask(create_game=create(name, seed, data))
        assert not created.HasField("error"), created.error_details
        joined = self.ask(join_game=join())
        assert not joined.HasField("error"), joined.error_details
        return self

    def units(self):
        """Return the units of an observation."""
        return list(self.observe().observation.raw_data.units)

    def observe(self):
        return self.ask(observation=sc2api_pb2.RequestObservation(disable_fog=False, game_loop=0))

    def step(self, count):
        return self.ask(step=sc2api_pb2.RequestStep(count=count))

    def act(self, actions):
        return list(self.ask(action=sc2api_pb2.RequestAction(actions=actions)).result)

    def kill(self, tags):
        command = debug_pb2.DebugCommand(kill_unit=debug_pb2.DebugKillUnit(tag=tags))
        return self.ask(debug=sc2api_pb2.RequestDebug(debug=[command]))

    def write(self, text):
        """Show a debug text."""
        draw = debug_pb2.DebugDraw(text=[debug_pb2.DebugText(text=text)])
        return self.ask(debug=sc2api_pb2.RequestDebug(debug=[debug_pb2.DebugCommand(draw=draw)]))

    def next_battle(self, seed=None):
        """Kill everything and wait for the respawn, as SMAC does between episodes."""
        if seed is not None:
            self.write(f"pymarl seed={seed}")
        self.kill([unit.tag for unit in self.units()])
        self.step(2)


class Local(Asker):
    """A game in this process, without a socket."""

    def __init__(self, maps=None):
        super().__init__()
        self.game = ProtocolGame(maps)

    def carry(self, message):
        return self.game.answer(message)


class Remote(Asker):
    """A client over a WebSocket."""

    def __init__(self, port, timeout=SECONDS):
        super().__init__()
        self.socket = connect(port, timeout)

    def carry(self, message):
        self.socket.send_binary(message)
        return self.socket.recv()

    def close(self):
        self.socket.close()


def connect(port, timeout=SECONDS, path="/sc2api"):
    """Open a WebSocket, waiting for the port to open."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return websocket.create_connection(f"ws://127.0.0.1:{port}{path}", timeout=timeout)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


class Server:
    """A server process; ``with`` ends it."""

    def __init__(self, *extra, host="127.0.0.1", port=None):
        self.port = free_port() if port is None else port
        words = ["-listen", host, "-port", str(self.port), *extra]
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(LAUNCH), *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            # A stopped process takes no other signal.
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.communicate()

    def end(self):
        """Wait for the end and return (exit code, what it said)."""
        said = "".join(self.process.communicate(timeout=SECONDS))
        return self.process.returncode, said


class Threaded:
    """The server's loop in a thread of this process: quick to start; ``with`` closes its socket."""

    def __init__(self, host="127.0.0.1"):
        self.port = free_port()
        self.listener = launch.open_socket(host, self.port)
        self.result = []
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        try:
            self.result.append(socket_server.StandinServer(self.listener, None).run())
        except BaseException as error:
            self.result.append(error)
            raise

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def end(self):
        """Wait for the end and return why it ended."""
        self.thread.join(SECONDS)
        (reason,) = self.result
        return reason


def free_port():
    """Return a port that was free a moment ago."""
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def create(name, seed=None, data=b"", **more):
    """Return the request SMAC creates a game with."""
    request = sc2api_pb2.RequestCreateGame(
        local_map=sc2api_pb2.LocalMap(map_path=f"SMAC_Maps/{name}.SC2Map", map_data=data),
        realtime=False,
        random_seed=seed,
        **more,
    )
    request.player_setup.add(type=sc2api_pb2.Participant)
    request.player_setup.add(
        type=sc2api_pb2.Computer, race=common_pb2.Terran, difficulty=sc2api_pb2.VeryHard
    )
    return request


def join(**more):
    """Return the request SMAC joins a game with."""
    options = sc2api_pb2.InterfaceOptions(raw=True, score=False)
    return sc2api_pb2.RequestJoinGame(race=common_pb2.Terran, options=options, **more)


def command(ability, units, target=None, goal=None, queue=False):
    """Return a unit command as an action."""
    order = raw_pb2.ActionRawUnitCommand(ability_id=ability, unit_tags=units, queue_command=queue)
    if target is not None:
        order.target_unit_tag = target
    if goal is not None:
        order.target_world_space_pos.x, order.target_world_space_pos.y = goal
    return sc2api_pb2.Action(action_raw=raw_pb2.ActionRaw(unit_command=order))


_DIRECTIONS = {2: (0, 2), 3: (0, -2), 4: (2, 0), 5: (-2, 0)}


class Player:
    """A battle seen through the protocol, as SMAC's client sees it."""

    def __init__(self, asker):
        self.asker = asker
        units = asker.units()
        agents = sorted(
            (unit for unit in units if unit.owner == 1),
            key=lambda unit: (unit.unit_type, unit.pos.x, unit.pos.y),
        )
        enemies = [unit for unit in units if unit.owner == 2]
        self.first = [*agents, *enemies]
        self.n = len(agents)
        self.tags = [unit.tag for unit in self.first]
        self.healers = {i for i in range(self.n) if agents[i].energy_max > 0}
        self.table = np.zeros((len(self.tags), 6), np.float32)
        self.look()

    def look(self):
        """Return the unit table; the dead keep their last position, as in SMAC."""
        seen = {unit.tag: unit for unit in self.asker.units()}
        for i, tag in enumerate(self.tags):
            if tag in seen:
                u = seen[tag]
                self.table[i] = (
                    u.pos.x, u.pos.y, u.health, u.shield, u.energy, u.weapon_cooldown,
                )  # fmt: skip
            else:
                self.table[i, 2:4] = 0
        return self.table

    def actions(self, actions):
        """Return SMAC's actions as the protocol's."""
        out = []
        for i, action in enumerate(actions):
            tag = self.tags[i]
            x, y = float(self.table[i, 0]), float(self.table[i, 1])
            if action == 1:
                out.append(command(4, [tag]))
            elif 2 <= action < 6:
                dx, dy = _DIRECTIONS[action]
                out.append(command(16, [tag], goal=(x + dx, y + dy)))
            elif action >= 6 and i in self.healers:
                out.append(command(386, [tag], target=self.tags[action - 6]))
            elif action >= 6:
                out.append(command(23, [tag], target=self.tags[self.n + action - 6]))
        return out

    def step(self, actions, counts=(8,)):
        """One environment step."""
        self.asker.act(self.actions(actions))
        for count in counts:
            self.asker.step(count)
        return self.look()


def same_table(seen, table, n):
    """Compare a client's unit table with the simulator's, to the bit.

    The game tells weapon cooldowns of a client's own units only, and keeps the last cooldown and
    energy of the dead out of sight.
    """
    alive = table[:, 2] > 0
    columns = np.ones(table.shape, bool)
    columns[n:, 5] = False
    columns[~alive, 4:] = False
    return np.array_equal(seen[columns].view(np.uint32), table[columns].view(np.uint32))


def environment():
    """Return an environment for processes without this test run's own settings."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
