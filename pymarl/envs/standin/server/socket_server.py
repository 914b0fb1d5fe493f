"""The websocket server: one client at a time, everything in one thread.

Plain sockets, because a request and its response take less than what a thread or a coroutine would
cost; the WebSocket rules are in ``peer``.
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
from pymarl.envs.standin.protocol.protocol_game import Game
from pymarl.envs.standin.server.connection import Peer

_LOG = logging.getLogger("pymarl.envs.standin")
PATH: Final = "/sc2api"
_HANDSHAKE_SECONDS: Final = 10.0
_ALONE_SECONDS: Final = 300.0
_ORPHAN_SECONDS: Final = 10.0
_TICK_SECONDS: Final = 1.0
_MOST_PEERS: Final = 16


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
            for peer in list(self._peers.values()):
                self._drop(peer)

    def _loop(self) -> str:
        """Serve what comes; return why it ended."""
        while True:
            ready = self._poll.poll(1000.0 * _TICK_SECONDS)
            for number, _ in ready:
                peer = self._peers.get(number)
                if number == self._listening:
                    self._accept()
                elif peer is not None and (ended := self._serve(peer)):
                    return ended
            if not ready and (ended := self._idle()):
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
        messages = peer.receive()
        if peer.opening is not None:
            self._open(peer, peer.opening)
        answers = []
        for message in messages:
            if self.game.status != QUIT:
                answers.append(self.game.answer(message))
        try:
            peer.send(answers)
        except OSError as error:
            if not peer.ended:
                _LOG.warning("the client does not read: %s", error)
            peer.ended = True
        if self.game.status == QUIT:
            return "quit"
        if not peer.over():
            return ""
        if peer.failure():
            _LOG.warning("the connection was closed: %s", peer.failure())
        self._drop(peer)
        return "the client left" if peer.in_session else ""

    def _open(self, peer: Peer, request: Request) -> None:
        """Answer the opening of a WebSocket."""
        peer.opening = None
        if request.path.partition("?")[0] != PATH:
            response = peer.protocol.reject(HTTPStatus.NOT_FOUND, f"expected {PATH}\n")
        elif any(other.in_session for other in self._peers.values()):
            reason = "another client is connected; start a server for each\n"
            response = peer.protocol.reject(HTTPStatus.SERVICE_UNAVAILABLE, reason)
        else:
            response = peer.protocol.accept(request)
        peer.protocol.send_response(response)
        peer.open()

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
    # Not in the middle of a client's request, and not in many servers at once.
    warm_up()
    server = Server(listener, maps)
    reason = server.run()
    _LOG.info("ended: %s", reason)
    return 0
