"""One seed, many named random streams. Nothing in this package draws from a global generator.

Every stream is a pure function of (seed, name, index), so nothing but counters has to be saved to
resume a run: the seed of training episode k, its exploration noise and the draw of update u are the
same whenever asked for.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch as th

ENV_TRAIN = "env/train"
ENV_TEST = "env/test"
EXPLORE_TRAIN = "explore/train"
EXPLORE_TEST = "explore/test"
ENV_RETRY = "env/again"  # of an episode that is played again because an environment failed
HELD_OUT = "env/held out"  # of no run: the same test episodes for all of them
REPLAY = "replay"
INIT = "init"


def generator(seed: int, name: str, index: int = 0) -> np.random.Generator:
    """Return the generator of stream ``name``, number ``index``.

    Streams of different (seed, name, index) are independent (numpy ``SeedSequence`` with the name's
    CRC-32 and the index as spawn key).
    """
    return np.random.Generator(np.random.PCG64(_sequence(seed, name, index)))


def episode_seed(seed: int, name: str, index: int) -> int:
    """Return the 32-bit environment seed of episode ``index`` of stream ``name``."""
    return int(_sequence(seed, name, index).generate_state(1, np.uint32)[0])


def held_out_seeds(count: int) -> list[int]:
    """Return the environment seeds of the ``count`` held-out test episodes, no two the same.

    They depend on nothing else: algorithms and seeds are tested on the same episodes, and a longer
    list begins with the shorter one.
    """
    seeds: dict[int, None] = {}
    k = 0
    while len(seeds) < count:
        seeds[episode_seed(0, HELD_OUT, k)] = None
        k += 1
    return list(seeds)


@contextmanager
def seeded_torch(seed: int, name: str = INIT) -> Iterator[None]:
    """Run a block (network construction) with torch's generator seeded, and restore it afterwards.

    The seed is that of stream ``name``. torch's layers can only be initialised from the global
    generator; this is the one place that touches it.
    """
    state = int(_sequence(seed, name, 0).generate_state(1, np.uint64)[0]) & (2**63 - 1)
    with th.random.fork_rng(devices=[]):
        th.manual_seed(state)
        yield


def _sequence(seed: int, name: str, index: int) -> np.random.SeedSequence:
    """Return the seed sequence of (seed, name, index)."""
    return np.random.SeedSequence(seed, spawn_key=(zlib.crc32(name.encode()), index))
