"""Clients of the SC2 API: of a game in this process, and over a WebSocket."""

import time

import websocket
from s2clientprotocol import debug_pb2, sc2api_pb2

from pymarl.envs.standin.protocol.protocol_game import ProtocolGame
from tests.envs.standin.clients.api_requests import create, join

SECONDS = 120
LAUNCHED, INIT, IN_GAME, QUIT = 1, 2, 3, 6


class ScriptedClient:
    """Requests by name; subclasses transmit the bytes."""

    def __init__(self):
        self.count = 0

    def transmit(self, message):
        raise NotImplementedError

    def send(self, **request):
        """Send one request and return the whole response, whose id must be the request's."""
        self.count += 1
        message = sc2api_pb2.Request(id=self.count, **request).SerializeToString()
        response = sc2api_pb2.Response.FromString(self.transmit(message))
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


class LocalClient(ScriptedClient):
    """A game in this process, without a socket."""

    def __init__(self, maps=None):
        super().__init__()
        self.game = ProtocolGame(maps)

    def transmit(self, message):
        return self.game.answer(message)


class RemoteClient(ScriptedClient):
    """A client over a WebSocket."""

    def __init__(self, port, timeout=SECONDS):
        super().__init__()
        self.socket = connect(port, timeout)

    def transmit(self, message):
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


def ping(client):
    return client.ask(ping=sc2api_pb2.RequestPing())


def game_in(status):
    """Return a client of a game in this process that is in a status."""
    game = LocalClient()
    if status != LAUNCHED:
        game.ask(create_game=create("3m", 1))
    if status == IN_GAME:
        game.ask(join_game=join())
    return game
