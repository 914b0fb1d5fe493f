"""Where the uncertainty of a win rate comes from, and how many seeds a claim needs."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats as sps

Floats = NDArray[np.float64]


class Spread(NamedTuple):
    """Standard deviations of a run's final value, in the unit of the values."""

    total: float  # over runs, ddof 1
    binomial: float  # expected from the finite number of test episodes alone
    seeds: float  # what is left: sqrt(max(0, total^2 - binomial^2))


def spread(finals: Floats, episodes: int) -> Spread:
    """Split the variance over runs of a win rate measured on ``episodes`` episodes per run.

    Var_total = Var_seeds + mean_r p_r (1 - p_r) / (episodes - 1), the last term being the unbiased
    estimate of the binomial part; a negative rest is shown as 0.

    Args:
        finals: (R,) win rates in 0..1.
        episodes: test episodes behind each of them (32 per evaluation x evaluations).
    """
    if len(finals) == 0 or episodes < 1:
        return Spread(float("nan"), float("nan"), float("nan"))
    total = float(np.var(finals, ddof=1)) if len(finals) > 1 else float("nan")
    noise = float(np.mean(finals * (1 - finals)) / max(1, episodes - 1))
    rest = max(0.0, total - noise) if math.isfinite(total) else float("nan")
    return Spread(math.sqrt(total), math.sqrt(noise), math.sqrt(rest))


def power(n: int, difference: float, sd: float, alpha: float = 0.05) -> float:
    """Chance that a two-sided two-sample t test with n runs a side sees a true difference.

    Non-central t with 2n - 2 degrees of freedom and shift difference / (sd sqrt(2 / n)).
    """
    if n < 2:
        return 0.0
    if sd <= 0:
        return 1.0 if difference else alpha
    df = 2 * n - 2
    shift = abs(difference) / (sd * math.sqrt(2 / n))
    limit = sps.t.ppf(1 - alpha / 2, df)
    upper, lower = sps.nct.sf(limit, df, shift), sps.nct.cdf(-limit, df, shift)
    return float(np.nan_to_num(upper, nan=1.0) + np.nan_to_num(lower, nan=0.0))


def seeds_needed(
    difference: float, sd: float, alpha: float = 0.05, wanted: float = 0.8, max_seeds: int = 1000
) -> int | None:
    """Smallest number of runs a side with power >= ``wanted``; None when above ``max_seeds``."""
    if difference <= 0 or not math.isfinite(sd):
        return None
    low, high = 2, max_seeds
    if power(high, difference, sd, alpha) < wanted:
        return None
    while low < high:
        middle = (low + high) // 2
        if power(middle, difference, sd, alpha) >= wanted:
            high = middle
        else:
            low = middle + 1
    return low


def pooled_sd(x: Floats, y: Floats) -> float:
    """Root of the pooled variance of two samples (ddof 1), in the unit of the values."""
    df = len(x) + len(y) - 2
    if df <= 0:
        return float("nan")
    square = ((x - x.mean()) ** 2).sum() + ((y - y.mean()) ** 2).sum()
    return float(np.sqrt(square / df))
