"""The server and its client: how it ends, and clients that misbehave."""

import os
import signal
import socket
import struct
import time

import pytest
import websocket
from s2clientprotocol import sc2api_pb2

from pymarl.envs.standin import launch
from tests.envs.standin.clients.api_clients import SECONDS, RemoteClient, connect, ping
from tests.envs.standin.clients.server_processes import (
    free_port,
)

PING = sc2api_pb2.Request(ping=sc2api_pb2.RequestPing()).SerializeToString()


def open_port(server):
    """Wait until the server's port takes connections; return how long that took."""
    begin = time.monotonic()
    while time.monotonic() - begin < SECONDS:
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError


# --- ends
def test_quit_ends_it(server):
    client = RemoteClient(server.port)
    client.play("3m", 1)
    quit_ = sc2api_pb2.Request(quit=sc2api_pb2.RequestQuit(), id=999999999)
    client.socket.send_binary(quit_.SerializeToString())
    response = sc2api_pb2.Response.FromString(client.socket.recv())
    assert response.status == sc2api_pb2.quit
    assert server.end() == "quit"
    client.socket.shutdown()


@pytest.mark.parametrize("polite", [True, False])
def test_a_client_that_leaves_ends_it(server, polite, caplog):
    client = RemoteClient(server.port)
    client.play("3m", 1)
    if polite:
        client.close()
    else:
        # What the kernel does to the connections of a killed client.
        client.socket.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.socket.sock.close()
    assert server.end() == "the client left"
    assert not caplog.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_while_it_waits(process, number):
    client = RemoteClient(process.port)
    ping(client)
    process.process.send_signal(number)
    assert process.end() == (0, "")
    client.close()


def test_a_signal_ends_it_in_the_middle_of_a_step(process):
    client = RemoteClient(process.port)
    client.play("27m_vs_30m", 1)
    request = sc2api_pb2.Request(step=sc2api_pb2.RequestStep(count=1_000_000))
    client.socket.send_binary(request.SerializeToString())
    time.sleep(0.3)
    process.process.terminate()
    assert process.end() == (0, "")
    client.close()


def test_nobody_waits_for_a_client_for_ever(monkeypatch):
    from pymarl.envs.standin.server import socket_server as module

    monkeypatch.setattr(module, "_NO_CLIENT_SECONDS", 0.0)
    monkeypatch.setattr(module, "_TICK_SECONDS", 0.01)
    listener = launch.open_socket("127.0.0.1", free_port())
    assert module.StandinServer(listener, None).run() == "no client for 0 s"
    listener.close()


def test_an_orphan_ends_sooner(monkeypatch):
    from pymarl.envs.standin.server import socket_server as module

    monkeypatch.setattr(module, "_ORPHAN_SECONDS", 0.0)
    monkeypatch.setattr(module, "_TICK_SECONDS", 0.01)
    listener = launch.open_socket("127.0.0.1", free_port())
    server = module.StandinServer(listener, None)
    monkeypatch.setattr(os, "getppid", lambda: 1)
    assert server.run() == "no client for 0 s"
    listener.close()


# --- clients that misbehave
def test_strangers_do_not_keep_the_client_out(server):
    """Connections that are no client: silent, half a handshake, not HTTP, wrong path, too many."""
    open_port(server)
    strangers = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
    strangers[0].sendall(b"GET /sc2api HTTP/1.1\r\nHost: x\r\n")
    strangers[1].sendall(os.urandom(4096))
    strangers[2].sendall(b"\r\n\r\n" * 100)
    strangers[3].close()
    with pytest.raises(websocket.WebSocketBadStatusException) as failure:
        connect(server.port, path="/other")
    assert failure.value.status_code == 404
    client = RemoteClient(server.port)
    ping(client)
    with pytest.raises(websocket.WebSocketBadStatusException) as failure:
        connect(server.port)
    assert failure.value.status_code == 503
    client.play("3m", 1)
    assert len(client.units()) == 6
    client.close()
    assert server.end() == "the client left"
    for stranger in strangers:
        stranger.close()


