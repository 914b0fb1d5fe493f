"""Random numbers in kernels: splitmix64, one 64-bit word of state per stream.

Chosen because it is tiny, passes BigCrush, and is the same bit for bit in numba and in plain
Python integers.

Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014), the mix
of its figure 17 with the constants that are in common use.
"""

import numpy as np
from numpy.typing import NDArray

from pymarl.kernels.simulator_jit import kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_TWO_TO_MINUS_53 = 1.0 / 9007199254740992.0

RandomStream = NDArray[np.uint64]
"""The state of one random stream, uint64 (1,)."""


@kernel
def random_bits(stream: RandomStream) -> np.uint64:
    """Advance the stream and return 64 random bits."""
    # Unsigned 64-bit integers throughout: a mixed expression would become a float in numba.
    stream[0] = stream[0] + _GOLDEN
    z = stream[0]
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    return np.uint64(z ^ (z >> _S31))


@kernel
def random_uniform(stream: RandomStream) -> float:
    """Return a float64 in [0, 1) with 53 random bits."""
    return float(random_bits(stream) >> _S11) * _TWO_TO_MINUS_53
