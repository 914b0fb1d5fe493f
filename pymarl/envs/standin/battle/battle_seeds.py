"""Which seed a battle of the stand-in has.

One game of the protocol holds many battles: the map's trigger begins a new one when both sides are
gone. The battles' seeds are those of the simulator: **the k-th battle of a game that was created
with ``random_seed`` s has the seed of the k-th ``reset()`` of ``SkirmishEnv(seed=s)``.** A client
may name the seed of the next battle itself (it is then that of ``reset(seed=n)``, and uses up no
number of the game's own stream): with a debug text or a chat message ``pymarl seed=<n>``, which
StarCraft II would only show.
"""

import re
from typing import Final

from pymarl.envs.smac.rules.seeds import SeedStream
from pymarl.errors import EnvError

_WISH: Final = re.compile(r"pymarl seed=(.*)", re.DOTALL)
SEED_LIMIT: Final = 2**64


def episode_seed(random_seed: int, k: int) -> int:
    """Return the seed of battle ``k`` (0, 1, ...) of a game created with ``random_seed``.

    The same number as ``episode_seed`` of ``SkirmishEnv(seed=random_seed)`` after ``k + 1`` resets.
    """
    stream = SeedStream(random_seed)
    for _ in range(k):
        stream.next()
    return stream.next()


def seed_wish(seed: int) -> str:
    """Return the text by which a client asks for the seed of the next battle.

    The inverse of :func:`wished_seed`.
    """
    return f"pymarl seed={seed}"


def wished_seed(text: str) -> int | None:
    """Return the seed that a debug text or chat message asks for, or None for any other text.

    Raises:
        EnvError: it begins like a wish, but names no seed.
    """
    found = _WISH.fullmatch(text.strip())
    if found is None:
        return None
    digits = found[1]
    if not re.fullmatch(r"[0-9]{1,20}", digits) or int(digits) >= SEED_LIMIT:
        raise EnvError(f"{text.strip()[:60]!r}: expected 'pymarl seed=' and a number in 0..2**64-1")
    return int(digits)
