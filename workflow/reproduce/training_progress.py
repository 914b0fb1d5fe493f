"""How far the runs are, read from their folders while they train."""

import json
import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.experiment.training_runs import TrainingRun
from workflow.reproduce.activity import activity

_STEPS = re.compile(r"^(\d+) of (\d+) steps", re.MULTILINE)
_TOTAL = re.compile(r"^total\s+(\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RunProgress:
    """A run at work. ``rate``: environment steps per second; ``win_rate``: 0..1; NaN: unknown."""

    run: TrainingRun
    t_env: int
    t_max: int
    rate: float
    eta_s: float
    win_rate: float


@dataclass(frozen=True, slots=True)
class ExperimentProgress:
    """All runs of an experiment at one moment, and Snakemake's count of jobs.

    ``activity`` says what goes on when no run makes steps; empty when there is nothing to say.
    """

    runs: int
    done: int
    working: tuple[RunProgress, ...]
    jobs_done: int
    jobs: int
    activity: str = ""

    @property
    def fraction(self) -> float:
        """The fraction of all training steps that is done, 0..1."""
        partial = sum(min(1.0, p.t_env / p.t_max) for p in self.working if p.t_max)
        return (self.done + partial) / self.runs if self.runs else 1.0


def _number(data: dict[str, Any], key: str) -> float:
    value = data.get(key)
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    )


def read_run_progress(run: TrainingRun, since: float) -> RunProgress | None:
    """Return the progress that a run wrote after ``since`` (seconds of the epoch), else None."""
    path = run.folder / "work" / "progress.json"
    try:
        if path.stat().st_mtime < since:
            return None
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(data, dict):
        return None
    t_env = _number(data, "t_env")
    return RunProgress(
        run=run,
        t_env=0 if math.isnan(t_env) else int(t_env),
        t_max=run.t_max,
        rate=_number(data, "rate"),
        eta_s=_number(data, "eta_s"),
        win_rate=_number(data, "test_battle_won_mean"),
    )


def read_progress(
    runs: Sequence[TrainingRun], snakemake_log: Path, since: float
) -> ExperimentProgress:
    """Return the state of all runs; files older than ``since`` are those of an earlier call."""
    done = [run for run in runs if run.sentinel.is_file()]
    finished = set(done)
    working = [
        p
        for run in runs
        if run not in finished and (p := read_run_progress(run, since)) is not None
    ]
    try:
        text = snakemake_log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    steps = _STEPS.findall(text)
    total = _TOTAL.findall(text)
    jobs = int(steps[-1][1]) if steps else int(total[0]) if total else 0
    return ExperimentProgress(
        len(runs),
        len(done),
        tuple(working),
        int(steps[-1][0]) if steps else 0,
        jobs,
        "" if working else activity(text, since, len(done) == len(runs)),
    )


def duration(seconds: float) -> str:
    """Return ``1:02:03``, ``4:05`` or ``?``."""
    if not math.isfinite(seconds):
        return "?"
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def summary(progress: ExperimentProgress, started: float, now: float | None = None) -> str:
    """Return one line about the experiment.

    ``jobs 3/14, runs 2/9 complete, 31 % of the training, 1:20 elapsed``; before the first step,
    what goes on stands in the place of 0 %.
    """
    elapsed = (time.time() if now is None else now) - started
    jobs = f"jobs {progress.jobs_done}/{progress.jobs}, " if progress.jobs else ""
    state = [f"{100 * progress.fraction:.0f} % of the training"]
    if progress.activity:
        state = state * (progress.fraction > 0) + [progress.activity]
    return (
        f"{jobs}runs {progress.done}/{progress.runs} complete, {', '.join(state)}, "
        f"{duration(elapsed)} elapsed"
    )


def columns(progress: RunProgress) -> tuple[str, str, str, str, str]:
    """Return a run's cells: name, steps, rate, time left, last test win rate."""
    rate = f"{progress.rate:.0f}/s" if math.isfinite(progress.rate) else "?"
    win = f"{100 * progress.win_rate:.0f} %" if math.isfinite(progress.win_rate) else "-"
    steps = f"{progress.t_env:,}/{progress.t_max:,}"
    return progress.run.label, steps, rate, duration(progress.eta_s), win
