"""Random numbers of the tests of statistics."""

import numpy as np

RNG = np.random.default_rng(7)
START = RNG.bit_generator.state
