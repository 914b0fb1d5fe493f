"""One number per run or per group: final value, peak of the smoothed median, AUC, thresholds."""

import numpy as np
from numpy.typing import NDArray

from analysis.stats.curves import median_band
from analysis.stats.grid import common_end, trailing_mean

Floats = NDArray[np.float64]

FINAL_WINDOW = 10
TABLE_WINDOW = 8
ONE_EPISODE = 1 / 32  # of the 32 test episodes of one evaluation


def final_window(count: int) -> int:
    """How many last evaluations make the final value: 10, and n // 10 (at least 1) of short runs.

    The paper's runs have about 205 evaluations, so 10 is the last 5 % of training; ten of the
    eleven evaluations of a short demo would be its whole learning curve.
    """
    return min(FINAL_WINDOW, max(1, count // 10))


def final_value(values: Floats, window: int = FINAL_WINDOW) -> float:
    """Mean of a run's last ``window`` evaluations (all of them when there are fewer).

    With 32 episodes and 10 evaluations this is the smallest unit worth comparing: 320 episodes.
    """
    known = values[np.isfinite(values)]
    return float(known[-window:].mean()) if len(known) else float("nan")


def table_value(matrix: Floats, window: int = TABLE_WINDOW) -> float:
    """The SMAC paper's table: max over training of the smoothed across-seed median.

    max_k median_r trailing_mean(x_r, window)_k over the grid points that all runs reach and where
    the window is full (all points when the runs are shorter than the window).

    The published rule is not known exactly; this one reproduces the published table with a mean
    absolute error of about 1 percentage point (docs/smac_paper/smac_paper.md).

    Args:
        matrix: (R, G) runs on the common grid.
        window: evaluations in the trailing mean.
    """
    end = common_end(matrix)
    if end == 0:
        return float("nan")
    median = median_band(trailing_mean(matrix[:, :end], window)).center
    return float(np.nanmax(median[min(window, end) - 1 :]))


def area_under_curve(values: Floats) -> float:
    """Normalised area under one run's curve: trapezoid over the grid / its length.

    In the unit of the values (win rate: 0..1); a run of one point is that point.
    """
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return float("nan")
    if len(known) == 1:
        return float(known[0])
    return float(np.trapezoid(known) / (len(known) - 1))


def time_to_threshold(values: Floats, interval: int, threshold: float, window: int = 1) -> float:
    """First nominal env step at which the trailing mean is >= threshold; inf when never."""
    smooth = trailing_mean(values, window)
    hits = np.flatnonzero(smooth >= threshold)
    return float(hits[0] * interval) if len(hits) else float("inf")


def best_by_margin(medians: Floats, margin: float = ONE_EPISODE) -> NDArray[np.int64]:
    """On how many maps each algorithm is best by at least ``margin`` over every other.

    Args:
        medians: (A, M) medians of A algorithms on M maps, NaN = not run there.
        margin: in the unit of the medians.

    Returns:
        (A,) counts. A map with fewer than two algorithms counts for nobody.

    Source: SMAC paper, "number of maps where the algorithm's median is best by >= 1/32".
    """
    counts = np.zeros(medians.shape[0], dtype=np.int64)
    for column in medians.T:
        known = np.flatnonzero(np.isfinite(column))
        if len(known) < 2:
            continue
        order = known[np.argsort(column[known], kind="stable")]
        if column[order[-1]] - column[order[-2]] >= margin - 1e-12:
            counts[order[-1]] += 1
    return counts
