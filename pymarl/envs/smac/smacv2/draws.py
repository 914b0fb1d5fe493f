"""Random draws of an episode's scenario: a named stream, a function of the episode's seed alone."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Final

from pymarl.envs.smac.rules.seeds import mix, seed_word

_GOLDEN: Final = 0x9E3779B97F4A7C15
_MASK: Final = 0xFFFFFFFFFFFFFFFF
SCENARIO: Final = "scenario"
"""Stream of teams, start positions and the opponent's clock."""
SIGHTINGS: Final = "sighting"
"""Stream of who sees which enemy; the battle's own numbers come from the bare seed."""


def stream_word(episode_seed: int, name: str) -> int:
    """Return the first state of the stream ``name`` (8 letters at most) of an episode, 64 bits."""
    return mix(seed_word(episode_seed) ^ int.from_bytes(name.encode(), "big"))


class Draws:
    """A stream of draws (splitmix64 in plain integers).

    Args:
        episode_seed: of the episode, 0..2**64-1.
        name: of the stream.

    Deviation from SMACv2: upstream draws from generators that the operating system seeds, so that
        no episode can be repeated (quirk Q3).
    """

    def __init__(self, episode_seed: int, name: str = SCENARIO) -> None:
        self._state = stream_word(episode_seed, name)

    def uniform(self) -> float:
        """Return a number in [0, 1) with 53 random bits."""
        self._state = z = (self._state + _GOLDEN) & _MASK
        # The mix is that of ``seeds.mix`` without its increment, as in the engine's stream.
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53

    def between(self, low: float, high: float) -> float:
        """Return a number uniform in [low, high)."""
        return low + (high - low) * self.uniform()

    def index(self, count: int) -> int:
        """Return an integer uniform in 0..count-1."""
        return int(self.uniform() * count)

    def weighted(self, cumulative: Sequence[float]) -> int:
        """Return k by cumulative probabilities without the last one, which is 1."""
        return bisect_right(cumulative, self.uniform())

    def sample(self, count: int, chosen: int) -> list[int]:
        """Return ``chosen`` different integers of 0..count-1 in random order."""
        items = list(range(count))
        for k in range(chosen):
            other = k + self.index(count - k)
            items[k], items[other] = items[other], items[k]
        return items[:chosen]

    def shuffled(self, items: Sequence[Any]) -> list[Any]:
        """Return the items in random order."""
        return [items[k] for k in self.sample(len(items), len(items))]
