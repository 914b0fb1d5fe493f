"""Many stops of forked runs at random instants."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tests.determinism.killing import BEGINNING, Case

ROOT = Path(__file__).resolve().parents[2]


class Forks:
    """The process of ``forkserver.py``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert self._answer() == "ready"

    def start(self, arguments: list[str], out: Path) -> int:
        """Start a run that writes to ``out``; return its process number."""
        assert self.process.stdin is not None
        out.unlink(missing_ok=True)
        self.process.stdin.write(json.dumps({"arguments": arguments, "out": str(out)}) + "\n")
        self.process.stdin.flush()
        return int(self._answer())

    def wait(self) -> int:
        """Wait for the end of the run and return its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self._answer())

    def _answer(self) -> str:
        assert self.process.stdout is not None
        answer = self.process.stdout.readline().strip()
        assert answer, "the fork server has died"
        return answer


@contextmanager
def forks() -> Iterator[Forks]:
    """Start the fork server; it ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.determinism.forkserver"],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield Forks(process)
    finally:
        process.communicate()


class Sweep:
    """Stops runs of one case; knows how long they take, so that stops spread over all of a run."""

    def __init__(self, server: Forks, case: Case, rng: np.random.Generator) -> None:
        self.server, self.case, self.rng = server, case, rng
        self.training_s = 0.0
        self.stops: list[str] = []

    def run(self, folder: Path) -> None:
        """Run to the end and remember how long the training took."""
        began = self._start(folder)
        assert self.server.wait() == 0, _output(folder).read_text()
        self.training_s = time.monotonic() - began

    def stop_until_done(self, folder: Path) -> None:
        """Stop the run at random instants until it gets to its end.

        The time it is given grows, so that it gets there on a machine that has become slower, too.
        """
        longest_s = 0.5 * self.training_s
        while not self._run_and_stop(folder, longest_s):
            longest_s *= 1.2

    def _run_and_stop(self, folder: Path, longest_s: float) -> bool:
        """Start the run and stop it after a while; return whether it had ended before."""
        how = signal.SIGKILL if self.rng.random() < 0.6 else signal.SIGTERM
        while_starting = bool(self.rng.random() < 0.1)
        if while_starting:
            pid = self.server.start(self.case.arguments(folder), _output(folder))
            time.sleep(float(self.rng.uniform(0.0, 0.5)))
        else:
            began = self._start(folder)
            pid = self.pid
            time.sleep(float(self.rng.uniform(0.0, longest_s)))
        os.kill(pid, how)  # a run that has ended keeps its number until the server is asked
        code = self.server.wait()
        # Ended, killed, or left by itself; -15 before it has handlers. Nothing else may happen.
        assert code in (0, -signal.SIGKILL, 143, -signal.SIGTERM), _output(folder).read_text()
        if (folder / "complete.json").is_file():
            # The signal may still have come before the process was gone; the run is done.
            if not while_starting:
                self.training_s = min(self.training_s, time.monotonic() - began)
            return True
        assert code != 0
        self.stops.append(f"{how.name}{' while starting' if while_starting else ''}")
        return False

    def _start(self, folder: Path) -> float:
        """Start the run and return the time at which its training began."""
        out = _output(folder)
        self.pid = self.server.start(self.case.arguments(folder), out)
        deadline = time.monotonic() + 300
        while BEGINNING not in (out.read_text() if out.exists() else ""):
            assert time.monotonic() < deadline
            if self._ended():
                break
            time.sleep(0.01)
        return time.monotonic()

    def _ended(self) -> bool:
        """Return whether the run is a zombie or gone."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            return True


def _output(folder: Path) -> Path:
    """Return the file a run's output goes to."""
    return folder.with_suffix(".out")
