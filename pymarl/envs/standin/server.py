"""The websocket server: one client at a time, everything in one thread.

The WebSocket rules are those of the ``websockets`` library's protocol core (it does no input or
output of its own); around it are plain sockets, because a request and its response take less than
what a thread or a coroutine would cost.
"""

import logging
import os
import select
import socket
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import Final

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from pymarl.envs.standin.game import QUIT, Game

_LOG = logging.getLogger("pymarl.envs.standin")
PATH: Final = "/sc2api"
MAX_MESSAGE: Final = 64 << 20
"""Longest request in bytes; only a map's bytes are long."""
_CHUNK: Final = 1 << 16
_HANDSHAKE_SECONDS: Final = 10.0
_SEND_SECONDS: Final = 60.0
_ALONE_SECONDS: Final = 300.0
_ORPHAN_SECONDS: Final = 10.0
_TICK_SECONDS: Final = 1.0
_MOST_PEERS: Final = 16


class Peer:
    """A connection: its socket and the protocol's state.

    Attributes:
        sock: the socket. protocol: WebSocket state. born: when it was accepted.
        in_session: whether it opened a WebSocket; then its end is the server's end.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.protocol = ServerProtocol(max_size=MAX_MESSAGE, logger=_LOG)
        self.born = time.monotonic()
        self.in_session = False
        self._parts: list[bytes] = []
        sock.settimeout(_SEND_SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self) -> bool:
        """Take in what has arrived; return False when nothing more will."""
        try:
            data = self.sock.recv(_CHUNK)
        except OSError:
            data = b""
        if data:
            self.protocol.receive_data(data)
        else:
            self.protocol.receive_eof()
        return bool(data)

    def write(self) -> None:
        """Send what is due.

        Raises:
            OSError: the client is gone, or does not read.
        """
        parts = self.protocol.data_to_send()
        if parts:
            self.sock.sendall(parts[0] if len(parts) == 1 else b"".join(parts))
            # An empty part is the protocol's way to say that no more will come.
            if not parts[-1]:
                self.sock.shutdown(socket.SHUT_WR)

    def join(self, frame: Frame) -> bytes | None:
        """Add a frame to its message and return the message when it is complete."""
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return None
        message = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts = []
        return message


_DATA: Final = (Opcode.BINARY, Opcode.TEXT, Opcode.CONT)
"""Text counts as well: pysc2 sends its protobuf in text frames, and the game takes them."""


class Server:
    """The loop over the listening socket and its connections.

    Args:
        listener: a listening socket.
        maps: folder of map files, or None.
    """

    def __init__(self, listener: socket.socket, maps: Path | None) -> None:
        self.listener = listener
        self.game = Game(maps)
        self._peers: dict[int, Peer] = {}
        self._poll = select.poll()
        self._poll.register(listener, select.POLLIN)
        self._parent = os.getppid()
        self._alone_since = time.monotonic()

    def run(self) -> str:
        """Serve until the client leaves, and return why the server ended."""
        try:
            return self._loop()
        finally:
            for peer in list(self._peers.values()):
                self._drop(peer)

    def _loop(self) -> str:
        """Serve what comes; return why it ended."""
        while True:
            ready = self._poll.poll(1000.0 * _TICK_SECONDS)
            for number, _ in ready:
                peer = self._peers.get(number)
                if peer is None:
                    self._accept()
                    continue
                ended = self._serve(peer)
                if ended:
                    return ended
            if not ready:
                ended = self._idle()
                if ended:
                    return ended

    def _accept(self) -> None:
        """Take a new connection."""
        try:
            sock, _ = self.listener.accept()
        except OSError as error:
            _LOG.warning("a connection was lost before it began: %s", error)
            return
        if len(self._peers) >= _MOST_PEERS:
            # Connections that opened no WebSocket must not keep the client out.
            self._drop(next(peer for peer in self._peers.values() if not peer.in_session))
        self._peers[sock.fileno()] = Peer(sock)
        self._poll.register(sock, select.POLLIN)

    def _drop(self, peer: Peer) -> None:
        """Forget a connection."""
        number = peer.sock.fileno()
        self._poll.unregister(number)
        del self._peers[number]
        peer.sock.close()
        self._alone_since = time.monotonic()

    def _serve(self, peer: Peer) -> str:
        """Do what a connection asks for; return why the server ends, or nothing."""
        open_ = peer.read()
        try:
            for event in peer.protocol.events_received():
                if isinstance(event, Request):
                    self._handshake(peer, event)
                elif isinstance(event, Frame) and event.opcode in _DATA:
                    self._answer(peer, event)
            peer.write()
        except OSError as error:
            if open_:
                _LOG.warning("the client does not read: %s", error)
            open_ = False
        if self.game.status == QUIT:
            self._drop(peer)
            return "quit"
        if not open_ or peer.protocol.state is State.CLOSED or peer.protocol.close_expected():
            wrong = peer.protocol.parser_exc
            if wrong is not None and not isinstance(wrong, EOFError):
                _LOG.warning("the connection was closed: %s", wrong)
            self._drop(peer)
            return "the client left" if peer.in_session else ""
        return ""

    def _handshake(self, peer: Peer, request: Request) -> None:
        """Answer the opening of a WebSocket."""
        if request.path.partition("?")[0] != PATH:
            response = peer.protocol.reject(HTTPStatus.NOT_FOUND, f"expected {PATH}\n")
        elif any(other.in_session for other in self._peers.values()):
            reason = "another client is connected; start a server for each\n"
            response = peer.protocol.reject(HTTPStatus.SERVICE_UNAVAILABLE, reason)
        else:
            response = peer.protocol.accept(request)
        peer.protocol.send_response(response)
        peer.in_session = peer.protocol.state is State.OPEN

    def _answer(self, peer: Peer, frame: Frame) -> None:
        """Send the response to a message when ``frame`` completes it."""
        message = peer.join(frame)
        if message is None or self.game.status == QUIT:
            return
        data = self.game.answer(message)
        if peer.protocol.state is State.OPEN:
            peer.protocol.send_binary(data)

    def _idle(self) -> str:
        """Drop connections that never became a session; return why the server ends, or nothing."""
        now = time.monotonic()
        for peer in list(self._peers.values()):
            if not peer.in_session and now - peer.born > _HANDSHAKE_SECONDS:
                self._drop(peer)
        if self._peers:
            return ""
        orphaned = os.getppid() != self._parent
        limit = _ORPHAN_SECONDS if orphaned else _ALONE_SECONDS
        return f"no client for {limit:g} s" if now - self._alone_since > limit else ""


def serve(listener: socket.socket, maps: Path | None) -> int:
    """Serve one client on ``listener`` and return the exit code."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="stand-in: %(levelname)s: %(message)s"
    )
    server = Server(listener, maps)
    reason = server.run()
    _LOG.info("ended: %s", reason)
    return 0
