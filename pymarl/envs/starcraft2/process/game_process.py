"""The game's process: started on a port of its own, tied to this process, always ended."""

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pymarl.envs.starcraft2.process import die_with_parent
from pymarl.envs.starcraft2.process.installation import Installation
from pymarl.envs.starcraft2.process.ports import free_port, port_owner
from pymarl.errors import EnvError, GameLostError

_LOG = logging.getLogger("pymarl.envs.starcraft2")
_FOLDER_PREFIX = "pymarl-sc2"
_POLL_S = 0.02
_TERMINATE_S = 3.0
_MAX_PORT_TRIES = 20
_MAX_EARLY_EXITS = 3
# Linux ends a tied process with the *thread* that started it: so one thread starts all games, and
# it lives as long as this process. By process id: a forked child has the executor, not its thread.
_STARTERS: dict[int, ThreadPoolExecutor] = {}


def _starter() -> ThreadPoolExecutor:
    """Return the executor whose only thread starts the games of this process."""
    own = os.getpid()
    if own not in _STARTERS:
        _STARTERS[own] = ThreadPoolExecutor(1, thread_name_prefix="starcraft2-starter")
    return _STARTERS[own]


class GameProcess:
    """A running game that listens on ``port`` of 127.0.0.1 and has not been connected to.

    Args:
        installation: what to start.
        timeout_s: longest wait until it listens.

    Attributes:
        port: where it listens.
        pid: of its first process, which leads a session of its own.

    Raises:
        GameLostError: it ended by itself or did not listen in time; with its last output.
        EnvError: it cannot be executed, or no port stayed ours.
    """

    def __init__(self, installation: Installation, timeout_s: float) -> None:
        _remove_orphaned_folders()
        self._process: subprocess.Popen[bytes] | None = None
        prefix = f"{_FOLDER_PREFIX}-{_pid_namespace()}-{os.getpid()}-"
        self._folder = Path(tempfile.mkdtemp(prefix=prefix))
        self.port = 0
        try:
            early_exits = 0
            for _ in range(_MAX_PORT_TRIES):
                self.port = free_port()
                self._start(installation)
                owner = self._wait_for_listener(time.monotonic() + timeout_s, timeout_s)
                if owner == "ours":
                    return
                early_exits += owner == "nobody"
                if early_exits == _MAX_EARLY_EXITS:
                    raise GameLostError(f"the game ended at its start ({self.exit_status()})")
                _LOG.info("port %d: its listener is %s; trying the next port", self.port, owner)
                self._terminate()
        except BaseException:
            self.close()
            raise
        self.close()
        raise EnvError(
            f"StarCraft II: {_MAX_PORT_TRIES} ports in a row were taken by other programs between "
            "their choice and the game's start; look at what opens ports on this machine (ss -tlnp)"
        )

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid if self._process else 0

    def _start(self, installation: Installation) -> None:
        """Start the program on ``port``."""
        arguments = [
            str(installation.executable),
            "-listen",
            "127.0.0.1",
            "-port",
            str(self.port),
            "-dataDir",
            f"{installation.root}/",
            "-tempDir",
            f"{self._folder}/",
        ]
        if installation.data_version:
            arguments += ["-dataVersion", installation.data_version.upper()]
        python = [sys.executable, "-I", "-S", die_with_parent.__file__]
        with self._log.open("wb") as log:
            self._process = (
                _starter()
                .submit(
                    subprocess.Popen,
                    [*python, str(os.getpid()), *arguments],
                    env=installation.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                .result()
            )

    def _wait_for_listener(self, deadline: float, timeout_s: float) -> str:
        """Wait until somebody listens, and return who, as ``port_owner`` does.

        ``nobody``: the game has ended. It may be broken; or its port was taken, by a program that
        did not listen yet or not any more.

        Raises:
            GameLostError: nobody listens at ``deadline``, and the game runs.
        """
        process = self._process
        assert process is not None
        while True:
            ended = process.poll() is not None
            owner = port_owner(self.port, process.pid)
            if owner != "nobody" or ended:
                return owner
            if time.monotonic() > deadline:
                raise GameLostError(
                    f"the game did not listen within {timeout_s:g} s{self.last_output()}"
                )
            time.sleep(_POLL_S)

    @property
    def _log(self) -> Path:
        """Return the file that holds what the game printed."""
        return self._folder / "output.log"

    def last_output(self) -> str:
        """Return what the game printed last, for messages; "" when it printed nothing."""
        with contextlib.suppress(OSError):
            lines = self._log.read_text(errors="replace").strip().splitlines()
            if lines:
                return "; its last output: " + " | ".join(line.strip()[:200] for line in lines[-3:])
        return ""

    def exit_status(self, wait_s: float = 0.0) -> str:
        """Return how the process ended, in words; "" when it still runs after ``wait_s``."""
        if self._process is None:
            return "ended"
        with contextlib.suppress(subprocess.TimeoutExpired):
            return describe_exit_code(self._process.wait(wait_s)) + self.last_output()
        return ""

    def _terminate(self) -> None:
        """End the process and everything it started."""
        process, self._process = self._process, None
        if process is None:
            return
        for signal_number, wait_s in ((signal.SIGTERM, _TERMINATE_S), (signal.SIGKILL, None)):
            # A stopped process takes SIGTERM only when it goes on.
            for each in (signal_number, signal.SIGCONT):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, each)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(wait_s)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the game; safe to call twice."""
        self._terminate()
        shutil.rmtree(self._folder, ignore_errors=True)


def describe_exit_code(code: int) -> str:
    """Return an exit code in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def _pid_namespace() -> str:
    """Return what tells process ids of containers apart that share a temporary folder."""
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return "0"


def _remove_orphaned_folders() -> None:
    """Remove the folders of games whose owner was killed before it could."""
    prefix = f"{_FOLDER_PREFIX}-{_pid_namespace()}-"
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        owner = folder.name[len(prefix) :].split("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists() and Path("/proc/self").exists():
            shutil.rmtree(folder, ignore_errors=True)
