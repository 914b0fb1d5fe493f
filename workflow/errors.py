"""What can be wrong with what a user asked the pipeline to do."""

from collections.abc import Iterable
from difflib import get_close_matches


class PipelineError(Exception):
    """A mistake that the user can correct: says where, what and how; shown without a traceback."""

    exit_code = 2


class BuildError(PipelineError):
    """The container image could not be built."""

    exit_code = 1


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known name nearest to ``name``, ``""`` if none is.

    Upper and lower case count as the same. The trainer has the same function; the two sides share
    no code, so a test compares their answers.
    """
    by_lower = {entry.lower(): entry for entry in known}
    near = get_close_matches(
        str(name).lower(), by_lower, n=1, cutoff=0.5 if len(str(name)) <= 3 else 0.6
    )
    return f"; did you mean '{by_lower[near[0]]}'?" if near else ""
