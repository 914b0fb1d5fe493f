"""What can be wrong with what a user asked the pipeline to do."""

from collections.abc import Iterable
from difflib import get_close_matches


class PipelineError(Exception):
    """A mistake that the user can mend: says where, what and how; shown without a traceback."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest of ``known``, ``""`` if none is near."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
