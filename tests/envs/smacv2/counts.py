"""Chi-square tests of drawn scenarios against SMACv2's distributions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import comb, prod
from typing import Any

from scipy.stats import chisquare

P_MIN = 1e-4
"""Draws are a function of their seeds: what passes once passes always."""


def require_frequencies(drawn: Iterable[Any], expected: Mapping[Any, float]) -> None:
    """Raise unless the drawn values come with the expected probabilities.

    Raises:
        AssertionError: a value that cannot occur, or p < ``P_MIN``.
    """
    counts = Counter(drawn)
    impossible = {value: n for value, n in counts.items() if expected.get(value, 0) <= 0}
    assert not impossible, f"cannot occur: {impossible}"
    total = sum(counts.values())
    values = [value for value, p in expected.items() if p > 0]
    p_value = chisquare(
        [counts[value] for value in values], [total * expected[value] for value in values]
    ).pvalue
    assert p_value >= P_MIN, f"p = {p_value:.2g} of {total} draws, {len(values)} values"


def team_frequencies(weights: Mapping[str, float], n: int, not_alone: Sequence[str]) -> dict:
    """Return the probability of each multiset (counts in the order of ``weights``) of n units."""
    found = {}
    for counts in product(range(n + 1), repeat=len(weights)):
        if sum(counts) == n:
            ways, left = 1, n
            for count in counts:
                ways *= comb(left, count)
                left -= count
            found[counts] = ways * prod(w**c for w, c in zip(weights.values(), counts, strict=True))
    lone = [
        counts
        for counts in found
        if all(c == 0 or unit in not_alone for unit, c in zip(weights, counts, strict=True))
    ]
    for counts in lone:
        del found[counts]
    total = sum(found.values())
    return {counts: p / total for counts, p in found.items()}


def multiset(team: Sequence[str], types: Iterable[str]) -> tuple[int, ...]:
    """Return how many of each type are in a team."""
    return tuple(team.count(unit) for unit in types)
