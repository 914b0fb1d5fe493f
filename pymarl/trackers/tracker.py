"""What every tracker does, and what it is told about a run."""

import hashlib
import importlib
import json
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pymarl.config.build import dump
from pymarl.config.schema import Config
from pymarl.errors import ConfigError
from pymarl.utils import atomic

Row = tuple[int, dict[str, float]]
ID_FILE = "tracker_run.json"


class RunIdentity(NamedTuple):
    """How a tracker names a run.

    Attributes:
        id: unique; the same for all processes of a killed and resumed run.
        project: what the runs are kept under: ``tracker_project``, or else the experiment.
        group: what the seeds of one setting share: environment, map and algorithm.
        name: the run's name: algorithm, map and seed.
        tags: environment, map, algorithm, ``simulator`` where it is no StarCraft II, and the label.
        config: the whole configuration as plain data.
    """

    id: str
    project: str
    group: str
    name: str
    tags: tuple[str, ...]
    config: dict[str, Any]


def identify(args: Config, work: Path) -> RunIdentity:
    """Return the identity of the run whose files are in ``work``; its id is kept there."""
    file = work / ID_FILE
    if not file.is_file():
        # The time tells a run from an earlier one in the same folder, which was removed.
        unique = hashlib.sha256(f"{work.resolve()}\n{time.time_ns()}".encode()).hexdigest()[:16]
        atomic.write_json(file, {"id": unique})
    found = json.loads(file.read_text(encoding="utf-8"))["id"]
    tags = [args.env, args.map_name, args.name]
    if args.env in ("sim", "matrix"):
        tags.append("simulator")
    if args.label != "default_label":
        tags.append(args.label)
    return RunIdentity(
        id=found,
        project=args.tracker_project or args.experiment,
        group=f"{args.env}/{args.map_name}/{args.name}",
        name=f"{args.name}-{args.map_name}-seed={args.seed}",
        # Trackers refuse empty tags and the same one twice.
        tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
        config=dump(args),
    )


def optional_package(module: str, key: str, advice: str) -> Any:
    """Return a tracker's package.

    Args:
        module: what to import.
        key: the configuration key that asks for it.
        advice: how to install it.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the packages that it imports
            return importlib.import_module(module)
    except ImportError as error:
        raise ConfigError(f"{key}=True: the package is missing; {advice}") from error


class Tracker(ABC):
    """Takes the statistics of one run: all numbers of one environment step in one call.

    Nothing is opened before there is a number, or a past that a checkpoint held.
    """

    def __init__(self) -> None:
        """Start with nothing opened."""
        self._opened = False
        self._t: int | None = None
        self._values: dict[str, float] = {}
        self._latest: dict[str, float] = {}

    def resume(self, past: Iterable[Row]) -> None:
        """Take over a resumed run: ``past`` is what its checkpoint held, by time.

        What the killed process had recorded after the checkpoint comes again, with the same bits.
        """
        past = list(past)
        for _, values in past:
            self._latest |= values
        self._open(past)
        self._opened = True

    def log(self, key: str, value: float, t: int) -> None:
        """Record ``value`` of statistic ``key`` at environment step ``t``."""
        if t != self._t:
            self.flush()
            self._t = t
        self._values[key] = value

    def flush(self) -> None:
        """Hand over what was recorded so far."""
        if self._t is None or not self._values:
            return
        if not self._opened:
            self._open([])
            self._opened = True
        self._write(self._t, self._values)
        self._latest |= self._values
        self._values = {}

    def close(self, failed: bool) -> None:
        """Hand over the rest and the last value of every statistic, and end."""
        self.flush()
        if self._opened:
            self._close(self._latest, failed)

    @abstractmethod
    def _open(self, past: list[Row]) -> None:
        """Begin to record; ``past`` are the numbers that a resumed run had before."""

    @abstractmethod
    def _write(self, t_env: int, values: Mapping[str, float]) -> None:
        """Record the numbers of one environment step."""

    @abstractmethod
    def _close(self, latest: Mapping[str, float], failed: bool) -> None:
        """End; ``latest`` has the last value of every statistic."""
