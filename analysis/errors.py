"""Errors of the analysis package."""

import difflib
from collections.abc import Iterable


class ResultError(Exception):
    """Input that cannot be used; the message says what, where and what to do next."""


class NothingDrawnError(ResultError):
    """Everything was written, but no curve could be drawn; the message says why."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known name nearest to ``name``, else ``""``.

    Upper and lower case are the same. ``pymarl`` and ``workflow`` have the same function,
    which may not be imported from there; tests/contract/test_borders.py holds them equal.
    """
    by_lower = {entry.lower(): entry for entry in known}
    cutoff = 0.5 if len(name) <= 3 else 0.6
    near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=cutoff)
    return f"; did you mean '{by_lower[near[0]]}'?" if near else ""
