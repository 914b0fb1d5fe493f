"""Environments in worker processes: the side of the training process."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any

from pymarl.envs.multiagentenv import MultiAgentEnv
from pymarl.errors import EnvWorkerError, EpisodeLostError
from pymarl.utils.threads import VARIABLES as THREAD_VARIABLES

CLOSE_S = 10.0  # how long environments may take to close before their processes are killed


@dataclass(slots=True)
class _Worker:
    """One worker process."""

    process: subprocess.Popen[bytes]
    connection: Connection
    request: str  # the last request, for messages


class EnvWorkers:
    """One process per environment; requests go out to many and answers come in as they are ready.

    A worker is a fresh interpreter (nothing is forked, so torch's threads are not either). It leads
    a process group of its own and ends by itself when the parent dies, however it dies.
    """

    def __init__(
        self,
        env_class: type[MultiAgentEnv],
        env_args: Sequence[Mapping[str, Any]],
        timeout_s: float,
    ) -> None:
        """Start one worker per entry of ``env_args`` and wait until all environments are made.

        Args:
            env_class: an importable class.
            env_args: arguments of each environment.
            timeout_s: longest wait for any answer.

        Raises:
            EnvWorkerError: an environment could not be made; no worker is left.
        """
        self.timeout_s = timeout_s
        self.workers: list[_Worker] = []
        self.infos: list[dict[str, Any]] = [{} for _ in env_args]
        try:
            for arguments in env_args:
                self.workers.append(_start())
                self.send(len(self.workers) - 1, "make", env_class, dict(arguments))
            for index, info in self.answers(range(len(self.workers))):
                self.infos[index] = info
        except BaseException:
            self.close()
            raise

    def send(self, index: int, request: str, *arguments: Any) -> None:
        """Send a request to worker ``index``; its answer must be taken before the next one.

        Args:
            index: which worker.
            request: ``make`` or a name of ``pymarl.envs.worker.REQUESTS``.
            arguments: those of the request.

        Raises:
            EnvWorkerError: the worker is dead.
        """
        worker = self.workers[index]
        worker.request = request
        try:
            worker.connection.send((request, arguments))
        except OSError:
            # It may have sent its traceback before it died.
            self._receive(index)
            raise self._death_error(index) from None

    def answers(self, indices: Iterable[int]) -> Iterator[tuple[int, Any]]:
        """Yield (index, result) of the workers ``indices`` in the order in which they answer.

        The result is an ``EpisodeLostError`` when the worker's episode is void; it goes on.

        Raises:
            EnvWorkerError: a worker failed (with its traceback), died (with its exit code) or gave
                no answer in time.
        """
        waiting: dict[Any, int] = {self.workers[index].connection: index for index in indices}
        deadline = time.monotonic() + self.timeout_s
        while waiting:
            ready = wait(list(waiting), max(0.0, deadline - time.monotonic()))
            if not ready:
                raise self._timeout_error(sorted(waiting.values()))
            for connection in ready:
                index = waiting.pop(connection)
                yield index, self._receive(index)

    def _receive(self, index: int) -> Any:
        """Return the result that is ready at worker ``index``."""
        worker = self.workers[index]
        try:
            status, result = worker.connection.recv()
        except (EOFError, OSError):
            raise self._death_error(index) from None
        if status == "ok":
            return result
        if status == "lost":
            return EpisodeLostError(result)
        last = result.strip().splitlines()[-1]
        raise EnvWorkerError(
            f"environment {index} of {len(self.workers)} failed at {worker.request!r}: {last}\n"
            f"traceback of its worker process {worker.process.pid}:\n{result.rstrip()}"
        )

    def _death_error(self, index: int) -> EnvWorkerError:
        """Return the error of a worker that ended without sending a traceback."""
        worker = self.workers[index]
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.process.wait(CLOSE_S)
        code = worker.process.returncode
        event = "closed its pipe" if code is None else f"died with exit code {code}"
        advice = "look above for a message of the environment or of a library it calls"
        if code is not None and code < 0:
            event = f"was killed by {signal.Signals(-code).name}"
        if code == -signal.SIGKILL:
            advice = (
                "the system kills processes so when memory runs out: compare the memory limit of "
                "the machine or job with what batch_size_run environments take (dmesg names the "
                "killed process), and lower batch_size_run if it is too small"
            )
        return EnvWorkerError(
            f"environment {index} of {len(self.workers)}: its worker process "
            f"{worker.process.pid} {event} at {worker.request!r} and sent no traceback; {advice}"
        )

    def _timeout_error(self, indices: list[int]) -> EnvWorkerError:
        """Return the error of workers that did not answer in time."""
        names = ", ".join(
            f"{index} (process {self.workers[index].process.pid})" for index in indices
        )
        return EnvWorkerError(
            f"environment {names}: no answer to {self.workers[indices[0]].request!r} within "
            f"env_timeout_s={self.timeout_s:g} s; the worker is killed. If the environment is only "
            "slow, raise env_timeout_s"
        )

    def close(self) -> None:
        """Close all environments and end their processes, by force where needed."""
        for worker in self.workers:
            worker.connection.close()
        deadline = time.monotonic() + CLOSE_S
        for worker in self.workers:
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.process.wait(max(0.0, deadline - time.monotonic()))
            # Also what a worker left behind in its group, such as a game.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(worker.process.pid, signal.SIGKILL)
            worker.process.wait()
        self.workers = []


def _start() -> _Worker:
    """Start one worker process."""
    ours, theirs = Pipe()
    path = os.pathsep.join(entry or os.curdir for entry in sys.path)
    # An environment's own BLAS threads would only get in each other's way.
    environment = os.environ | {"PYTHONPATH": path} | dict.fromkeys(THREAD_VARIABLES, "1")
    arguments = ["-m", "pymarl.envs.worker", str(theirs.fileno()), str(os.getpid())]
    with theirs:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    return _Worker(process, ours, "start")
