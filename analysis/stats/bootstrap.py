"""Stratified bootstrap intervals, seeded with an explicit generator."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.stats.curves import iqm

Floats = NDArray[np.float64]
BATCH_VALUES = 4_000_000  # values resampled at once: bounds memory to about 32 MB


class Interval(NamedTuple):
    """A point estimate with a two-sided interval."""

    value: float
    low: float
    high: float


def stratified_bootstrap(
    tasks: Sequence[Floats],
    statistic: Callable[[Floats], Floats] = iqm,
    reps: int = 5000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Percentile bootstrap of a statistic of the pooled runs, resampling inside each task.

    Args:
        tasks: one (R_m,) array of per-run scores for each of M tasks; the R_m may differ.
        statistic: maps (n, reps) values to (reps,), e.g. :func:`iqm` over axis 0.
        reps: resamples.
        level: coverage of the percentile interval.
        seed: seed of the generator; same input and seed, same interval.

    Returns:
        Point estimate and interval; NaN for no runs; zero width for single-run tasks.

    Source: Agarwal et al. 2021 (rliable), "stratified bootstrap confidence intervals".
    """
    groups = [np.asarray(t, dtype=np.float64) for t in tasks if len(t)]
    if not groups:
        return Interval(float("nan"), float("nan"), float("nan"))
    value = float(statistic(np.concatenate(groups)[:, None])[0])
    rng = np.random.default_rng(seed)
    total = sum(len(g) for g in groups)
    step = max(1, BATCH_VALUES // total)
    out = []
    for start in range(0, reps, step):
        size = min(step, reps - start)
        parts = [g[rng.integers(0, len(g), size=(len(g), size))] for g in groups]
        out.append(statistic(np.concatenate(parts)))
    tail = 50 * (1 - level)
    low, high = np.percentile(np.concatenate(out), (tail, 100 - tail))
    return Interval(value, float(low), float(high))
