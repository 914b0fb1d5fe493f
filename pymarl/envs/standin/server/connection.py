"""A connection to the server: its socket, and requests out of WebSocket frames.

The rules are those of the ``websockets`` library's protocol core, which does no input or output of
its own. A client's usual frame, here called short (one whole masked message of less than 64 KiB),
is read here: with the library it would cost as much as the answer to it. Anything else, from there
on, is the library's.
"""

import logging
import socket
import struct
import time
from typing import Final

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.utils import apply_mask

_LOG = logging.getLogger("pymarl.envs.standin")
MAX_MESSAGE_BYTES: Final = 64 << 20
"""Longest request in bytes; only a map's bytes are long."""
_RECEIVE_BYTES: Final = 1 << 18
_SEND_SECONDS: Final = 60
_DATA: Final = (Opcode.BINARY, Opcode.TEXT, Opcode.CONT)
_WHOLE_MESSAGE: Final = (0x82, 0x81)
"""First bytes of whole messages. Text counts: pysc2 sends protobuf in text frames, and the game
takes it."""


class Connection:
    """A connection.

    Attributes:
        sock: the socket. protocol: WebSocket state. born: when it was accepted.
        in_session: whether it opened a WebSocket; then its end is the server's end.
        opening: the request that opens a WebSocket, when it has arrived and is not answered.
        ended: whether nothing more will arrive.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.protocol = ServerProtocol(max_size=MAX_MESSAGE_BYTES, logger=_LOG)
        self.born = time.monotonic()
        self.in_session = self.ended = False
        self.opening: Request | None = None
        self._parts: list[bytes] = []
        self._direct = False
        self._buffer = b""
        # Blocking, with the kernel's clock for sending: one system call each way.
        sock.settimeout(None)
        limit = struct.pack("ll", _SEND_SECONDS, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def receive(self) -> list[bytes]:
        """Take in what has arrived and return the complete messages."""
        try:
            data = self.sock.recv(_RECEIVE_BYTES)
        except OSError:
            data = b""
        if not data:
            self.ended = True
            self.protocol.receive_eof()
            return self._events()
        if not self._direct:
            self.protocol.receive_data(data)
            return self._events()
        messages, rest = split_short_frames(self._buffer + data if self._buffer else data)
        if not rest or may_be_short_frame(rest):
            self._buffer = rest
            return messages
        self._direct, self._buffer = False, b""
        self.protocol.receive_data(rest)
        return messages + self._events()

    def _events(self) -> list[bytes]:
        """Return the messages among the protocol's events, and note an opening."""
        messages = []
        for event in self.protocol.events_received():
            if isinstance(event, Request):
                self.opening = event
            elif isinstance(event, Frame) and event.opcode in _DATA:
                self._parts.append(bytes(event.data))
                if event.fin:
                    messages.append(b"".join(self._parts))
                    self._parts = []
        return messages

    def open(self) -> None:
        """Note that the opening was accepted; the client waits for that before its first frame."""
        self.in_session = self._direct = self.protocol.state is State.OPEN

    def send(self, answers: list[bytes]) -> None:
        """Send answers and whatever else is due.

        Raises:
            OSError: the client is gone, or does not read.
        """
        if answers and self.protocol.state is State.OPEN:
            self.sock.sendall(b"".join([frame_header(data) + data for data in answers]))
        parts = self.protocol.data_to_send()
        if parts:
            self.sock.sendall(b"".join(parts))
            # An empty part is the protocol's way to say that no more will come.
            if not parts[-1]:
                self.sock.shutdown(socket.SHUT_WR)

    def over(self) -> bool:
        """Return whether the connection has ended or should."""
        closed = self.protocol.state is State.CLOSED or self.protocol.close_expected()
        return self.ended or closed

    def failure(self) -> str:
        """Return how the client broke the protocol, or nothing."""
        wrong = self.protocol.parser_exc
        return "" if wrong is None or isinstance(wrong, EOFError) else str(wrong)


def frame_header(data: bytes) -> bytes:
    """Return what stands before ``data`` in a whole binary frame of a server."""
    if len(data) < 126:
        return bytes((0x82, len(data)))
    if len(data) < 1 << 16:
        return struct.pack(">BBH", 0x82, 126, len(data))
    return struct.pack(">BBQ", 0x82, 127, len(data))


def split_short_frames(data: bytes) -> tuple[list[bytes], bytes]:
    """Return the messages of the short frames at the beginning of ``data``, and what is left."""
    messages: list[bytes] = []
    at = 0
    while True:
        start, end = payload_bounds(data, at)
        if not 0 < end <= len(data):
            return messages, data[at:]
        messages.append(apply_mask(data[start:end], data[start - 4 : start]))
        at = end


def payload_bounds(data: bytes, at: int) -> tuple[int, int]:
    """Return (start, end) of the content of the short frame at ``at``; (0, 0) for any other.

    (0, -1): too little of it is there to tell.
    """
    have = len(data) - at
    if have < 2:
        return 0, -1 if have == 0 or data[at] in _WHOLE_MESSAGE else 0
    length = data[at + 1] & 0x7F
    if data[at] not in _WHOLE_MESSAGE or data[at + 1] < 0x80 or length == 127:
        return 0, 0
    start = at + 6
    if length == 126:
        if have < 4:
            return 0, -1
        length, start = data[at + 2] << 8 | data[at + 3], at + 8
    return start, start + length


def may_be_short_frame(data: bytes) -> bool:
    """Return whether ``data``, the beginning of a frame, can be that of a short one."""
    return payload_bounds(data, 0)[1] != 0
