"""Where statistics go: sacred's info.json, the console, tensorboard, the test episodes' record."""

import json
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from pymarl.errors import ConfigError

CONSOLE = logging.getLogger("pymarl")


class ConsoleHandler(logging.StreamHandler[Any]):
    """Writes to whatever ``sys.stdout`` is at that moment: sacred replaces it to fill cout.txt."""

    def __init__(self) -> None:
        """Set PyMARL's line format."""
        super().__init__(sys.stdout)
        self.setFormatter(
            logging.Formatter("[%(levelname)s %(asctime)s] %(name)s %(message)s", "%H:%M:%S")
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record to the current ``sys.stdout``."""
        self.stream = sys.stdout
        super().emit(record)


def console_logger() -> logging.Logger:
    """Return the logger "pymarl", INFO and up to the console; the root logger is left alone."""
    if not any(isinstance(handler, ConsoleHandler) for handler in CONSOLE.handlers):
        CONSOLE.addHandler(ConsoleHandler())
    CONSOLE.setLevel(logging.INFO)
    CONSOLE.propagate = False
    return CONSOLE


class ScalarWriter(Protocol):
    """The part of a tensorboard SummaryWriter that is used."""

    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None:
        """Write one number."""


class Logger:
    """Collects statistics as PyMARL's logger does: ``log_stat(key, value, t)``.

    Deviation from PyMARL: values are plain floats (never numpy scalars, which sacred stores as
        objects), and ``print_recent_stats`` prints the newest value, not a mean of the last five
        that users took for the data.
    """

    def __init__(self, console: logging.Logger = CONSOLE) -> None:
        """Start with the console only."""
        self.console = console
        self.stats: dict[str, list[tuple[int, float]]] = {}
        self.evaluation = (0, 0)
        self._info: dict[str, Any] | None = None
        self._writer: ScalarWriter | None = None
        self._episodes_path: Path | None = None
        self._episodes_in_evaluation = 0

    def setup_sacred(self, info: dict[str, Any]) -> None:
        """Also append to ``info[key]`` and ``info[key + "_T"]``; sacred writes these to disk."""
        self._info = info

    def setup_tensorboard(self, folder: Path) -> None:
        """Also write scalars as tensorboard events to ``folder``.

        Raises:
            ConfigError: the tensorboard package is not installed.
        """
        try:
            from torch.utils.tensorboard import SummaryWriter  # optional package
        except ImportError as error:
            raise ConfigError(
                "use_tensorboard=True: the package is missing; pip install tensorboard"
            ) from error
        self._writer = SummaryWriter(str(folder))

    def setup_test_episodes(self, path: Path) -> None:
        """Also append one JSON line per test episode to ``path``."""
        self._episodes_path = path

    def log_stat(self, key: str, value: float, t: int) -> None:
        """Record ``value`` of statistic ``key`` at environment step ``t``."""
        value = float(value)
        self.stats.setdefault(key, []).append((t, value))
        if self._info is not None:
            self._info.setdefault(f"{key}_T", []).append(int(t))
            self._info.setdefault(key, []).append(value)
        if self._writer is not None:
            self._writer.add_scalar(key, value, t)

    def start_evaluation(self, t_env: int, t_nominal: int) -> None:
        """Say that the test episodes that follow belong to the evaluation at ``t_env``.

        ``t_nominal`` is its place on the nominal grid.
        """
        self.evaluation = (t_env, t_nominal)
        self._episodes_in_evaluation = 0

    def log_test_episode(self, outcome: Mapping[str, float | int]) -> None:
        """Append one test episode's outcome to the record, with its place in the evaluation."""
        t_env, t_nominal = self.evaluation
        row = {
            "t_env": t_env,
            "t_nominal": t_nominal,
            "index": self._episodes_in_evaluation,
            **outcome,
        }
        self._episodes_in_evaluation += 1
        if self._episodes_path is not None:
            with self._episodes_path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(row) + "\n")

    def latest(self, key: str) -> float | None:
        """Return the newest value of ``key``, or None."""
        return self.stats[key][-1][1] if key in self.stats else None

    def print_recent_stats(self) -> None:
        """Log the newest value of every statistic in columns of four."""
        t_env, episode = self.stats["episode"][-1]
        lines = [f"t_env: {t_env:>10} | episode: {episode:>8.0f}"]
        entries = [
            f"{key + ':':<25}{self.stats[key][-1][1]:>9.4f}"
            for key in sorted(self.stats)
            if key != "episode"
        ]
        lines += ["   ".join(entries[start : start + 4]) for start in range(0, len(entries), 4)]
        self.console.info("Recent stats | %s", "\n".join(lines))
