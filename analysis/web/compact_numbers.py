"""Curves as short text: whole numbers, two characters each; ``core.js`` turns them back.

A page for hundreds of runs holds millions of numbers. Written as decimal text they take about five
characters each, in base64 nearly three.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Printable ASCII without the space and what JSON or HTML would have to escape.
DIGITS = "".join(c for c in map(chr, range(0x21, 0x7F)) if c not in '"\\<>&')
BASE = len(DIGITS)
MISSING = BASE**2 - 1  # the code of NaN; numbers use the codes below it
_DIGIT_BYTES = np.frombuffer(DIGITS.encode("ascii"), dtype=np.uint8)


def common_scale(rows: Iterable[Floats], factor: float) -> tuple[float, int]:
    """The scale on which all rows fit into two characters.

    Args:
        rows: arrays of any length, NaN = no value.
        factor: wanted resolution, values are rounded to 1/factor; halved until the rows fit.

    Returns:
        ``(factor, offset)``: a value is stored as ``round(value * factor) - offset``.
    """
    known = [row[np.isfinite(row)] for row in rows]
    known = [row for row in known if len(row)]
    if not known:
        return factor, 0
    low, high = min(float(r.min()) for r in known), max(float(r.max()) for r in known)
    while round(high * factor) - math.floor(low * factor) >= MISSING:
        factor /= 2
    return factor, math.floor(low * factor)


def encode(values: Floats, factor: float, offset: int) -> str:
    """Two characters for each of (K,) values, on the scale of :func:`common_scale`."""
    known = np.isfinite(values)
    codes = np.full(len(values), MISSING, dtype=np.int64)
    codes[known] = np.rint(values[known] * factor).astype(np.int64) - offset
    pairs: Any = _DIGIT_BYTES[np.stack([codes // BASE, codes % BASE], axis=-1)]
    return str(pairs.tobytes().decode("ascii"))
