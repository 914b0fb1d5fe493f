"""The "did you mean" part of error messages."""

import re
from collections.abc import Iterable


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known name that was probably meant, else ``""``.

    Capitals and punctuation do not count (``QMIX``, ``tmax``), capitals only between equals.
    Meant is a name with one typing error in up to 7 letters, two in up to 12, three in longer
    ones, or with less than a third of its letters left out; else the one that ``name`` leaves
    words out of (``hidden_dim``: ``rnn_hidden_dim``). Names that only share letters (``render``
    and ``runner``) are no hint.
    """
    words = _words(name)
    typed, cased = "".join(words), str(name) != str(name).lower()
    near: list[tuple[int, int, bool, str]] = []
    longer: list[tuple[list[str], str]] = []
    for entry in known if typed else ():
        parts = _words(entry)
        letters = "".join(parts)
        length, difference = max(len(typed), len(letters)), abs(len(typed) - len(letters))
        errors = _typing_errors(typed, letters)
        # Of three letters one wrong one is much (map, mac), but for names with numbers (3n, 3m).
        sure = length > 3 or (typed[0] == letters[:1] and (difference or typed[0].isdigit()))
        # Letters left out (exprmnt) are not believed to be others: up to a third are missing.
        short = typed[0] == letters[:1] and errors == len(letters) - len(typed) < length / 3
        if sure and (short or errors <= 1 + (length > 7) + (length > 12)):
            near.append((errors, difference, cased != (entry != entry.lower()), entry))
        if len(typed) > 2 and f" {' '.join(words)} " in f" {' '.join(parts)} ":
            longer.append((parts, entry))
    longer.sort(key=lambda candidate: len(candidate[0]))
    if longer and any(not set(longer[0][0]) <= set(parts) for parts, _ in longer):
        longer = []  # several names have these words, and none of them is the shortest form
    found = min(near, key=lambda one: one[:3])[3] if near else longer[0][1] if longer else ""
    return f"; did you mean '{found}'?" if found else ""


def _words(name: object) -> list[str]:
    """Return the words of a name, in lower case."""
    return re.findall(r"[a-z0-9]+", str(name).lower())


def _typing_errors(typed: str, meant: str) -> int:
    """Return how many letters are wrong, missing, too many, or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(typed, 1):
        above, before, row = before, row, [i]
        for j, other in enumerate(meant, 1):
            best = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and typed[i - 2] == other:
                best = min(best, above[j - 2] + 1)
            row.append(best)
    return row[-1]
