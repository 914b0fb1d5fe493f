"""Where statistics go: sacred's info.json, the console, CSV, tensorboard, the test episodes."""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from pymarl.errors import ConfigError
from pymarl.utils.line_file import LineFile

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

    Attributes:
        outcomes: of the test episodes of the present evaluation.
    """

    def __init__(self, console: logging.Logger = CONSOLE) -> None:
        """Start with the console only."""
        self.console = console
        # key -> values, key_T -> environment steps; shared with sacred once it is set up.
        self.info: dict[str, Any] = {}
        self.evaluation = (0, 0)
        self._make_writer: Callable[[int], ScalarWriter] | None = None
        self._writer: ScalarWriter | None = None
        self._csv: LineFile | None = None
        self._episodes: LineFile | None = None
        self.outcomes: list[Mapping[str, float | int]] = []

    def setup_sacred(self, info: dict[str, Any]) -> None:
        """Keep the statistics in ``info``, which sacred writes to info.json."""
        info |= self.info
        self.info = info

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
        # Made with the first number: a resumed log hides what was written after its checkpoint.
        self._make_writer = lambda start: SummaryWriter(str(folder), purge_step=start)

    def setup_csv(self, path: Path) -> None:
        """Also append one line ``t_env,key,value`` per number to ``path``."""
        self._csv = LineFile(path, "t_env,key,value")

    def setup_test_episodes(self, path: Path) -> None:
        """Also append one JSON line per test episode to ``path``."""
        self._episodes = LineFile(path)

    def log_stat(self, key: str, value: float, t: int) -> None:
        """Record ``value`` of statistic ``key`` at environment step ``t``."""
        self.info.setdefault(f"{key}_T", []).append(int(t))
        self.info.setdefault(key, []).append(float(value))
        if self._csv is not None:
            self._csv.add([_csv_line(key, value, t)])
        if self._writer is None and self._make_writer is not None:
            # The number just recorded is newer than all that a checkpoint held.
            self._writer = self._make_writer(int(t))
        if self._writer is not None:
            self._writer.add_scalar(key, float(value), t)

    def start_evaluation(self, t_env: int, t_nominal: int) -> None:
        """Count the test episodes that follow as those of the evaluation at ``t_env``.

        ``t_nominal`` is the multiple of ``test_interval`` that it belongs to.
        """
        self.evaluation = (t_env, t_nominal)
        self.outcomes = []

    def log_test_episode(self, outcome: Mapping[str, float | int]) -> None:
        """Append one test episode's outcome to the record, with its index in the evaluation."""
        t_env, t_nominal = self.evaluation
        row = {
            "t_env": t_env,
            "t_nominal": t_nominal,
            "index": len(self.outcomes),
            **outcome,
        }
        self.outcomes.append(outcome)
        if self._episodes is not None:
            self._episodes.add([json.dumps(row)])

    def latest(self, key: str) -> float | None:
        """Return the newest value of ``key``, or None."""
        return float(self.info[key][-1]) if key in self.info else None

    def print_recent_stats(self) -> None:
        """Log the newest value of every statistic in columns of four."""
        t_env, episode = self.info["episode_T"][-1], self.info["episode"][-1]
        lines = [f"t_env: {t_env:>10} | episode: {episode:>8.0f}"]
        keys = [key for key in sorted(self.info) if f"{key}_T" in self.info and key != "episode"]
        entries = [f"{key + ':':<25}{self.info[key][-1]:>9.4f}" for key in keys]
        lines += ["   ".join(entries[start : start + 4]) for start in range(0, len(entries), 4)]
        self.console.info("Recent stats | %s", "\n".join(lines))

    def state(self) -> dict[str, Any]:
        """Return the log so far: statistics, and how much of the files beside it is valid."""
        return {
            "info": {key: list(values) for key, values in self.info.items()},
            "test_episodes_bytes": 0 if self._episodes is None else self._episodes.size(),
            "csv_bytes": None if self._csv is None else self._csv.size(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over a log; what was written to the files after it is cut off.

        Raises:
            CheckpointError: a file is shorter than it was.
        """
        if self._episodes is not None:
            self._episodes.cut(state["test_episodes_bytes"])
        if self._csv is not None and state["csv_bytes"] is not None:
            self._csv.cut(state["csv_bytes"])
        self.info.clear()
        self.info |= {key: list(values) for key, values in state["info"].items()}
        if self._csv is not None and state["csv_bytes"] is None:
            self._csv.replace(self._past())

    def _past(self) -> list[str]:
        """Return the CSV lines of all statistics so far, by time and name."""
        rows = [
            (t, key, value)
            for key in self.info
            if f"{key}_T" in self.info
            for t, value in zip(self.info[f"{key}_T"], self.info[key], strict=True)
        ]
        return [_csv_line(key, value, t) for t, key, value in sorted(rows, key=lambda row: row[:2])]


def _csv_line(key: str, value: float, t: int) -> str:
    """Return one line; the number in the shortest form that reads back to the same bits."""
    return f"{int(t)},{key},{float(value)!r}"
