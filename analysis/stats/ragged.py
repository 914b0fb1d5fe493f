"""Statistics over runs of unequal length: at each grid point over the runs that have a value."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis.stats.curves import Band

Floats = NDArray[np.float64]


def band_by_segment(matrix: Floats, statistic: Callable[[Floats], Band]) -> Band:
    """Apply a statistic of complete runs to ragged ones.

    The grid is cut where a run begins or ends; inside each segment the statistic is taken over the
    runs that have values there, so no value that is missing enters it. A point that no run has is
    NaN.

    Args:
        matrix: (R, G) values, NaN where a run has none.
        statistic: (r, g) values without NaN -> band of (g,).
    """
    width = matrix.shape[1]
    known = np.isfinite(matrix)
    out = Band(*(np.full(width, np.nan) for _ in range(3)))
    changes = np.flatnonzero((known[:, 1:] != known[:, :-1]).any(axis=0)) + 1
    for start, end in zip([0, *changes], [*changes, width], strict=True):
        rows = known[:, start:end].all(axis=1)
        if end > start and rows.any():
            for target, values in zip(out, statistic(matrix[rows, start:end]), strict=True):
                target[start:end] = values
    return out