def test_text_frames_pings_fragments_and_garbage_are_answered(server):
    client = RemoteClient(server.port)
    # pysc2 sends its protobuf in text frames.
    client.socket.send(PING)
    assert sc2api_pb2.Response.FromString(client.socket.recv()).ping.base_build == 75689
    client.socket.ping("are you there")
    opcode, data = client.socket.recv_data(control_frame=True)
    assert (opcode, data) == (websocket.ABNF.OPCODE_PONG, b"are you there")
    for k, part in enumerate((PING[:1], PING[1:])):
        opcode = websocket.ABNF.OPCODE_CONT if k else websocket.ABNF.OPCODE_BINARY
        frame = websocket.ABNF(fin=k, opcode=opcode, mask_value=1, data=part)
        client.socket.send_frame(frame)
    assert sc2api_pb2.Response.FromString(client.socket.recv()).ping.base_build == 75689
    for garbage in (b"", b"\xff" * 1000, os.urandom(5000)):
        client.socket.send_binary(garbage)
        assert sc2api_pb2.Response.FromString(client.socket.recv()).error
    client.play("3m", 1)
    client.close()
    assert server.end() == "the client left"


def varint(value):
    """Return ``value`` in protobuf's variable length form."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def request_frame(number, size):
    """A whole frame of a client that holds ping request ``number``, filled up to ``size`` bytes."""
    request = sc2api_pb2.Request(ping=sc2api_pb2.RequestPing(), id=number)
    message = request.SerializeToString()
    if size > len(message):
        # A field that 4.10 does not know: 200, length-delimited.
        room = size - len(message) - 2
        for digits in (1, 2, 3):
            length = varint(room - digits)
            if len(length) == digits:
                message += varint(200 << 3 | 2) + length + b"x" * (room - digits)
                break
    return websocket.ABNF.create_frame(message, websocket.ABNF.OPCODE_BINARY).format()


def test_requests_of_any_size_and_cut_arrive_whole(server):
    client = RemoteClient(server.port)
    sizes = [0, 20, 125, 126, 127, 1000, 65535, 65536, 100_000, 30]
    frames = [request_frame(k, size) for k, size in enumerate(sizes)]
    small = frames[:6]
    for pieces in (
        [b"".join(small)],  # as a client that does not wait for answers
        [bytes([byte]) for byte in b"".join(small)],
        frames,
        [b"".join(small)[:-3], b"".join(small)[-3:]],
    ):
        for piece in pieces:
            client.socket.sock.sendall(piece)
        expected = range(len(frames) if pieces is frames else len(small))
        answers = [sc2api_pb2.Response.FromString(client.socket.recv()) for _ in expected]
        assert [answer.id for answer in answers] == list(expected)
        assert all(answer.ping.base_build == 75689 for answer in answers)
    client.close()
    assert server.end() == "the client left"


def frame_bytes(first, length, mask=b"\0\0\0\0"):
    return bytes([first, 0x80 | 127]) + struct.pack(">Q", length) + mask


@pytest.mark.parametrize(
    ("sent", "code", "message"),
    [
        (frame_bytes(0x82, 65 << 20), 1009, "68157440 bytes"),
        (frame_bytes(0x82, 1 << 62), 1009, ""),
        (b"\x82\x05hello", 1002, "mask"),
        (b"\xf2\x80\0\0\0\0", 1002, "reserved"),
        (b"\x83\x80\0\0\0\0", 1002, "opcode"),
        (b"\x80\x80\0\0\0\0", 1002, "continuation"),
    ],
)
def test_broken_frames_close_the_connection_with_a_reason(server, sent, code, message, caplog):
    client = RemoteClient(server.port)
    ping(client)
    client.socket.sock.sendall(sent)
    opcode, data = client.socket.recv_data()
    client.socket.shutdown()
    assert opcode == websocket.ABNF.OPCODE_CLOSE
    assert struct.unpack(">H", data[:2])[0] == code
    assert server.end() == "the client left"
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "the connection was closed" in caplog.text
    assert message in caplog.text
