"""Short runs in processes of their own that are stopped at random instants and started again."""

import hashlib
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SETTINGS = [
    "env_args.map_name=3m",
    "t_max=1500",
    "test_interval=500",
    "test_nepisode=4",
    "batch_size=6",
    "buffer_size=30",
    "checkpoint_interval=150",
    "log_interval=400",
    "runner_log_interval=300",
    "learner_log_interval=300",
    "target_update_interval=10",
    "use_csv=true",
]
BEGINNING = "Beginning training"


@dataclass(frozen=True)
class Case:
    """An algorithm in a runner."""

    alg: str
    overrides: tuple[str, ...] = ()

    def command(self, folder: Path, *more: str) -> list[str]:
        words = [*SETTINGS, f"run_dir={folder}", *self.overrides, *more]
        flags = [f"--config={self.alg}", "--env-config=sim"]
        return [sys.executable, "-u", "-m", "pymarl", *flags, "with", *words]

    def run(self, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
        """Run to the end."""
        command = self.command(folder, *more)
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def timed_run(self, folder: Path) -> tuple[float, float]:
        """Run to the end; return how long starting and training took, in seconds."""
        started = time.monotonic()
        process = self._start(folder)
        began = time.monotonic()
        process.communicate()
        assert process.returncode == 0
        return began - started, time.monotonic() - began

    def run_and_stop(
        self, folder: Path, how: int, delay_s: float, *, while_starting: bool = False
    ) -> bool:
        """Start a run, send the signal ``how`` after a while; return whether it had ended before.

        The delay is counted from the line that says that training begins, or ``while_starting``
        from the start of the process.
        """
        if while_starting:
            process = subprocess.Popen(
                self.command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        else:
            process = self._start(folder)
        time.sleep(delay_s)
        process.send_signal(how)
        process.communicate()
        # Ended, killed, or left by itself; -15 before it has handlers. Nothing else may happen.
        assert process.returncode in (0, -signal.SIGKILL, 143, -signal.SIGTERM)
        return process.returncode == 0

    def _start(self, folder: Path) -> subprocess.Popen[str]:
        """Start a run and return when its training begins (or it has ended)."""
        process = subprocess.Popen(self.command(folder), stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for line in process.stdout:
            if BEGINNING in line:
                break
        return process

    def stopped_until_done(
        self, folder: Path, lasts: tuple[float, float], rng: np.random.Generator
    ) -> list[str]:
        """Stop the run at random instants until it gets to its end; return what stopped it.

        Args:
            folder: of the run.
            lasts: seconds of starting and training, as :meth:`timed_run` returns them.
            rng: source of the instants and signals.
        """
        stops: list[str] = []
        while True:
            how = signal.SIGKILL if rng.random() < 0.6 else signal.SIGTERM
            while_starting = bool(rng.random() < 0.15)
            longest = lasts[0] if while_starting else 0.5 * lasts[1]
            delay_s = float(rng.uniform(0.0, longest))
            if self.run_and_stop(folder, how, delay_s, while_starting=while_starting):
                return stops
            stops.append(f"{how.name}{' while starting' if while_starting else ''}")


def digests(folder: Path) -> dict[str, str]:
    """Return the digests of what must be the same bits however often a run was stopped."""
    logs = [folder / name for name in ("info.json", "test_episodes.jsonl", "metrics.csv")]
    names = [*logs, *sorted(folder.rglob("*.th"))]
    assert len(names) >= 5
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in names
    }
