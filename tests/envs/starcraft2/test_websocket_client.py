"""The websocket client against a server that answers byte by byte."""

import base64
import hashlib
import socket
import struct
import threading

import pytest

from pymarl.envs.starcraft2.client.websocket_client import WebSocketClient, masked_frame
from pymarl.errors import GameLostError

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class ByteServer:
    """A server that shakes hands and then sends what the test says."""

    def __init__(self, refuse=0, accept=True):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.refuse, self.accept = refuse, accept
        self.ready = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        for _ in range(self.refuse + 1):
            self.connection, _ = self.listener.accept()
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += self.connection.recv(1)
            if self.refuse:
                self.refuse -= 1
                self.connection.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")
                self.connection.close()
        key = head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
        answer = base64.b64encode(hashlib.sha1(key + GUID).digest()) if self.accept else b"no"
        self.connection.sendall(
            b"HTTP/1.1 101 Go on\r\nSec-WebSocket-Accept: " + answer + b"\r\n\r\n"
        )
        self.ready.set()

    def send(self, data):
        assert self.ready.wait(10)
        self.connection.sendall(data)

    def close(self):
        self.connection.close()
        self.listener.close()


@pytest.fixture
def server():
    server = ByteServer()
    yield server
    server.close()


@pytest.fixture
def client(server):
    client = WebSocketClient(server.port, 10.0)
    yield client
    client.close()


def test_messages_of_every_length_arrive_in_order(server, client):
    sizes = [0, 1, 125, 126, 65535, 65536, 200_000]
    bodies = [bytes([k]) * size for k, size in enumerate(sizes)]
    heads = [b"\x82\x00", b"\x82\x01", b"\x82\x7d"]
    heads += [b"\x82\x7e" + struct.pack(">H", size) for size in (126, 65535)]
    heads += [b"\x82\x7f" + struct.pack(">Q", size) for size in (65536, 200_000)]
    stream = b"".join(head + body for head, body in zip(heads, bodies, strict=True))
    sender = threading.Thread(target=server.send, args=(stream,))
    sender.start()
    assert [client.read() for _ in sizes] == bodies
    sender.join()
    assert client.waited_s > 0


def test_fragments_pings_and_single_bytes(server, client):
    stream = b"\x02\x03abc" + b"\x89\x02hi" + b"\x00\x02de" + b"\x8a\x00" + b"\x80\x01f"
    sender = threading.Thread(target=lambda: [server.send(bytes([byte])) for byte in stream])
    sender.start()
    assert client.read() == b"abcdef"
    sender.join()
    server.connection.settimeout(10.0)
    pong = server.connection.recv(100)
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
    server = ByteServer(refuse=2)
    client = WebSocketClient(server.port, 10.0)
    server.send(b"\x82\x01x")
    assert client.read() == b"x"
    client.close()
    server.close()


def test_another_server_is_no_game():
    server = ByteServer(accept=False)
    with pytest.raises(GameLostError, match="no websocket there"):
        WebSocketClient(server.port, 10.0)
    server.close()


def test_an_ended_connection(server, client):
    server.send(b"\x82\x05ab")
    server.connection.close()
    with pytest.raises(GameLostError, match="closed the connection"):
        client.read()


def test_silence(server):
    client = WebSocketClient(server.port, 10.0)
    client._timeout_s = 0.1
    with pytest.raises(GameLostError, match=r"game_timeout_s=0\.1"):
        client.read()
    # Crumbs do not prolong the wait.
    server.send(b"\x82\x05a")
    with pytest.raises(GameLostError, match=r"game_timeout_s=0\.1"):
        client.read()
    client.close()
