"""What was asked to be shown of a dataset; the tables on disk stay as they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


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
