"""Two samples of runs against each other: improvement, differences, tests."""

from collections.abc import Sequence
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats as sps

from analysis.stats.bootstrap import Interval

Floats = NDArray[np.float64]


def probability_of_improvement(x: Floats, y: Floats) -> float:
    """P(X > Y) + P(X = Y) / 2 for a random run of each: Mann-Whitney's U / (n m).

    Source: Agarwal et al. 2021; U from :func:`scipy.stats.mannwhitneyu`.
    """
    if len(x) == 0 or len(y) == 0:
        return float("nan")
    u = sps.mannwhitneyu(x, y, method="asymptotic").statistic
    return float(u) / (len(x) * len(y))


def mean_improvement(
    pairs: Sequence[tuple[Floats, Floats]], reps: int = 2000, level: float = 0.95, seed: int = 0
) -> Interval:
    """Mean over maps of the probability of improvement, stratified percentile bootstrap.

    Args:
        pairs: per map the runs of X and of Y.
        reps: resamples; runs are resampled inside each map and algorithm.
        level: coverage.
        seed: seed of the generator.
    """
    pairs = [(np.asarray(x), np.asarray(y)) for x, y in pairs if len(x) and len(y)]
    if not pairs:
        return Interval(float("nan"), float("nan"), float("nan"))
    value = float(np.mean([probability_of_improvement(x, y) for x, y in pairs]))
    rng = np.random.default_rng(seed)
    total = np.zeros(reps)
    for x, y in pairs:
        sign = np.sign(x[:, None] - y[None, :]) / 2 + 0.5  # (n, m): 1, 0.5 or 0
        i = rng.integers(0, len(x), size=(reps, len(x)))
        j = rng.integers(0, len(y), size=(reps, len(y)))
        total += sign[i[:, :, None], j[:, None, :]].mean(axis=(1, 2))
    tail = 50 * (1 - level)
    low, high = np.percentile(total / len(pairs), (tail, 100 - tail))
    return Interval(value, float(low), float(high))


def paired_difference(
    x: dict[int, float], y: dict[int, float], reps: int = 2000, seed: int = 0
) -> tuple[Interval, int]:
    """Mean difference x - y over the seeds both have, with a bootstrap interval, and their count.

    Same seed means same network initialisation and environment stream only where the trainer
    seeds both from it; the pairing is a variance reduction, not a stronger claim.
    """
    seeds = sorted(set(x) & set(y))
    if not seeds:
        return Interval(float("nan"), float("nan"), float("nan")), 0
    d = np.array([x[s] - y[s] for s in seeds])
    rng = np.random.default_rng(seed)
    means = d[rng.integers(0, len(d), size=(reps, len(d)))].mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return Interval(float(d.mean()), float(low), float(high)), len(seeds)


def rank_test(x: Floats, y: Floats) -> float:
    """Two-sided Mann-Whitney p: exact up to 20 runs a side when there are no ties, else normal.

    Samples that are all equal give 1.
    """
    if len(x) == 0 or len(y) == 0:
        return float("nan")
    both = np.concatenate([x, y])
    if np.all(both == both[0]):
        return 1.0
    ties = len(np.unique(both)) < len(both)
    if ties and len(both) <= 14:
        return permutation_p(x, y)
    method: Literal["asymptotic", "exact"] = "asymptotic" if ties or len(both) > 40 else "exact"
    return float(sps.mannwhitneyu(x, y, alternative="two-sided", method=method).pvalue)


def permutation_p(x: Floats, y: Floats) -> float:
    """Exact two-sided p of the rank sum over all relabellings (for small samples with ties).

    The share of the C(n+m, n) relabellings whose rank sum is at least as far from its mean.
    """
    ranks = sps.rankdata(np.concatenate([x, y]))
    n, total = len(x), len(x) + len(y)
    middle = n * (total + 1) / 2
    sums = np.array([ranks[list(pick)].sum() for pick in combinations(range(total), n)])
    return float(np.mean(np.abs(sums - middle) >= abs(ranks[:n].sum() - middle) - 1e-9))
