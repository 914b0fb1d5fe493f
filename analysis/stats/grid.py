"""The common t_env grid: ragged evaluation times to a (runs x grid) matrix."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def to_grid(t_env: Ints, value: Floats, interval: int) -> Floats:
    """Put one run on the nominal grid 0, i, 2i, ...: point k is the evaluation in [k i, (k+1) i).

    PyMARL evaluates at the first episode end at or past k * interval, so an evaluation belongs to
    the bin its time falls in. Upstream's clock drifts (gaps 10,000-11,360 at interval 10,000), so
    a bin may be empty: it takes the previous value. Of several in a bin the last counts. Nothing
    is extrapolated: the result ends with the run's last evaluation, and bins before the first
    evaluation are NaN.

    Args:
        t_env: (K,) ascending env steps, >= 0.
        value: (K,) values.
        interval: nominal interval in env steps, > 0.

    Returns:
        (G_run,) values, G_run = floor(t_env[-1] / interval) + 1; empty for an empty run.
    """
    if interval <= 0:
        raise ValueError(f"interval must be positive, got {interval}")
    if len(t_env) == 0:
        return np.zeros(0)
    bins = t_env // interval
    grid = np.full(int(bins[-1]) + 1, np.nan)
    grid[bins] = value  # ascending: the last evaluation of a bin wins
    known = np.isfinite(grid)
    last = np.maximum.accumulate(np.where(known, np.arange(len(grid)), -1))
    return np.where(last >= 0, grid[np.maximum(last, 0)], np.nan)


def stack(rows: Sequence[Floats]) -> Floats:
    """Ragged rows to an (R, G) matrix padded with NaN at the end."""
    width = max((len(r) for r in rows), default=0)
    out = np.full((len(rows), width), np.nan)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


def common_end(matrix: Floats, coverage: float = 1.0) -> int:
    """Number of leading grid points that at least ``coverage`` of the runs reach.

    A run reaches a point when its last value is there or later. With the default every point of a
    curve is a statistic of the same runs, but for points before the first value of a run that
    starts late: they are of the others.
    """
    if matrix.size == 0:
        return 0
    known = np.isfinite(matrix)
    ends = np.where(known.any(axis=1), matrix.shape[1] - np.argmax(known[:, ::-1], axis=1), 0)
    needed = max(1, math.ceil(coverage * len(ends) - 1e-9))
    return int(np.sort(ends)[len(ends) - needed])


def trailing_mean(values: Floats, window: int) -> Floats:
    """Mean over the last ``window`` grid points along the last axis, shorter at the start.

    y_k = mean(x_{max(0, k-w+1)}, ..., x_k), NaN left out; NaN where the window holds no value.
    """
    if window < 1:
        raise ValueError(f"window must be at least 1, got {window}")
    if window == 1:
        return values.copy()
    known = np.isfinite(values)
    total = np.cumsum(np.where(known, values, 0.0), axis=-1)
    count = np.cumsum(known, axis=-1)
    total, count = (_windowed(c.astype(float), window) for c in (total, count))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _windowed(cumulative: Floats, window: int) -> Floats:
    """Differences of a cumulative sum over ``window`` points."""
    out = cumulative.copy()
    out[..., window:] -= cumulative[..., :-window]
    return out
