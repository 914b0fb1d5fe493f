"""Names of algorithms and of their variants, and the folders of their runs."""

import re
from typing import Final

RUN_NAME: Final = r"^[A-Za-z0-9_.+-]+(\[[^\[\],=]+=[^\[\],]+(,[^\[\],=]+=[^\[\],]+)*\])?$"
"""``qmix``, or a variant of it: ``qmix[lr=0.001,td_lambda=0.4]``."""

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.=-]")


def folder_name(name: str) -> str:
    """Return the folder of an algorithm or of a variant: ``qmix[lr=0.1]`` is in ``qmix+lr=0.1``.

    Each setting follows a ``+``; other characters than letters, digits and ``_ . = -`` are
    ``~`` and two hexadecimal digits for each byte of UTF-8. ``workflow`` has the same function.
    """
    base, bracket, settings = name.partition("[")
    parts = settings.removesuffix("]").split(",") if bracket else []
    return "+".join([base, *(_UNSAFE.sub(_escape, part) for part in parts)])


def _escape(match: re.Match[str]) -> str:
    """Return the characters of ``match`` in a form that means nothing to a shell."""
    return "".join(f"~{byte:02X}" for byte in match[0].encode())
