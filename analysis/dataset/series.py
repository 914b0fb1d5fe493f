"""Stat lists from log files to clean, sorted arrays. Shared by all readers."""

import math
from typing import Any

import numpy as np

from analysis.dataset.json_values import as_number
from analysis.dataset.records import MetricSeries

T_LIMIT = 10**12  # env steps; anything above is a corrupt or hostile number


def make_series(name: str, times: Any, values: Any, problems: list[str]) -> MetricSeries | None:
    """Pair times and values, drop what is unusable (noted in ``problems``), sort by time.

    Lists of unequal length are cut to the shorter one (a killed heartbeat writes such files);
    values that are not finite and times outside [0, 1e12] or not whole are dropped; of equal
    times the last written value stays.
    """
    if not isinstance(times, list) or not isinstance(values, list):
        problems.append(f"{name}: not a list, left out")
        return None
    if len(times) != len(values):
        problems.append(f"{name}: {len(values)} values, {len(times)} times; cut to the shorter")
    count = min(len(times), len(values))
    t = np.array([as_number(x) for x in times[:count]], dtype=np.float64)
    v = np.array([as_number(x) for x in values[:count]], dtype=np.float64)
    return clean(name, t, v, problems)


def clean(name: str, t: Any, v: Any, problems: list[str]) -> MetricSeries | None:
    """Array form of :func:`make_series`; returns None when nothing usable is left."""
    good = np.isfinite(t) & np.isfinite(v) & (t >= 0) & (t <= T_LIMIT)
    good &= np.abs(np.where(np.isfinite(v), v, 0.0)) < 1e300
    bad = int(len(t) - good.sum())
    if bad:
        problems.append(f"{name}: {bad} of {len(t)} points not usable (NaN, infinite or t_env)")
    t, v = np.floor(t[good]).astype(np.int64), v[good]
    if not len(t):
        return None
    if np.any(np.diff(t) < 0):
        problems.append(f"{name}: times not ascending, sorted")
    order = np.argsort(t, kind="stable")
    t, v = t[order], v[order]
    keep = np.append(np.diff(t) > 0, True)
    if not keep.all():
        problems.append(f"{name}: {int((~keep).sum())} repeated times, last value kept")
    return MetricSeries(t[keep], v[keep])


def infer_interval(times: np.ndarray[Any, np.dtype[np.int64]]) -> int | None:
    """Nominal evaluation interval from actual times.

    An evaluation happens at the first episode end past the nominal time, so gaps are at
    or a little above the interval: the median gap (10,033 in the SMAC data) is rounded to one
    significant digit when that changes it by at most 8 %, to two digits otherwise.
    """
    if len(times) < 3:
        return None
    gap = float(np.median(np.diff(times)))
    if gap < 1:
        return None
    for digits in (1, 2):
        step = 10 ** (math.floor(math.log10(gap)) - digits + 1)
        rounded = max(1, round(gap / step)) * step
        if abs(rounded - gap) <= 0.08 * gap:
            return max(1, int(rounded))
    return max(1, round(gap))
