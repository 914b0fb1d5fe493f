"""The learning curves of the page. Every statistic is computed here; the page only draws.

What the page offers is what this module computes in advance: the statistics and bands of ``BANDS``
for the metric that is shown and those of ``OTHERS``, smoothed over the windows of ``WINDOWS``.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.dataset.groups import RunGroup, build_groups
from analysis.dataset.records import RETURN, WIN_RATE
from analysis.dataset.storage import Dataset
from analysis.metrics import Metric, metric_of
from analysis.stats.curves import Band, iqm, iqm_band, mean_band, median_band, value_range
from analysis.stats.grid import stack, to_grid, trailing_mean
from analysis.stats.ragged import band_by_segment
from analysis.web.compact_numbers import common_scale, encode

Floats = NDArray[np.float64]


OTHERS = (WIN_RATE, RETURN, "test_ep_length_mean")
"""Offered beside the metric that is shown first, where a run logged them."""
RATE_RESOLUTION = 3200  # rates are stored rounded to 1/3200, a hundredth of one test episode
STEPS = 20_000  # other metrics: their range in so many steps
MAX_POINTS, MAX_OTHER_POINTS = 420, 120  # grid points of an unsmoothed curve; more are thinned
# statistic -> (name, {band: name}); the first band is the one shown first
BANDS = {
    "median": ("median", {"quartiles": "25-75 %", "range": "min-max", "none": "none"}),
    "mean": ("mean", {"sd": "±1 standard deviation", "range": "min-max", "none": "none"}),
    "iqm": ("interquartile mean", {"ci": "95 % bootstrap", "range": "min-max", "none": "none"}),
}
WINDOWS = (1, 5, 10)  # trailing means over so many evaluations; 1 = not smoothed
MAX_SMOOTH_POINTS = 50  # grid points of a smoothed curve, which changes slowly
UNFINISHED = ("RUNNING", "FAILED", "INTERRUPTED", "INCOMPLETE")


class CurveSet(NamedTuple):
    """One group under one smoothing window; all curves on every ``every``-th grid point."""

    every: int
    runs: list[Floats]  # the single runs, NaN after a run's end
    unfinished: list[Floats]  # runs that are not complete
    centers: dict[str, Floats]  # statistic -> curve over the part that all runs reach
    bands: dict[str, tuple[Floats, Floats]]  # band -> (low, high)

    def rows(self) -> Iterator[Floats]:
        """Every curve of the set."""
        yield from self.runs
        yield from self.unfinished
        yield from self.centers.values()
        for low, high in self.bands.values():
            yield from (low, high)


def page_metrics(dataset: Dataset) -> list[Metric]:
    """The metric that is shown first, then the others that a run in the statistics logged."""
    first = dataset.metric
    logged = set(map(str, dataset.included()["metric"].unique()))
    return [first, *(metric_of(k) for k in OTHERS if k in logged and k != first.key)]


def resolution_of(metric: Metric, groups: list[RunGroup]) -> float:
    """Values of a metric are stored rounded to one part in so many of its unit."""
    if metric.is_rate:
        return RATE_RESOLUTION
    largest = max((float(np.abs(r).max()) for g in groups for r in g.raw if len(r)), default=0.0)
    return STEPS / largest if largest > 0 else 1.0


def page_curves(dataset: Dataset, groups: list[RunGroup]) -> tuple[list[Any], dict[str, Any]]:
    """Metrics with their scale, and per metric one entry per group: window -> curves as text.

    Args:
        dataset: for the metrics that are not shown first.
        groups: groups of the metric shown first; the other metrics' entries follow their order.
    """
    metrics, curves = [], {}
    for at, metric in enumerate(page_metrics(dataset)):
        members = build_groups(dataset, metric.key) if at else groups
        unfinished = {} if at else unfinished_runs(dataset, metric.key)
        sets = [{w: curve_set(g, unfinished, w, first=not at) for w in WINDOWS} for g in members]
        rows = (row for by_window in sets for s in by_window.values() for row in s.rows())
        factor, offset = common_scale(rows, resolution_of(metric, members))
        metrics.append(
            {
                "key": metric.key,
                "name": metric.name,
                "is_rate": metric.is_rate,
                "percent": int(metric.scale),
                "unit": metric.unit,
                "factor": factor,
                "offset": offset,
            }
        )
        curves[metric.key] = [
            {str(w): encoded(s, factor, offset) for w, s in by_window.items()} for by_window in sets
        ]
    return metrics, curves


def curve_set(group: RunGroup, unfinished: dict[str, Any], window: int, *, first: bool) -> CurveSet:
    """All curves of a group; each run is smoothed first, then the statistics are taken over runs.

    The set of the metric shown first also holds the unfinished runs and, not smoothed, the IQM's
    bootstrap band.

    Args:
        group: runs of one algorithm on one map.
        unfinished: what :func:`unfinished_runs` found.
        window: evaluations in the trailing mean, 1 = none.
        first: whether the group's metric is the one that is shown first.
    """
    points = max(1, group.matrix.shape[1])
    most = MAX_POINTS if first else MAX_OTHER_POINTS
    every = math.ceil(points / (most if window == 1 else MAX_SMOOTH_POINTS))
    if (np.isfinite(group.matrix).sum(axis=1) <= 1).all():
        every = 1  # single evaluations, which thinning would lose
    runs = smooth_runs(group.matrix, window)[:, ::every]
    common = smooth_runs(group.drawn(), window)[:, ::every]
    ids = group.found_ids if first else []
    others = [unfinished[name] for name in ids if name in unfinished]
    on_grid = stack([to_grid(t, v, group.interval) for t, v in others])
    centers, bands = {}, {}
    if group.n:
        median, mean = (band_by_segment(common, s) for s in (median_band, mean_band))
        middle = band_by_segment(common, lambda m: Band(iqm(m), iqm(m), iqm(m)))
        centers = {"median": median.center, "mean": mean.center, "iqm": middle.center}
        bands = {
            "quartiles": (median.low, median.high),
            "sd": (mean.low, mean.high),
            "range": value_range(common),
        }
        if first and window == 1:
            interval = band_by_segment(common, iqm_band)
            bands["ci"] = (interval.low, interval.high)
    return CurveSet(
        every, list(runs), list(smooth_runs(on_grid, window)[:, ::every]), centers, bands
    )


def smooth_runs(matrix: Floats, window: int) -> Floats:
    """Trailing means of (R, G) runs; no value where the run itself has none."""
    return np.where(np.isfinite(matrix), trailing_mean(matrix, window), np.nan)


def encoded(curves: CurveSet, factor: float, offset: int) -> dict[str, Any]:
    """A curve set with its curves as text."""

    def text(row: Floats) -> str:
        return encode(row, factor, offset)

    return {
        "every": curves.every,
        "runs": [text(row) for row in curves.runs],
        "unfinished": [text(row) for row in curves.unfinished],
        "centers": {name: text(row) for name, row in curves.centers.items()},
        "bands": {name: [text(low), text(high)] for name, (low, high) in curves.bands.items()},
    }


def unfinished_runs(dataset: Dataset, metric: str) -> dict[str, Any]:
    """(t_env, value) of the runs that are only too short (running, failed, stubs), by run_id."""
    runs = dataset.runs
    part = runs[runs["status"].isin(UNFINISHED) & ~runs["included"]]
    tidy = dataset.tidy
    tidy = tidy[(tidy["metric"] == metric) & tidy["run_id"].isin(list(part["run_id"]))]
    return {
        str(run_id): (rows["t_env"].to_numpy(np.int64), rows["value"].to_numpy(np.float64))
        for run_id, rows in tidy.groupby("run_id", observed=True)
    }
