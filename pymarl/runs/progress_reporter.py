"""Progress of one run: a bar on a terminal, a small file for other watchers, quiet in logs."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from tqdm import tqdm

from pymarl.runs.stopwatch import Stopwatch
from pymarl.utils import atomic
from pymarl.utils.timehelper import time_str

ProgressMode = Literal["auto", "plain", "off"]
FILE_INTERVAL_S = 2.0


class ProgressReporter:
    """Shows t_env, rate, estimated time left and the last test win rate of a run.

    ``auto`` draws a bar when stderr is a terminal, and none otherwise (the log already has the
    statistics); ``plain`` draws none but writes the file; ``off`` does neither. Rate and time left
    count from :meth:`start`, so that the steps that earlier processes made do not count as this
    one's; ``stopwatch`` knows the time of all of them.
    """

    def __init__(self, t_max: int, path: Path | None, mode: ProgressMode = "auto") -> None:
        """Start the clock; ``path`` is the progress file (rewritten every two seconds) or None."""
        self.t_max = t_max
        self.path = None if mode == "off" else path
        self.stopwatch = Stopwatch()
        self._started = self._written = time.monotonic()
        self._first_t = 0
        # sys.__stderr__: sacred replaces sys.stderr to capture it, and a bar has no place in
        # cout.txt.
        terminal = sys.__stderr__
        show = mode == "auto" and terminal is not None and terminal.isatty()
        self._bar = (
            tqdm(total=t_max, unit=" steps", unit_scale=True, file=terminal, leave=False)
            if show
            else None
        )

    def start(self, t_env: int) -> None:
        """Count from now on, from ``t_env``: 0, or where a checkpoint or model left the run."""
        self._first_t, self._started = t_env, time.monotonic()
        if self._bar is not None:
            self._bar.reset()
            self._bar.initial = self._bar.n = self._bar.last_print_n = min(t_env, self.t_max)
            self._bar.refresh()

    def update(self, t_env: int, win_rate: float | None) -> None:
        """Show that the run has reached ``t_env``.

        ``win_rate`` (0..1) is the newest test win rate, if there is one.
        """
        if self._bar is not None:
            self._bar.n = min(t_env, self.t_max)
            self._bar.set_postfix_str(
                "" if win_rate is None else f"test win {win_rate:.0%}", refresh=False
            )
            self._bar.update(0)
        due = time.monotonic() - self._written >= FILE_INTERVAL_S
        # Before the first step there is no rate to write.
        if self.path is not None and due and t_env > self._first_t:
            self._write(t_env, win_rate)

    def rate(self, t_env: int) -> float:
        """Return environment steps per second since the start."""
        elapsed = time.monotonic() - self._started
        return (t_env - self._first_t) / elapsed if elapsed > 0 else 0.0

    def line(self, t_env: int) -> str:
        """Return ``t_env 12000/50000, 900 steps/s, 42s left``."""
        rate = self.rate(t_env)
        left = time_str((self.t_max - t_env) / rate) if rate > 0 else "?"
        return f"t_env {t_env}/{self.t_max}, {rate:.0f} steps/s, {left} left"

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()

    def _write(self, t_env: int, win_rate: float | None) -> None:
        """Rewrite the progress file."""
        self._written = time.monotonic()
        rate = self.rate(t_env)
        value = {
            "t_env": t_env,
            "t_max": self.t_max,
            "rate": rate,
            "eta_s": (self.t_max - t_env) / rate if rate > 0 else None,
            "test_battle_won_mean": win_rate,
            "updated": datetime.now(UTC).isoformat(),
        }
        if self.path is not None:
            atomic.write_json(self.path, value)
