"""The "did you mean" part of error messages."""

import difflib
from collections.abc import Iterable


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known name nearest to ``name``.

    The result is ``""`` when none is near.
    Upper and lower case are the same, so that ``QMIX`` finds ``qmix``.
    """
    by_lower = {entry.lower(): entry for entry in known}
    near = difflib.get_close_matches(
        str(name).lower(), by_lower, n=1, cutoff=0.5 if len(str(name)) <= 3 else 0.6
    )
    return f"; did you mean '{by_lower[near[0]]}'?" if near else ""
