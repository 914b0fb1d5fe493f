"""Servers: in a process of their own, and in a thread of this one."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from pymarl.envs.standin import launch
from pymarl.envs.standin.server import socket_server
from tests.envs.standin.clients.api_clients import SECONDS

LAUNCH = Path(launch.__file__)


class ServerProcess:
    """A server process; ``with`` ends it."""

    def __init__(self, *extra, host="127.0.0.1", port=None):
        self.port = free_port() if port is None else port
        arguments = ["-listen", host, "-port", str(self.port), *extra]
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(LAUNCH), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            # A stopped process takes no other signal.
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.communicate()

    def end(self):
        """Wait for the end and return (exit code, what it said)."""
        said = "".join(self.process.communicate(timeout=SECONDS))
        return self.process.returncode, said


class ServerThread:
    """The server's loop in a thread of this process: quick to start; ``with`` closes its socket."""

    def __init__(self, host="127.0.0.1"):
        self.port = free_port()
        self.listener = launch.open_socket(host, self.port)
        self.result = []
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        try:
            self.result.append(socket_server.StandinServer(self.listener, None).run())
        except BaseException as error:
            self.result.append(error)
            raise

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def end(self):
        """Wait for the end and return why it ended."""
        self.thread.join(SECONDS)
        (reason,) = self.result
        return reason


def free_port():
    """Return a port that was free a moment ago."""
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def environment():
    """Return an environment for processes without this test run's own settings."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
