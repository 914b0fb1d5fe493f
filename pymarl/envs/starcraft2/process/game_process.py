"""The game's process: started on a port of its own, bound to us, ended whatever happens."""

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

from pymarl.envs.starcraft2.process import die_with_parent as tether
from pymarl.envs.starcraft2.process.installation import Install
from pymarl.envs.starcraft2.process.ports import free_port, whose
from pymarl.errors import EnvError, GameLostError

_LOG = logging.getLogger("pymarl.envs.starcraft2")
_PREFIX = "pymarl-sc2"
_POLL_S = 0.02
_END_S = 3.0
_PORT_TRIES = 20
_EARLY_ENDS = 3
# Linux ends a bound process with the *thread* that started it: so one thread starts all games, and
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
        install: what to start.
        timeout_s: longest wait until it listens.

    Attributes:
        port: where it listens.
        pid: of its first process, which leads a session of its own.

    Raises:
        GameLostError: it ended by itself or did not listen in time; with its last words.
        EnvError: it cannot be executed, or no port stayed ours.
    """

    def __init__(self, install: Install, timeout_s: float) -> None:
        _sweep()
        self._process: subprocess.Popen[bytes] | None = None
        mark = f"{_PREFIX}-{_pid_namespace()}-{os.getpid()}-"
        self._folder = Path(tempfile.mkdtemp(prefix=mark))
        self.port = 0
        try:
            early = 0
            for _ in range(_PORT_TRIES):
                self.port = free_port()
                self._start(install)
                owner = self._listener(time.monotonic() + timeout_s, timeout_s)
                if owner == "ours":
                    return
                early += owner == "nobody"
                if early == _EARLY_ENDS:
                    raise GameLostError(f"the game ended at its start ({self.ended()})")
                _LOG.info("port %d: its listener is %s; trying the next port", self.port, owner)
                self._end()
        except BaseException:
            self.close()
            raise
        self.close()
        raise EnvError(
            f"StarCraft II: {_PORT_TRIES} ports in a row were taken by other programs between the "
            "choice and the game's start; look at what opens ports on this machine (ss -tlnp)"
        )

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid if self._process else 0

    def _start(self, install: Install) -> None:
        """Start the program on ``port``."""
        words = [
            str(install.executable),
            "-listen", "127.0.0.1",
            "-port", str(self.port),
            "-dataDir", f"{install.root}/",
            "-tempDir", f"{self._folder}/",
        ]  # fmt: skip
        if install.data_version:
            words += ["-dataVersion", install.data_version.upper()]
        bound = [sys.executable, "-I", "-S", tether.__file__, str(os.getpid()), *words]
        with self._log.open("wb") as log:
            self._process = (
                _starter()
                .submit(
                    subprocess.Popen,
                    bound,
                    env=install.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                .result()
            )

    def _listener(self, deadline: float, timeout_s: float) -> str:
        """Wait until somebody listens, and return who: see ``whose``.

        ``nobody``: the game has ended. It may be broken; or its port was taken, by a program that
        did not listen yet or not any more.
        """
        process = self._process
        assert process is not None
        while True:
            ended = process.poll() is not None
            owner = whose(self.port, process.pid)
            if owner != "nobody" or ended:
                return owner
            if time.monotonic() > deadline:
                raise GameLostError(
                    f"the game did not listen within {timeout_s:g} s{self.last_words()}"
                )
            time.sleep(_POLL_S)

    @property
    def _log(self) -> Path:
        """Return the file that holds what the game printed."""
        return self._folder / "output.log"

    def last_words(self) -> str:
        """Return what the game printed last, for messages; "" when it printed nothing."""
        with contextlib.suppress(OSError):
            lines = self._log.read_text(errors="replace").strip().splitlines()
            if lines:
                return "; it said: " + " | ".join(line.strip()[:200] for line in lines[-3:])
        return ""

    def ended(self, patience_s: float = 0.0) -> str:
        """Return how the process ended, in words; "" when it still runs after ``patience_s``."""
        if self._process is None:
            return "ended"
        with contextlib.suppress(subprocess.TimeoutExpired):
            return how(self._process.wait(patience_s)) + self.last_words()
        return ""

    def _end(self) -> None:
        """End the process and everything it started."""
        process, self._process = self._process, None
        if process is None:
            return
        for number, patience in ((signal.SIGTERM, _END_S), (signal.SIGKILL, None)):
            # A stopped process takes SIGTERM only when it goes on.
            for each in (number, signal.SIGCONT):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, each)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the game; safe to call twice."""
        self._end()
        shutil.rmtree(self._folder, ignore_errors=True)


def how(code: int) -> str:
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


def _sweep() -> None:
    """Remove the folders of games whose owner was killed before it could."""
    mark = f"{_PREFIX}-{_pid_namespace()}-"
    for folder in Path(tempfile.gettempdir()).glob(f"{mark}*"):
        owner = folder.name[len(mark) :].split("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists() and Path("/proc/self").exists():
            shutil.rmtree(folder, ignore_errors=True)
