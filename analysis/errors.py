"""Errors of the analysis package."""

import difflib
from collections.abc import Iterable


class ResultError(Exception):
    """Input that cannot be used; the message says what, where and what to do next."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest known name, else ``""``."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
