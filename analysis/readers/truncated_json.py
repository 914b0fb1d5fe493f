"""Repair of JSON cut off in the middle, as a kill during sacred's heartbeat leaves it."""

import json
import re
from typing import Any

from analysis.dataset.files import parse_json
from analysis.errors import ResultError

PAIRS = {"[": "]", "{": "}"}
# a whole string, an unfinished string to the end of the file, or one structural character
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|"(?s:.*)\Z|[\[\]{},]', re.DOTALL)


def close_truncated(text: str) -> str | None:
    """The longest prefix of ``text`` that becomes valid JSON by closing its brackets.

    Scans once. A cut is possible before a comma and after an opening or closing bracket: there
    every value is whole. Returns None when there is no such place or brackets do not match.
    """
    stack: list[str] = []
    cut, closers = -1, ""
    for token in TOKEN.finditer(text):
        char = token.group()
        if char == ",":
            cut, closers = token.start(), "".join(reversed(stack))
        elif char in PAIRS:
            stack.append(PAIRS[char])
            cut, closers = token.end(), "".join(reversed(stack))
        elif char in "]}":
            if not stack or stack.pop() != char:
                return None
            cut, closers = token.end(), "".join(reversed(stack))
    return text[:cut] + closers if cut > 0 else None


def parse_or_repair(data: bytes, name: str, problems: list[str]) -> Any:
    """Parse JSON; of a truncated file keep the part before the cut and note it in ``problems``.

    Raises:
        ResultError: when nothing can be kept.
    """
    try:
        return parse_json(data, name)
    except ResultError as err:
        text = data.decode("utf-8", "ignore")
        if len(text) > 64_000_000:
            raise
        closed = close_truncated(text)
        if closed is None:
            raise
        try:
            value = json.loads(closed)
        except (ValueError, RecursionError):
            raise err from None
        problems.append(
            f"{name}: cut off or damaged after {len(closed)} characters; kept the start"
        )
        return value
