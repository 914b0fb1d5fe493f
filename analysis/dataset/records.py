"""The record every reader produces: one run, whatever project wrote it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.metrics import RETURN as RETURN
from analysis.metrics import WIN_RATE as WIN_RATE

# Statuses a run can have; only COMPLETED runs enter statistics by default.
STATUSES = ("COMPLETED", "RUNNING", "FAILED", "INTERRUPTED", "PENDING", "INCOMPLETE", "BROKEN")

# What a run is; see analysis.dataset.checks.run_kind.
TRAINING, EVALUATION, CONTINUED = "training", "evaluation", "continued"


class MetricSeries(NamedTuple):
    """One metric of one run, sorted by environment step."""

    t_env: NDArray[np.int64]  # (K,) env steps
    value: NDArray[np.float64]  # (K,)


@dataclass(slots=True)
class RunRecord:
    """One run as read from disk: a training, or an evaluation or continuation of one.

    ``problems`` are things left out or repaired inside a run that is still used; ``reason``
    says why a run cannot be used at all (``status`` is then not COMPLETED).
    """

    path: str
    source: str  # which reader: "own", "pymarl", "epymarl", "smac-paper", "marl-eval"
    env: str = "unknown"
    map: str = "unknown"
    alg: str = "unknown"
    seed: int | None = None
    experiment: str = "unknown"
    kind: str = TRAINING  # or EVALUATION, CONTINUED: started from a saved model
    status: str = "INCOMPLETE"
    reason: str | None = None
    t_max: int | None = None
    test_interval: int | None = None
    series: dict[str, MetricSeries] = field(default_factory=dict)
    episodes: Path | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def t_last(self) -> int | None:
        """Env step of the last test evaluation, None when there is none."""
        best = self.evaluations()
        return int(best.t_env[-1]) if best is not None and len(best.t_env) else None

    def evaluations(self) -> MetricSeries | None:
        """The series that defines the evaluation clock (win rate, else return)."""
        for name in (WIN_RATE, RETURN):
            if name in self.series:
                return self.series[name]
        tests = sorted(k for k in self.series if k.startswith("test_"))
        return self.series[tests[0]] if tests else None


class Skipped(NamedTuple):
    """A file or folder that a reader left out, and why."""

    path: str
    reason: str
