"""The first lines of a server: open the socket, and only then import anything that takes time.

This file is run by its path, not as a module of the package, whose other modules need the
simulator: a client that finds the port closed waits a second before it tries again, one that finds
it open waits only as long as needed. Standard library only.
"""

import errno
import importlib.util
import ipaddress
import os
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

_FLAGS_WITH_VALUE = ("-listen", "-port", "-dataDir", "-tempDir", "-dataVersion")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
_BIND_SECONDS = 3.0
_BACKLOG = 16


def exit_with_error(message: str) -> NoReturn:
    """Print one line about what was wrong and exit with code 2, as a command line does."""
    print(f"stand-in: error: {message}", file=sys.stderr, flush=True)  # noqa: T201  # a program
    sys.exit(2)


def read_flags(argv: list[str]) -> dict[str, str]:
    """Return the flags the game takes, ``-name value``; others are ignored, as the game does."""
    flags: dict[str, str] = {}
    for k, argument in enumerate(argv):
        if argument in _FLAGS_WITH_VALUE:
            if k + 1 == len(argv):
                exit_with_error(f"{argument}: a value must follow")
            flags[argument] = argv[k + 1]
    return flags


def read_port(flags: dict[str, str]) -> int:
    """Return the port to listen on."""
    text = flags.get("-port")
    if text is None or not text.isdecimal() or not 1 <= int(text) <= 65535:
        exit_with_error(f"-port {text}: expected a number in 1..65535")
    return int(text)


def read_host(flags: dict[str, str]) -> str:
    """Return the address to listen on; anything but this machine's loopback is refused."""
    host = flags.get("-listen", "127.0.0.1").strip("[]")
    name = "127.0.0.1" if host == "localhost" else host
    try:
        loopback = ipaddress.ip_address(name).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        exit_with_error(
            f"-listen {host}: the protocol has no passwords, so only loopback addresses are "
            "allowed; use 127.0.0.1 or ::1 (and a tunnel, ssh -L, from elsewhere)"
        )
    return name


def open_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket; retries while the port is being given up by someone else."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline = time.monotonic() + _BIND_SECONDS
    while True:
        listener = socket.socket(family, socket.SOCK_STREAM)
        # Ports of finished connections may be taken at once; a listening one still may not.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            exit_with_error(f"cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}")
        else:
            return listener


def _on_signal(_: int, __: FrameType | None) -> NoReturn:
    """End at once: nothing here needs tidying up, and the interpreter may be ending already."""
    os._exit(0)


def _find_package() -> None:
    """Make this file's package the one that is imported, and not another installed ``pymarl``."""
    root = Path(__file__).resolve().parents[3]
    found = importlib.util.find_spec("pymarl")
    if found is None or found.origin is None or not Path(found.origin).is_relative_to(root):
        sys.path.insert(0, str(root))


def main(argv: list[str]) -> int:
    """Serve one client with the flags of the game's executable; return the exit code."""
    signal.signal(signal.SIGTERM, _on_signal)
    signal.signal(signal.SIGINT, _on_signal)
    flags = read_flags(argv)
    listener = open_socket(read_host(flags), read_port(flags))
    _find_package()
    # Many servers share a machine; none of them has work for a pool of threads.
    for name in _THREADS:
        os.environ[name] = "1"
    try:
        from pymarl.envs.standin.server.socket_server import serve
    except ImportError as error:
        exit_with_error(f"{error}; install what is missing: pip install 'pymarl-pipeline[sc2]'")
    folder = flags.get("-dataDir")
    return serve(listener, Path(folder) / "Maps" if folder else None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
