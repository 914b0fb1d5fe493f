"""Random draws of an episode's scenario: a named stream, a function of the episode's seed alone."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules.seeds import mix, seed_word

BLOCK: Final = 64
"""Numbers that are drawn at once."""
_STEPS: Final = np.arange(1, BLOCK + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = (np.uint64(bits) for bits in (30, 27, 31, 11))
SCENARIO: Final = "scenario"
"""Stream of teams, start positions and the opponent's clock."""
SIGHTINGS: Final = "sighting"
"""Stream of who sees which enemy; the battle's own numbers come from the bare seed."""


def stream_word(episode_seed: int, name: str) -> int:
    """Return the first state of the stream ``name`` (8 letters at most) of an episode, 64 bits."""
    return mix(seed_word(episode_seed) ^ int.from_bytes(name.encode(), "big"))


class Draws:
    """A stream of draws (splitmix64, the numbers of ``kernels/random_stream.py``).

    Args:
        episode_seed: of the episode, 0..2**64-1.
        name: of the stream.

    Deviation from SMACv2: upstream draws from generators that the operating system seeds, so that
        no episode can be repeated (quirk Q3).
    """

    def __init__(self, episode_seed: int, name: str = SCENARIO) -> None:
        self._stream = np.array([stream_word(episode_seed, name)], np.uint64)
        self._ready: list[float] = []

    def uniform(self) -> float:
        """Return a number in [0, 1) with 53 random bits."""
        if not self._ready:
            self._ready = self._next_block(self._stream)[::-1].tolist()
        return self._ready.pop()

    def _next_block(self, stream: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Return the next numbers, many in one go: an episode takes dozens."""
        z = stream + _STEPS
        stream[0] = z[-1]
        z = (z ^ (z >> _S30)) * _MIX_1
        z = (z ^ (z >> _S27)) * _MIX_2
        numbers: NDArray[np.float64] = ((z ^ (z >> _S31)) >> _S11) * 2.0**-53
        return numbers

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
