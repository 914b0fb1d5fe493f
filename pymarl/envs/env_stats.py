"""Counters of environments (``get_stats``), added up."""

from collections.abc import Mapping, Sequence
from typing import Any


def add_stats(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the counters of several environments added up; ``win_rate`` is that of all battles.

    It is 0 before the first battle has ended.
    """
    total: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            total[key] = total.get(key, 0) + value
    if "win_rate" in total:
        battles = total.get("battles_game", 0)
        total["win_rate"] = total["battles_won"] / battles if battles else 0.0
    return total
