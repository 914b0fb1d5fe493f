"""Seeds of episodes, in plain integers: splitmix64 outside the kernels."""

_MASK = 0xFFFFFFFFFFFFFFFF


def seed_word(seed: int) -> int:
    """Return the stream's first state for an integer seed.

    Seeds that differ in one bit start far apart.
    """
    return mix((seed + 1) * 0xD1342543DE82EF95)


def mix(value: int) -> int:
    """Return splitmix64's output function of ``value`` (plain integers, outside kernels)."""
    z = (value + 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


class SeedStream:
    """An environment's own stream of episode seeds, a function of ``env_args.seed``.

    Attributes:
        state: where the stream is, 64 bits; set it to go back there.
    """

    def __init__(self, seed: int) -> None:
        self.state = mix(seed_word(seed) ^ 0x5851F42D4C957F2D)

    def next(self) -> int:
        """Return (and use up) the next seed, 0..2**32-1."""
        self.state = (self.state + 0x9E3779B97F4A7C15) & _MASK
        return mix(self.state) >> 32
