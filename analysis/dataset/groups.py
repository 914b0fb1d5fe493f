"""Groups of runs that may share a curve: one map, algorithm and backend, and one version of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.dataset.checks.run_kind import KINDS, shown_alg
from analysis.dataset.labels import SIMULATED, alg_label, backend_label, engine_label
from analysis.dataset.records import WIN_RATE
from analysis.dataset.storage import Dataset
from analysis.stats.final import final_value, final_window
from analysis.stats.grid import common_end, stack, to_grid

Floats = NDArray[np.float64]
SOURCES_WITHOUT_SEEDS = (
    "smac-paper",
    "marl-eval",
)  # sources that number their runs and record no seeds
PAPER_ALGORITHMS = ["qmix", "vdn", "iql", "qtran", "coma"]  # the paper's; others follow by name


class GroupKey(NamedTuple):
    """What runs must have in common to share a curve."""

    map: str
    alg: str
    backend: str
    sc2_build: str  # empty when there was none
    engine: int  # version of the simulator's engine; 0: none, not known, or pooled


PlayedOn = tuple[str, str, tuple[int, ...]]  # backend, StarCraft II build, engine versions


@dataclass(slots=True)
class RunGroup:
    """Runs of one algorithm on one map and backend, on the common grid.

    ``matrix`` is (R, G), NaN after a run's end; ``raw`` the same runs' values by evaluation.
    ``engine_versions`` are those of the simulator's engine that played the runs: one, several when
    they were pooled as asked, none for the real game. ``found_ids`` are all runs of the group,
    those outside the statistics too.
    """

    map: str
    alg: str
    backend: str
    sc2_build: str
    engine_versions: tuple[int, ...]
    label: str
    interval: int
    run_ids: list[str]
    seeds: list[int]
    matrix: Floats
    raw: list[Floats]
    raw_times: list[NDArray[np.int64]]
    n_found: int = 0
    seeded: bool = True  # ``seeds`` are seeds, not only numbers of runs
    episodes: int = 0  # test episodes per evaluation, 0 when not recorded
    excluded: list[str] = field(default_factory=list)
    found_ids: list[str] = field(default_factory=list)

    @property
    def n(self) -> int:
        """Runs in the statistics."""
        return len(self.run_ids)

    @property
    def played_on(self) -> PlayedOn:
        """What played the battles: results of groups that differ in it are not comparable."""
        return (self.backend, self.sc2_build, self.engine_versions)

    @property
    def engine(self) -> str:
        """``2``; of pooled runs ``1 + 2``; empty for the real game and where it is not known."""
        return " + ".join(map(str, self.engine_versions))

    @property
    def times(self) -> NDArray[np.int64]:
        """(G,) nominal env steps."""
        return np.arange(self.matrix.shape[1], dtype=np.int64) * self.interval

    def common(self) -> Floats:
        """(R, G') the part of the matrix that every run reaches."""
        return self.matrix[:, : common_end(self.matrix)]

    def final_window(self) -> int:
        """Evaluations behind a final value: by the shortest run of the group.

        A run that starts late counts with the evaluations it has not logged: it is not shorter.
        """
        counts = [len(t) + int(t[0]) // self.interval for t in self.raw_times if len(t)]
        return final_window(min(counts, default=0))

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
    return (PAPER_ALGORITHMS.index(low) if low in PAPER_ALGORITHMS else len(PAPER_ALGORITHMS), low)


def build_groups(dataset: Dataset, metric: str = WIN_RATE) -> list[RunGroup]:
    """All groups with at least one run found, sorted by map and algorithm.

    Backends and StarCraft II builds are never pooled, versions of the simulator's engine only when
    the dataset says that they may: when a dataset holds several, the label carries them.
    Evaluations and continued trainings are groups of their own, or, left out, in no group.
    """
    series = series_by_run(dataset, metric)
    columns = ["run_id", "map", "alg", "seed", "reason", "included", "source", "kind", "code"]
    columns += ["test_interval", "test_nepisode"]
    table = dataset.runs[columns].copy()
    table["backend"] = dataset.runs["backend"].fillna("unknown")
    table["sc2_build"] = dataset.runs["sc2_build"].fillna("")
    table["engine_version"] = dataset.runs["engine_version"].fillna(0)
    pooled = bool(dataset.info.get("pooled_engines"))
    members: dict[GroupKey, list[dict[str, Any]]] = {}
    for row in table.astype(object).to_dict("records"):
        if row["code"] in KINDS:
            continue
        alg = shown_alg(str(row["alg"]), str(row["kind"]))
        engine = 0 if pooled else int(row["engine_version"])
        played_on = (str(row["backend"]), str(row["sc2_build"]), engine)
        key = GroupKey(str(row["map"]), alg, *played_on)
        members.setdefault(key, []).append({str(k): v for k, v in row.items()})
    place_unfinished(members)
    used = [k for k, rows in members.items() if any(r["included"] for r in rows)]
    groups = [
        make_group(key, rows, series, label_of(key, used)) for key, rows in members.items() if rows
    ]
    return sorted(groups, key=lambda g: (natural(g.map), alg_key(g.alg), g.played_on))


def place_unfinished(members: dict[GroupKey, list[dict[str, Any]]]) -> None:
    """Count runs that have not told their engine's version yet with those of the newest one.

    A run tells it when it has finished; until then it would be a group of its own.
    """
    for key, rows in members.items():
        if key.backend not in SIMULATED or key.engine or any(r["included"] for r in rows):
            continue
        newest = max((k for k in members if k[:4] == key[:4]), key=lambda k: k.engine)
        if newest != key:
            members[newest] += rows
            rows.clear()


def label_of(key: GroupKey, used: Iterable[GroupKey]) -> str:
    """The algorithm, and what played its battles when that differs among the groups ``used``."""
    label = alg_label(key.alg)
    if len({k[2:] for k in used}) < 2:
        return label
    name = key.backend if key.backend in SIMULATED else key.sc2_build or key.backend
    engines = {k.engine for k in used if k.backend in SIMULATED}
    if key.backend in SIMULATED and len(engines) > 1:
        name += f", {engine_label([key.engine])}" if key.engine else ", engine not recorded"
    return f"{label} [{name}]"


def series_by_run(dataset: Dataset, metric: str) -> dict[str, tuple[NDArray[np.int64], Floats]]:
    """run_id -> (t_env, value) of the included runs that logged the metric."""
    tidy = dataset.tidy
    part = tidy.loc[(tidy["metric"] == metric) & tidy["included"], ["run_id", "t_env", "value"]]
    codes = part["run_id"].cat.codes.to_numpy()
    names = part["run_id"].cat.categories
    times, values = part["t_env"].to_numpy(np.int64), part["value"].to_numpy(np.float64)
    order = np.argsort(codes, kind="stable")
    cuts = np.flatnonzero(np.diff(codes[order])) + 1
    blocks = [b for b in np.split(order, cuts) if len(b)]
    return {str(names[codes[b[0]]]): (times[b], values[b]) for b in blocks}


def make_group(
    key: GroupKey,
    rows: list[dict[str, Any]],
    series: dict[str, tuple[NDArray[np.int64], Floats]],
    label: str,
) -> RunGroup:
    """One group from the rows of its runs."""
    used = [r for r in rows if r["included"] and str(r["run_id"]) in series]
    used.sort(key=lambda r: (-1 if pd.isna(r["seed"]) else int(r["seed"]), str(r["run_id"])))
    steps = [int(r["test_interval"]) for r in used if pd.notna(r["test_interval"])]
    interval = max(steps, default=10_000)
    counts = [0 if pd.isna(r["test_nepisode"]) else int(r["test_nepisode"]) for r in used]
    pairs = [series[str(r["run_id"])] for r in used]
    engines = {int(r["engine_version"]) for r in used or rows} - {0}
    return RunGroup(
        map=key.map,
        alg=key.alg,
        backend=key.backend,
        sc2_build=key.sc2_build,
        engine_versions=tuple(sorted(engines)),
        label=label,
        interval=interval,
        run_ids=[str(r["run_id"]) for r in used],
        seeds=[-1 if pd.isna(r["seed"]) else int(r["seed"]) for r in used],
        matrix=stack([to_grid(t, v, interval) for t, v in pairs]),
        raw=[v for _, v in pairs],
        raw_times=[t for t, _ in pairs],
        n_found=len(rows),
        seeded=all(r["source"] not in SOURCES_WITHOUT_SEEDS for r in used),
        episodes=min(counts, default=0),
        excluded=[f"seed {r['seed']}: {r['reason']}" for r in rows if not r["included"]],
        found_ids=sorted(str(r["run_id"]) for r in rows),
    )


def natural(text: str) -> tuple[object, ...]:
    """Sort key that puts 3m before 10m."""
    digits = ""
    for char in text:
        if not (char.isascii() and char.isdigit()):
            break
        digits += char
    return (int(digits[:18]) if digits else 10**18, text)


def backends_of(groups: list[RunGroup]) -> str:
    """Title text: what the curves were measured on, all backends and engine versions named."""
    seen = played_on(g for g in groups if g.n or len(groups) == 1) or played_on(groups)
    return " + ".join(backend_label(b, s or None, e) for b, s, e in seen) or "no runs"


def played_on(groups: Iterable[RunGroup]) -> list[PlayedOn]:
    """The different things that played the groups' battles, sorted."""
    return sorted({g.played_on for g in groups})
