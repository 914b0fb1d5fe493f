"""The websocket client against a peer that answers byte by byte, and the grids of the game."""

import base64
import hashlib
import socket
import struct
import threading
import types

import numpy as np
import pytest

from pymarl.envs.smac.maps.map_spec import load_map
from pymarl.envs.starcraft2.client.websocket_client import WebSocketClient, masked_frame
from pymarl.envs.starcraft2.translation import map_grids as grids
from pymarl.errors import EnvError, GameLostError

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Peer:
    """A server that shakes hands and then sends what the test says."""

    def __init__(self, refuse=0, accept=True):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.refuse, self.accept = refuse, accept
        self.ready = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        for _ in range(self.refuse + 1):
            self.peer, _ = self.listener.accept()
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += self.peer.recv(1)
            if self.refuse:
                self.refuse -= 1
                self.peer.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")
                self.peer.close()
        key = head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
        answer = base64.b64encode(hashlib.sha1(key + GUID).digest()) if self.accept else b"no"
        self.peer.sendall(b"HTTP/1.1 101 Go on\r\nSec-WebSocket-Accept: " + answer + b"\r\n\r\n")
        self.ready.set()

    def send(self, data):
        assert self.ready.wait(10)
        self.peer.sendall(data)

    def close(self):
        self.peer.close()
        self.listener.close()


@pytest.fixture
def peer():
    server = Peer()
    yield server
    server.close()


@pytest.fixture
def wire(peer):
    connection = WebSocketClient(peer.port, 10.0)
    yield connection
    connection.close()


def test_messages_of_every_length_arrive_in_order(peer, wire):
    sizes = [0, 1, 125, 126, 65535, 65536, 200_000]
    bodies = [bytes([k]) * size for k, size in enumerate(sizes)]
    heads = [b"\x82\x00", b"\x82\x01", b"\x82\x7d"]
    heads += [b"\x82\x7e" + struct.pack(">H", size) for size in (126, 65535)]
    heads += [b"\x82\x7f" + struct.pack(">Q", size) for size in (65536, 200_000)]
    stream = b"".join(head + body for head, body in zip(heads, bodies, strict=True))
    sender = threading.Thread(target=peer.send, args=(stream,))
    sender.start()
    assert [wire.read() for _ in sizes] == bodies
    sender.join()
    assert wire.waited_s > 0


def test_fragments_pings_and_single_bytes(peer, wire):
    stream = b"\x02\x03abc" + b"\x89\x02hi" + b"\x00\x02de" + b"\x8a\x00" + b"\x80\x01f"
    sender = threading.Thread(target=lambda: [peer.send(bytes([byte])) for byte in stream])
    sender.start()
    assert wire.read() == b"abcdef"
    sender.join()
    peer.peer.settimeout(10.0)
    pong = peer.peer.recv(100)
    assert pong[:2] == bytes([0x8A, 0x82])
    assert bytes(a ^ b for a, b in zip(pong[6:], pong[2:6], strict=False)) == b"hi"


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 125, 126, 65535, 65536])
def test_frames_are_masked(size):
    payload = bytes(range(256)) * (size // 256 + 1)
    payload = payload[:size]
    frame = masked_frame(2, payload)
    assert frame[0] == 0x82
    assert frame[1] & 0x80
    start = {126: 4, 127: 10}.get(frame[1] & 0x7F, 2)
    mask, body = frame[start : start + 4], frame[start + 4 :]
    assert bytes(byte ^ mask[k % 4] for k, byte in enumerate(body)) == payload


def test_a_game_that_is_not_ready_yet_is_asked_again():
    server = Peer(refuse=2)
    connection = WebSocketClient(server.port, 10.0)
    server.send(b"\x82\x01x")
    assert connection.read() == b"x"
    connection.close()
    server.close()


def test_another_server_is_no_game():
    server = Peer(accept=False)
    with pytest.raises(GameLostError, match="no websocket there"):
        WebSocketClient(server.port, 10.0)
    server.close()


def test_an_ended_connection(peer, wire):
    peer.send(b"\x82\x05ab")
    peer.peer.close()
    with pytest.raises(GameLostError, match="closed the connection"):
        wire.read()


def test_silence(peer):
    connection = WebSocketClient(peer.port, 10.0)
    connection._timeout_s = 0.1
    with pytest.raises(GameLostError, match=r"game_timeout_s=0\.1"):
        connection.read()
    # Crumbs do not prolong the wait.
    peer.send(b"\x82\x05a")
    with pytest.raises(GameLostError, match=r"game_timeout_s=0\.1"):
        connection.read()
    connection.close()


def image(bits, width, height, data):
    return types.SimpleNamespace(
        bits_per_pixel=bits, size=types.SimpleNamespace(x=width, y=height), data=data
    )


@pytest.mark.parametrize("name", ["corridor", "2c_vs_64zg", "MarineMicro_MvsM_4"])
def test_grids_are_those_of_the_map(name):
    ground = load_map(name).terrain
    cells = ground.pathing.astype(np.uint8)
    size = ground.width, ground.height
    one = image(1, *size, np.packbits(cells).tobytes())
    assert np.array_equal(grids.pathing(one), ground.pathing.T)
    old = image(8, *size, np.where(np.flip(cells, 0), 0, 255).astype(np.uint8).tobytes())
    assert np.array_equal(grids.pathing(old), ground.pathing.T)
    high = image(8, *size, ground.height_bytes().tobytes())
    assert np.array_equal(grids.heights(high), ground.smac_heights())


def test_maps_need_not_be_square():
    cells = np.arange(5 * 3).reshape(3, 5) % 2
    one = image(1, 5, 3, np.packbits(cells.astype(np.uint8)).tobytes())
    assert np.array_equal(grids.pathing(one), cells.T)
    with pytest.raises(EnvError, match="pathing grid has 16 cells, expected 20"):
        grids.pathing(image(1, 5, 4, b"\0\0"))
