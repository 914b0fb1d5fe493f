"""What was asked to be shown of a dataset; the tables on disk stay as they are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from analysis.errors import ResultError

SUFFIXES = {"k": 1e3, "m": 1e6}


@dataclass(frozen=True, slots=True)
class View:
    """Choices that the groups, the figures, the tables and the page all follow.

    ``split``: settings whose values are drawn apart; ``until``: env step at which everything was
    cut; ``labels``: old name in lower case -> new name; ``maps``, ``algs``: chosen ones in the
    order to show them (empty: all, in the usual order).
    """

    metric: str | None = None
    split: tuple[str, ...] = ()
    until: int | None = None
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    maps: tuple[str, ...] = ()
    algs: tuple[str, ...] = ()


def env_steps(option: str, text: str) -> int:
    """A number of env steps above 0: ``1000000``, ``1e6``, ``1.5M``, ``500k``.

    Args:
        option: where it was given, for the message.
        text: as typed.

    Raises:
        ResultError: anything else.
    """
    word = text.strip().lower().replace("_", "").replace(",", "")
    factor = SUFFIXES.get(word[-1:], 1.0)
    try:
        number = float(word[:-1] if factor > 1 else word) * factor
    except ValueError:
        number = math.nan
    if not (1 <= number < 1e15 and number == int(number)):
        raise ResultError(
            f"{option} {text}: expected a whole number of env steps above 0, as in 1000000 or 500k"
        )
    return int(number)
