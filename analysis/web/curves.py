"""The learning curves of the page. Every statistic is computed here; the page only draws.

What the page offers is what this module computes in advance: the statistics and bands of ``BANDS``
for the metrics of ``METRICS``, smoothed over the windows of ``WINDOWS``.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.dataset.groups import RunGroup, build_groups
from analysis.dataset.records import RETURN, WIN_RATE
from analysis.dataset.storage import Dataset
from analysis.stats.curves import iqm, iqm_band, mean_band, median_band, value_range
from analysis.stats.grid import stack, to_grid, trailing_mean
from analysis.web.compact_numbers import common_scale, encode

Floats = NDArray[np.float64]


class PageMetric(NamedTuple):
    """A metric that the page can show; it is written as ``value * percent``, then the unit."""

    key: str
    name: str
    resolution: float  # values are stored rounded to 1/resolution
    max_points: int  # grid points of an unsmoothed curve; more are thinned
    percent: int  # 100 for rates, else 1
    unit: str


METRICS = (
    PageMetric(WIN_RATE, "Test win rate", 3200, 420, 100, "%"),
    PageMetric(RETURN, "Test return", 100, 120, 1, ""),
    PageMetric("test_ep_length_mean", "Test episode length", 10, 120, 1, "steps"),
)
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


def page_curves(dataset: Dataset, groups: list[RunGroup]) -> tuple[list[Any], dict[str, Any]]:
    """Metrics with their scale, and per metric one entry per group: window -> curves as text.

    Args:
        dataset: for metrics other than the win rate.
        groups: the win rate's groups; the other metrics' entries follow their order.
    """
    unfinished = unfinished_runs(dataset)
    metrics, curves = [], {}
    for metric in METRICS:
        members = groups if metric.key == WIN_RATE else build_groups(dataset, metric.key)
        sets = [{w: curve_set(metric, g, unfinished, w) for w in WINDOWS} for g in members]
        rows = (row for by_window in sets for s in by_window.values() for row in s.rows())
        factor, offset = common_scale(rows, metric.resolution)
        metrics.append(
            {
                "key": metric.key,
                "name": metric.name,
                "percent": metric.percent,
                "unit": metric.unit,
                "factor": factor,
                "offset": offset,
            }
        )
        curves[metric.key] = [
            {str(w): encoded(s, factor, offset) for w, s in by_window.items()} for by_window in sets
        ]
    return metrics, curves


def curve_set(
    metric: PageMetric, group: RunGroup, unfinished: dict[str, Any], window: int
) -> CurveSet:
    """All curves of a group; each run is smoothed first, then the statistics are taken over runs.

    The win rate's set also holds the unfinished runs and, not smoothed, the IQM's bootstrap band.

    Args:
        metric: what the group's values are.
        group: complete runs of one algorithm on one map.
        unfinished: what :func:`unfinished_runs` found.
        window: evaluations in the trailing mean, 1 = none.
    """
    is_win_rate = metric.key == WIN_RATE
    points = max(1, group.matrix.shape[1])
    every = math.ceil(points / (metric.max_points if window == 1 else MAX_SMOOTH_POINTS))
    runs = smooth_runs(group.matrix, window)[:, ::every]
    common = trailing_mean(group.common(), window)[:, ::every]
    ids = group.found_ids if is_win_rate else []
    others = [unfinished[name] for name in ids if name in unfinished]
    on_grid = stack([to_grid(t, v, group.interval) for t, v in others])
    centers, bands = {}, {}
    if group.n:
        median, mean = median_band(common), mean_band(common)
        centers = {"median": median.center, "mean": mean.center, "iqm": iqm(common)}
        bands = {
            "quartiles": (median.low, median.high),
            "sd": (mean.low, mean.high),
            "range": value_range(common),
        }
        if is_win_rate and window == 1:
            interval = iqm_band(common)
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


def unfinished_runs(dataset: Dataset) -> dict[str, Any]:
    """(t_env, win rate) of the runs that are not complete (running, failed, stubs), by run_id."""
    runs = dataset.runs
    part = runs[runs["status"].isin(UNFINISHED)]
    tidy = dataset.tidy
    tidy = tidy[(tidy["metric"] == WIN_RATE) & tidy["run_id"].isin(list(part["run_id"]))]
    return {
        str(run_id): (rows["t_env"].to_numpy(np.int64), rows["value"].to_numpy(np.float64))
        for run_id, rows in tidy.groupby("run_id", observed=True)
    }
