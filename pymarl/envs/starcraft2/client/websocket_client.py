"""The websocket to the game: binary messages, several in one packet, and a limit to every wait.

A client of RFC 6455 with what StarCraft II's API needs of it. The general-purpose library costs as
much per message as the game does for a step of a small map.
"""

import base64
import hashlib
import os
import socket
import struct
import time
from collections.abc import Iterable

from pymarl.errors import GameLostError

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MAX_MESSAGE_BYTES = 1 << 28
_RECEIVE_BYTES = 1 << 16
_CONTINUATION, _BINARY, _CLOSE, _PING, _PONG = 0, 2, 8, 9, 10
_RETRY_S = 0.05


class WebSocketClient:
    """One open connection.

    Args:
        port: of 127.0.0.1.
        timeout_s: longest wait for the connection, and later for each message.

    Attributes:
        waited_s: seconds spent in waiting for the game, so far.

    Raises:
        GameLostError: from every method, when the connection fails, ends, or stays silent.
    """

    def __init__(self, port: int, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._buffer = b""
        self.waited_s = 0.0
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                self._socket = socket.create_connection(("127.0.0.1", port), timeout_s)
            except OSError as error:
                raise GameLostError(f"cannot connect to port {port}: {error}") from error
            try:
                if self._open_handshake(port, deadline):
                    return
            except BaseException:
                self.close()
                raise
            self.close()
            if time.monotonic() > deadline:
                raise GameLostError(f"no SC2 API at port {port} within {timeout_s:g} s")
            time.sleep(_RETRY_S)

    def _open_handshake(self, port: int, deadline: float) -> bool:
        """Open the websocket; False: somebody listens, but the API is not there yet (404)."""
        key = base64.b64encode(os.urandom(16))
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(
                b"GET /sc2api HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Key: %b\r\n"
                b"Sec-WebSocket-Version: 13\r\n\r\n" % (port, key)
            )
            head = b""
            while b"\r\n\r\n" not in head:
                head += self._receive(deadline)
                if len(head) > _RECEIVE_BYTES:
                    raise GameLostError(f"port {port}: not an HTTP answer")
        except OSError as error:
            raise GameLostError(f"cannot connect to port {port}: {error}") from error
        head, self._buffer = head.split(b"\r\n\r\n", 1)
        status = head.split(b"\r\n", 1)[0].split(b" ")
        if status[1:2] == [b"404"]:
            return False
        accept = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
        if status[1:2] != [b"101"] or accept.lower() not in head.lower():
            raise GameLostError(f"port {port}: no websocket there ({head[:60]!r})")
        return True

    def send(self, messages: Iterable[bytes]) -> None:
        """Send binary messages, all in one go."""
        self._send_bytes(b"".join(masked_frame(_BINARY, message) for message in messages))

    def _send_bytes(self, data: bytes) -> None:
        """Write ``data``."""
        try:
            self._socket.settimeout(self._timeout_s)
            self._socket.sendall(data)
        except TimeoutError as error:
            raise self._timeout_error() from error
        except OSError as error:
            raise GameLostError(f"the connection to the game broke: {error}") from error

    def read(self) -> bytes:
        """Return the next message."""
        deadline = time.monotonic() + self._timeout_s
        message = b""
        while True:
            final, opcode, payload = self._next_frame(deadline)
            if opcode in (_BINARY, _CONTINUATION):
                message = message + payload if message else payload
                if len(message) > _MAX_MESSAGE_BYTES:
                    raise GameLostError("the game sent a message of more than 256 MiB")
                if final:
                    return message
            elif opcode == _PING:
                self._send_bytes(masked_frame(_PONG, payload))
            elif opcode == _CLOSE:
                raise GameLostError("the game closed the connection")
            elif opcode != _PONG:
                raise GameLostError(f"the game sent a websocket frame of unknown opcode {opcode}")

    def _next_frame(self, deadline: float) -> tuple[bool, int, bytes]:
        """Return (final, opcode, payload) of the next frame."""
        first, second = self._read_bytes(2, deadline)
        size = second & 0x7F
        if second & 0x80 or first & 0x70:
            raise GameLostError("the game sent something that is no websocket frame")
        if size == 126:
            (size,) = struct.unpack(">H", self._read_bytes(2, deadline))
        elif size == 127:
            (size,) = struct.unpack(">Q", self._read_bytes(8, deadline))
        if size > _MAX_MESSAGE_BYTES:
            raise GameLostError(f"the game announced a message of {size} bytes")
        return bool(first & 0x80), first & 0x0F, self._read_bytes(size, deadline)

    def _read_bytes(self, size: int, deadline: float) -> bytes:
        """Return the next ``size`` bytes."""
        if len(self._buffer) < size:
            parts, have = [self._buffer], len(self._buffer)
            while have < size:
                parts.append(self._receive(deadline))
                have += len(parts[-1])
            self._buffer = b"".join(parts)
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _receive(self, deadline: float) -> bytes:
        """Return some bytes."""
        began = time.monotonic()
        if began >= deadline:
            raise self._timeout_error()
        try:
            self._socket.settimeout(deadline - began)
            data = self._socket.recv(_RECEIVE_BYTES)
        except TimeoutError as error:
            raise self._timeout_error() from error
        except OSError as error:
            raise GameLostError(f"the connection to the game broke: {error}") from error
        finally:
            self.waited_s += time.monotonic() - began
        if not data:
            raise GameLostError("the game closed the connection")
        return data

    def _timeout_error(self) -> GameLostError:
        """Return the error of a game that does not answer."""
        return GameLostError(
            f"no answer from the game within game_timeout_s={self._timeout_s:g} s: it hangs, or "
            "needs longer (env_args.game_timeout_s)"
        )

    def close(self) -> None:
        """Close the socket; safe to call twice."""
        self._socket.close()


def masked_frame(opcode: int, payload: bytes) -> bytes:
    """Return a masked frame, as a client must send it."""
    size = len(payload)
    if size < 126:
        head = struct.pack(">BB", 0x80 | opcode, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack(">BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, 0x80 | 127, size)
    mask = os.urandom(4)
    if not size:
        return head + mask
    # One exclusive or of two long numbers: by far the fastest way in plain Python.
    pattern = int.from_bytes((mask * (size // 4 + 1))[:size], "little")
    masked = (int.from_bytes(payload, "little") ^ pattern).to_bytes(size, "little")
    return head + mask + masked
