"""Groups of runs that may share a curve: one map, algorithm and backend, and one version of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.dataset.labels import backend_label
from analysis.dataset.records import TRAINING
from analysis.dataset.storage import Dataset
from analysis.dataset.view.differences import Difference, differing, variant_order
from analysis.dataset.view.group_keys import (
    GroupKey,
    alg_key,
    check_names,
    group_rows,
    label_of,
    natural,
)
from analysis.dataset.view.options import View
from analysis.metrics import Metric, metric_of
from analysis.stats.final import final_value, final_window
from analysis.stats.grid import common_end, stack, to_grid

Floats = NDArray[np.float64]
SOURCES_WITHOUT_SEEDS = (
    "smac-paper",
    "marl-eval",
)  # sources that number their runs and record no seeds


PlayedOn = tuple[str, str, tuple[int, ...]]  # backend, StarCraft II build, engine versions


@dataclass(slots=True)
class RunGroup:
    """Runs of one algorithm on one map and backend, on the common grid.

    ``matrix`` is (R, G), NaN after a run's end; ``raw`` the same runs' values by evaluation.
    ``engine_versions`` are those of the simulator's engine that played the runs: one, several when
    they were pooled as asked, none for the real game. ``found_ids`` are all runs of the group,
    those outside the statistics too. ``partial`` (R,) marks runs that are used although they did
    not reach their end; ``mixed`` are the settings in which the used runs differ; ``order`` sorts
    labels.
    """

    map: str
    alg: str
    backend: str
    sc2_build: str
    engine_versions: tuple[int, ...]
    label: str
    original: str  # the label before it was renamed: decides the colour
    metric: Metric
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
    kind: str = TRAINING  # or evaluations, or continued trainings, shown as asked
    variant: tuple[str, ...] = ()
    partial: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    mixed: list[Difference] = field(default_factory=list)
    order: tuple[Any, ...] = ()

    @property
    def n(self) -> int:
        """Runs in the statistics."""
        return len(self.run_ids)

    @property
    def name(self) -> str:
        """``qmix``; of a curve that is split ``qmix [td_lambda=0.4]``. Never renamed."""
        return f"{self.alg} [{', '.join(self.variant)}]" if self.variant else self.alg

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

    def full(self) -> Floats:
        """Rows of the matrix of the complete runs; all rows where none is complete."""
        return self.matrix[~self.partial] if (~self.partial).any() else self.matrix

    def common(self) -> Floats:
        """(R, G') the part of the matrix that every complete run reaches."""
        return self.matrix[:, : common_end(self.full())]

    def drawn(self) -> Floats:
        """(R, G'') what a curve shows: :meth:`common`, or more where an incomplete run goes on."""
        own = common_end(self.matrix[self.partial], coverage=0.0) if self.partial.any() else 0
        return self.matrix[:, : max(own, common_end(self.full()))]

    def final_window(self) -> int:
        """Evaluations behind a final value: by the shortest complete run of the group.

        A run that starts late counts with the evaluations it has not logged: it is not shorter.
        """
        counts = [len(t) + int(t[0]) // self.interval for t in self.raw_times if len(t)]
        lengths = [c for c, part in zip(counts, self.partial, strict=True) if not part]
        return final_window(min(lengths or counts, default=0))

    def finals(self) -> Floats:
        """(R,) final value of each run, in the metric's unit.

        Of an incomplete run over its own last evaluations, so that a short one does not change
        how the others are measured.
        """
        window = self.final_window()
        own = [min(window, final_window(len(r))) for r in self.raw]
        return np.array(
            [
                final_value(r, w if part else window)
                for r, w, part in zip(self.raw, own, self.partial, strict=True)
            ]
        )

    def legend(self) -> str:
        """``QMIX (n=5)``, ``QMIX (n=4 of 5)`` when runs were excluded; what else is unusual."""
        of = f" of {self.n_found}" if self.n_found > self.n else ""
        count = int(self.partial.sum())
        more = f", {count} incomplete" if count else ""
        if self.mixed:
            keys = [d.key for d in self.mixed]
            more += f", mixed {', '.join(keys) if len(keys) < 3 else f'{len(keys)} settings'}"
        return f"{self.label} (n={self.n}{of}{more})"


def build_groups(dataset: Dataset, metric: str | None = None) -> list[RunGroup]:
    """All groups with at least one run found, sorted by map and algorithm.

    Backends and StarCraft II builds are never pooled, versions of the simulator's engine only when
    the dataset says that they may: when a dataset holds several, the label carries them. Settings
    are kept apart where the view splits them; of other settings that differ each group knows which.

    Args:
        dataset: with its view.
        metric: stat key; None: the one that the view shows.

    Raises:
        ResultError: the view's new names make two curves of one name.
    """
    shown = dataset.metric if metric is None else metric_of(metric)
    series = dataset.series_of(shown.key)
    members = group_rows(dataset.runs, dataset.view, bool(dataset.info.get("pooled_engines")))
    used = [k for k, rows in members.items() if any(r["included"] for r in rows)]
    groups = [
        make_group(key, rows, series, label_of(key, used, View()), shown)
        for key, rows in members.items()
    ]
    for key, group in zip(members, groups, strict=True):
        group.order = order_of(group, dataset.view)
        group.label = label_of(key, used, dataset.view)
    check_names((g.map, g.label, g.alg) for g in groups if g.n)
    maps = dataset.view.maps
    return sorted(
        groups,
        key=lambda g: (maps.index(g.map) if g.map in maps else 0, natural(g.map), g.order),
    )


def order_of(group: RunGroup, view: View) -> tuple[Any, ...]:
    """Sort key of a curve: as chosen, then the paper's algorithms, by value of what is split."""
    asked = [i for i, name in enumerate(view.algs) if name in (group.alg, group.label)]
    first = asked[0] if asked else 0
    return (first, alg_key(group.alg), variant_order(group.variant), group.played_on)


def make_group(
    key: GroupKey,
    rows: list[dict[str, Any]],
    series: dict[str, tuple[NDArray[np.int64], Floats]],
    label: str,
    metric: Metric,
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
        original=label,
        metric=metric,
        interval=interval,
        run_ids=[str(r["run_id"]) for r in used],
        seeds=[-1 if pd.isna(r["seed"]) else int(r["seed"]) for r in used],
        matrix=stack([to_grid(t, v, interval) for t, v in pairs]),
        raw=[v for _, v in pairs],
        raw_times=[t for t, _ in pairs],
        n_found=len(rows),
        seeded=all(r["source"] not in SOURCES_WITHOUT_SEEDS for r in used),
        episodes=min(counts, default=0),
        excluded=[
            f"seed {r['seed']}: {why_not(r, metric)}"
            for r in rows
            if not r["included"] or str(r["run_id"]) not in series
        ],
        found_ids=sorted(str(r["run_id"]) for r in rows),
        kind=str(rows[0]["kind"]),
        variant=key.variant,
        partial=np.array([bool(r["partial"]) for r in used], dtype=bool),
        mixed=differing(used),
    )


def why_not(row: dict[str, Any], metric: Metric) -> str:
    """Why a run of the group is not in the statistics."""
    return f"has no {metric.key}" if row["included"] else str(row["reason"])


def backends_of(groups: list[RunGroup]) -> str:
    """Title text: what the curves were measured on, all backends and engine versions named."""
    seen = played_on(g for g in groups if g.n or len(groups) == 1) or played_on(groups)
    return " + ".join(backend_label(b, s or None, e) for b, s, e in seen) or "no runs"


def played_on(groups: Iterable[RunGroup]) -> list[PlayedOn]:
    """The different things that played the groups' battles, sorted."""
    return sorted({g.played_on for g in groups})
