"""Groups of runs that may share a curve: (map, algorithm, backend, StarCraft II build)."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.dataset import Dataset
from analysis.labels import alg_label, backend_label
from analysis.records import WIN_RATE
from analysis.stats.final import final_value, final_window
from analysis.stats.grid import common_end, stack, to_grid

Floats = NDArray[np.float64]
ORDER = ["qmix", "vdn", "iql", "qtran", "coma"]  # the paper's; others follow by name


@dataclass(slots=True)
class Group:
    """Runs of one algorithm on one map and backend, on the common grid.

    ``matrix`` is (R, G), NaN after a run's end; ``raw`` the same runs' values by evaluation.
    """

    map: str
    alg: str
    backend: str
    sc2_build: str
    label: str
    interval: int
    run_ids: list[str]
    seeds: list[int]
    matrix: Floats
    raw: list[Floats]
    raw_times: list[NDArray[np.int64]]
    n_found: int = 0
    excluded: list[str] = field(default_factory=list)

    @property
    def n(self) -> int:
        """Runs in the statistics."""
        return len(self.run_ids)

    @property
    def times(self) -> NDArray[np.int64]:
        """(G,) nominal env steps."""
        return np.arange(self.matrix.shape[1], dtype=np.int64) * self.interval

    def common(self) -> Floats:
        """(R, G') the part of the matrix that every run reaches."""
        return self.matrix[:, : common_end(self.matrix)]

    def final_window(self) -> int:
        """Evaluations behind a final value: by the shortest run of the group."""
        return final_window(min((len(r) for r in self.raw), default=0))

    def finals(self) -> Floats:
        """(R,) final value of each run, in the metric's unit."""
        return np.array([final_value(r, self.final_window()) for r in self.raw])

    def legend(self) -> str:
        """``QMIX (n=5)``, or ``QMIX (n=4 of 5)`` when runs were excluded."""
        of = f" of {self.n_found}" if self.n_found > self.n else ""
        return f"{self.label} (n={self.n}{of})"


def alg_key(alg: str) -> tuple[int, str]:
    """Sort key: the paper's algorithms first, in its order."""
    low = alg.lower()
    return (ORDER.index(low) if low in ORDER else len(ORDER), low)


def build_groups(dataset: Dataset, metric: str = WIN_RATE) -> list[Group]:
    """All groups with at least one run found, sorted by map and algorithm.

    Backends (and StarCraft II builds) are never pooled: when a dataset holds several, the label
    carries the backend.
    """
    keys = ["map", "alg", "backend", "sc2_build"]
    runs = dataset.runs.copy()
    runs["sc2_build"] = runs["sc2_build"].fillna("")
    runs["backend"] = runs["backend"].fillna("unknown")
    several = len(runs[runs["included"]][["backend", "sc2_build"]].drop_duplicates()) > 1
    tidy = dataset.tidy
    tidy = tidy[(tidy["metric"] == metric) & tidy["included"]]
    per_run = {
        str(run_id): (part["t_env"].to_numpy(np.int64), part["value"].to_numpy(np.float64))
        for run_id, part in tidy.groupby("run_id", observed=True, sort=False)
    }
    groups = []
    for (map_name, alg, backend, build), part in runs.groupby(keys, sort=True):
        used = part[part["included"] & part["run_id"].isin(list(per_run))]
        used = used.sort_values(["seed", "run_id"])
        ids = [str(r) for r in used["run_id"]]
        steps = used["test_interval"].dropna()
        interval = int(steps.max()) if len(steps) else 10_000
        label = alg_label(str(alg))
        if several:
            label += f" [{build or backend}]"
        rows = [to_grid(*per_run[r], interval) for r in ids]
        groups.append(
            Group(
                map=str(map_name), alg=str(alg), backend=str(backend), sc2_build=str(build),
                label=label, interval=interval, run_ids=ids,
                seeds=[int(s) if pd.notna(s) else -1 for s in used["seed"]],
                matrix=stack(rows), raw=[per_run[r][1] for r in ids],
                raw_times=[per_run[r][0] for r in ids], n_found=len(part),
                excluded=[f"seed {s}: {w}" for s, w in excluded_reasons(part)],
            )
        )  # fmt: skip
    return sorted(groups, key=lambda g: (natural(g.map), alg_key(g.alg), g.backend, g.sc2_build))


def excluded_reasons(part: pd.DataFrame) -> list[tuple[str, str]]:
    """(seed, reason) of the runs of a group that are left out."""
    out = part[~part["included"]]
    return [(str(s), str(r)) for s, r in zip(out["seed"], out["reason"], strict=True)]


def natural(text: str) -> tuple[object, ...]:
    """Sort key that puts 3m before 10m."""
    digits = ""
    for char in text:
        if not (char.isascii() and char.isdigit()):
            break
        digits += char
    return (int(digits[:18]) if digits else 10**18, text)


def backends_of(groups: list[Group]) -> str:
    """Title text: what the curves were measured on, all backends named."""
    seen = sorted({(g.backend, g.sc2_build) for g in groups if g.n or len(groups) == 1})
    seen = seen or sorted({(g.backend, g.sc2_build) for g in groups})
    return " + ".join(backend_label(b, s or None) for b, s in seen) or "no runs"
