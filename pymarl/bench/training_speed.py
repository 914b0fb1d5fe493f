"""Whole trainings in the simulator: environment steps per second, with tests and updates."""

import contextlib
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pymarl.bench.pymarl_loop import PyMARLLoop
from pymarl.config.build import resolve
from pymarl.errors import ConfigError
from pymarl.run import args_sanity_check, run_sequential
from pymarl.runs.progress import Progress
from pymarl.utils.logging import Logger

QUIET = logging.getLogger("pymarl.bench.quiet")
ANNEAL = "epsilon_anneal_time=5000"  # so that short trainings have the episodes of longer ones


class RateMeter(Progress):
    """Notes when (on ``clock``) the training loop passed which step."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start with no notes."""
        super().__init__(0, None, "off")
        self.clock = clock
        self.notes: list[tuple[int, float]] = []

    def update(self, t_env: int, win_rate: float | None) -> None:
        """Note one pass of the loop."""
        self.notes.append((t_env, self.clock()))

    def rate_from(self, first: int) -> float:
        """Return steps per second from the loop's pass number ``first`` to its last.

        Raises:
            ConfigError: the training ended before.
        """
        if len(self.notes) < first + 2:
            raise ConfigError(
                f"the training ended after {len(self.notes)} rollouts, before anything was "
                f"measured: expected at least {first + 2}; give it more steps"
            )
        (t0, began), (t1, ended) = self.notes[first], self.notes[-1]
        return (t1 - t0) / (ended - began)


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """One training to measure.

    Attributes:
        map_name: of the simulator.
        n_envs: 1 (an update per episode) or more (one per rollout).
        t_max: steps.
        fast: the packed form, or PyMARL's step by step.
        overrides: more settings, ``key=value``.
    """

    map_name: str
    n_envs: int
    t_max: int
    fast: bool = True
    overrides: tuple[str, ...] = (ANNEAL,)

    def rate(self, clock: Callable[[], float] = time.process_time) -> float:
        """Train and return steps per second of ``clock``, from the first update on."""
        overrides = [
            f"env_args.map_name={self.map_name}",
            f"runner={'vector' if self.n_envs > 1 else 'episode'}",
            f"batch_size_run={self.n_envs}",
            f"t_max={self.t_max}",
            f"fast={str(self.fast).lower()}",
            "use_cuda=false",
            f"checkpoint_interval={10 * self.t_max}",
            *self.overrides,
        ]
        QUIET.disabled = True
        args = args_sanity_check(resolve("qmix", "sim", overrides).model_dump(), QUIET)
        meter = RateMeter(clock)
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as at_end:
            run_sequential(args, Logger(QUIET), Path(folder), meter, at_end)
        # The first updates also load what was compiled.
        return meter.rate_from(args.batch_size // self.n_envs + 2)


def compare_forms(map_name: str, n_envs: int, t_max: int, repeats: int) -> tuple[float, float]:
    """Return steps per CPU second (step by step, fast), medians of runs made in turns."""
    rates: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(repeats):
        for fast, found in rates.items():
            found.append(TrainingJob(map_name, n_envs, t_max, fast).rate())
    return float(np.median(rates[False])), float(np.median(rates[True]))


def compare_loops(map_name: str, t_max: int, repeats: int) -> tuple[float, float]:
    """Return steps per CPU second (PyMARL's loop, the fast form), medians of runs made in turns.

    One update per episode; all settings are PyMARL's; tests every 10,000 steps are included.
    """
    loop, fast = [], []
    for _ in range(repeats):
        loop.append(PyMARLLoop(map_name).rate(t_max))
        fast.append(TrainingJob(map_name, 1, t_max, overrides=()).rate())
    return float(np.median(loop)), float(np.median(fast))


def rates_of_processes(arguments: Sequence[str], count: int) -> list[float]:
    """Return the rates by the wall clock of ``count`` equal jobs at the same time."""
    command = [sys.executable, "-m", "pymarl.bench", "--job", *arguments]
    jobs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    return [float(job.communicate()[0]) for job in jobs]
