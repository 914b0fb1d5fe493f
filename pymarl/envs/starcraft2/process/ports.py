"""Ports on this machine: choosing one, and knowing who listens on it.

Many environments start games at the same time. A port that was free when it was chosen may belong
to another game when ours binds it; whoever connects to it would play in the other's game. So before
anybody connects, the listener must be shown to be our own process.
"""

import os
import socket
from pathlib import Path

_LISTENING = "0A"


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening_sockets(port: int) -> set[str]:
    """Return the inodes of the sockets that listen on ``port``."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rsplit(":", 1)[1], 16) == port:
                found.add(fields[9])
    return found


def sockets_of_session(session: int) -> set[str]:
    """Return the inodes of all sockets of the processes of a session."""
    found = set()
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            if os.getsid(int(process.name)) != session:
                continue
            descriptors = list((process / "fd").iterdir())
        except OSError:
            continue  # gone, or somebody else's
        for descriptor in descriptors:
            try:
                target = str(descriptor.readlink())
            except OSError:
                continue
            if target.startswith("socket:["):
                found.add(target[8:-1])
    return found


def port_owner(port: int, session: int) -> str:
    """Return who listens on ``port``.

    ``ours`` (a process of ``session``), ``other`` or ``nobody``.
    """
    inodes = listening_sockets(port)
    if not inodes:
        return "nobody"
    return "ours" if inodes & sockets_of_session(session) else "other"
