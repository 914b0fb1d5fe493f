"""The websocket server: one client at a time, everything in one thread.

Plain sockets, because a request and its response take less than what a thread or a coroutine would
cost; the WebSocket rules are in ``connection.py``.
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

from websockets.http11 import Request

from pymarl.envs.standin.kernel_warmup import warm_up
from pymarl.envs.standin.protocol.allowed_requests import QUIT
from pymarl.envs.standin.protocol.protocol_game import ProtocolGame
from pymarl.envs.standin.server.connection import Connection

_LOG = logging.getLogger("pymarl.envs.standin")
PATH: Final = "/sc2api"
_HANDSHAKE_SECONDS: Final = 10.0
_NO_CLIENT_SECONDS: Final = 300.0
_ORPHAN_SECONDS: Final = 10.0
_TICK_SECONDS: Final = 1.0
_MAX_CONNECTIONS: Final = 16


class StandinServer:
    """The loop over the listening socket and its connections.

    Args:
        listener: a listening socket.
        maps: folder of map files, or None.
    """

    def __init__(self, listener: socket.socket, maps: Path | None) -> None:
        self.listener = listener
        self.game = ProtocolGame(maps)
        self._connections: dict[int, Connection] = {}
        # A connection may be gone before it is taken: nothing must wait for another one then.
        listener.setblocking(False)
        self._listening = listener.fileno()
        self._poll = select.poll()
        self._poll.register(listener, select.POLLIN)
        self._parent = os.getppid()
        self._alone_since = time.monotonic()

    def run(self) -> str:
        """Serve until the client leaves, and return why the server ended."""
        try:
            return self._loop()
        finally:
            for connection in list(self._connections.values()):
                self._drop(connection)

    def _loop(self) -> str:
        """Serve what comes; return why it ended."""
        while True:
            ready = self._poll.poll(1000.0 * _TICK_SECONDS)
            for number, _ in ready:
                connection = self._connections.get(number)
                if number == self._listening:
                    self._accept()
                elif connection is not None and (ended := self._handle(connection)):
                    return ended
            if not ready and (ended := self._end_if_idle()):
                return ended

    def _accept(self) -> None:
        """Take a new connection."""
        try:
            sock, _ = self.listener.accept()
        except OSError as error:
            _LOG.warning("a connection was lost before it began: %s", error)
            return
        if len(self._connections) >= _MAX_CONNECTIONS:
            # Connections that opened no WebSocket must not keep the client out.
            others = (each for each in self._connections.values() if not each.in_session)
            self._drop(next(others))
        self._connections[sock.fileno()] = Connection(sock)
        self._poll.register(sock, select.POLLIN)

    def _drop(self, connection: Connection) -> None:
        """Forget a connection."""
        number = connection.sock.fileno()
        self._poll.unregister(number)
        del self._connections[number]
        connection.sock.close()
        self._alone_since = time.monotonic()

    def _handle(self, connection: Connection) -> str:
        """Do what a connection asks for; return why the server ends, or nothing."""
        messages = connection.receive()
        if connection.opening is not None:
            self._open(connection, connection.opening)
        answers = []
        for message in messages:
            if self.game.status != QUIT:
                answers.append(self.game.answer(message))
        try:
            connection.send(answers)
        except OSError as error:
            if not connection.ended:
                _LOG.warning("the client does not read: %s", error)
            connection.ended = True
        if self.game.status == QUIT:
            return "quit"
        if not connection.over():
            return ""
        if connection.failure():
            _LOG.warning("the connection was closed: %s", connection.failure())
        self._drop(connection)
        return "the client left" if connection.in_session else ""

    def _open(self, connection: Connection, request: Request) -> None:
        """Answer the opening of a WebSocket."""
        connection.opening = None
        if request.path.partition("?")[0] != PATH:
            response = connection.protocol.reject(HTTPStatus.NOT_FOUND, f"expected {PATH}\n")
        elif any(other.in_session for other in self._connections.values()):
            reason = "another client is connected; start a server for each\n"
            response = connection.protocol.reject(HTTPStatus.SERVICE_UNAVAILABLE, reason)
        else:
            response = connection.protocol.accept(request)
        connection.protocol.send_response(response)
        connection.open()

    def _end_if_idle(self) -> str:
        """Drop connections that never became a session; return why the server ends, or nothing."""
        now = time.monotonic()
        for connection in list(self._connections.values()):
            if not connection.in_session and now - connection.born > _HANDSHAKE_SECONDS:
                self._drop(connection)
        if self._connections:
            return ""
        orphaned = os.getppid() != self._parent
        limit = _ORPHAN_SECONDS if orphaned else _NO_CLIENT_SECONDS
        return f"no client for {limit:g} s" if now - self._alone_since > limit else ""


def serve(listener: socket.socket, maps: Path | None) -> int:
    """Serve one client on ``listener`` and return the exit code."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="stand-in: %(levelname)s: %(message)s"
    )
    # Not in the middle of a client's request, and not in many servers at once.
    warm_up()
    server = StandinServer(listener, maps)
    reason = server.run()
    _LOG.info("ended: %s", reason)
    return 0
