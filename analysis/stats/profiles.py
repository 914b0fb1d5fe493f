"""Performance profiles and aggregates over maps."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.stats.curves import Band, mean_band

Floats = NDArray[np.float64]


def performance_profile(tasks: Sequence[Floats], thresholds: Floats) -> Floats:
    """Share of runs with a score above each threshold: mean over maps of the share per map.

    F(tau) = 1/M sum_m 1/R_m sum_r [x_mr > tau]. Equal to rliable's run-score distribution when
    all maps have the same number of runs.

    Args:
        tasks: M arrays of per-run scores.
        thresholds: (K,) values of tau.
    """
    groups = [np.asarray(t) for t in tasks if len(t)]
    if not groups:
        return np.full(len(thresholds), np.nan)
    shares = [(g[:, None] > thresholds[None, :]).mean(axis=0) for g in groups]
    return np.asarray(np.mean(shares, axis=0))


def profile_band(
    tasks: Sequence[Floats], thresholds: Floats, reps: int = 1000, seed: int = 0
) -> Band:
    """The profile with a pointwise 95 % stratified bootstrap band."""
    groups = [np.asarray(t) for t in tasks if len(t)]
    center = performance_profile(groups, thresholds)
    if not groups:
        return Band(center, center.copy(), center.copy())
    rng = np.random.default_rng(seed)
    total = np.zeros((reps, len(thresholds)))
    for group in groups:
        above = (group[:, None] > thresholds[None, :]).astype(float)  # (R, K)
        count = rng.multinomial(len(group), np.full(len(group), 1 / len(group)), size=reps)
        total += count @ above / len(group)
    low, high = np.percentile(total / len(groups), (2.5, 97.5), axis=0)
    return Band(center, low, high)


def optimality_gap(tasks: Sequence[Floats], target: float = 1.0) -> float:
    """Mean shortfall below ``target``: target - mean(min(x, target)) over all runs of all maps."""
    pool = np.concatenate([np.asarray(t) for t in tasks]) if tasks else np.zeros(0)
    return float(target - np.minimum(pool, target).mean()) if len(pool) else float("nan")


def mean_of_medians(curves: Sequence[Floats]) -> Floats:
    """Mean over maps of per-map median curves, cut to the shortest: the paper's cross-map plot.

    Where a map has no value yet, because all of its runs start later, it is the mean of the others.
    """
    if not curves:
        return np.zeros(0)
    end = min(len(c) for c in curves)
    return mean_band(np.array([c[:end] for c in curves])).center
