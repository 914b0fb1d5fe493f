"""Numbers from JSON that may hold anything: the number, or None (NaN) when it is not usable."""

import math
from typing import Any

INT_LIMIT = 10**15


def whole(value: Any) -> int | None:
    """A whole number of at most 1e15 from a JSON value (``2050000.0`` counts), else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not value.is_integer():
        return None
    return int(value) if abs(value) <= INT_LIMIT else None


def real(value: Any) -> float | None:
    """A finite number below 1e15 from a JSON value, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < INT_LIMIT else None  # NaN compares false


def positive(value: Any) -> int | None:
    """A whole number above zero, else None."""
    number = whole(value)
    return number if number is not None and number > 0 else None


def as_number(value: Any) -> float:
    """A float from a JSON value; NaN when it is not a number.

    Accepts plain numbers and sacred's stored numpy scalars
    ``{"dtype": "float64", "py/object": "numpy.float64", "value": 1.5}``.
    """
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return math.nan
    return math.nan
