"""How a client asks the stand-in for the seed of the next battle.

StarCraft II takes a seed for a whole game only. The stand-in (``pymarl/envs/standin``) reads one
for the next battle from a debug text or a chat message, which StarCraft II would only show.
"""

import re
from typing import Final

from pymarl.errors import EnvError

SEED_LIMIT: Final = 2**64
"""Seeds are below it."""
_REQUEST: Final = re.compile(r"pymarl seed=(.*)", re.DOTALL)


def seed_request(seed: int) -> str:
    """Return the text that asks for ``seed``; the inverse of :func:`requested_seed`."""
    return f"pymarl seed={seed}"


def requested_seed(text: str) -> int | None:
    """Return the seed that a debug text or chat message asks for, or None for any other text.

    Raises:
        EnvError: it begins like such a request, but names no seed.
    """
    found = _REQUEST.fullmatch(text.strip())
    if found is None:
        return None
    digits = found[1]
    if not re.fullmatch(r"[0-9]{1,20}", digits) or int(digits) >= SEED_LIMIT:
        raise EnvError(f"{text.strip()[:60]!r}: expected 'pymarl seed=' and a number in 0..2**64-1")
    return int(digits)
