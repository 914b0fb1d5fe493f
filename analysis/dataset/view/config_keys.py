"""The settings in a run's configuration: flat keys, without seeds and paths."""

import json
import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from analysis.dataset.labels import clean_label

MAX_KEYS = 1000  # a PyMARL configuration has about 60
MAX_DEPTH = 6
MAX_TEXT = 200
NOT_SET = "not set"

# Last word of a key: what tells one run from its repetitions, and where files are.
SEED_WORDS = {"seed", "seeds"}
PATH_WORDS = {"path", "paths", "dir", "dirs", "directory", "folder", "file", "prefix", "root"}
RUN_NAMES = {"unique_token", "repeat_id", "run_id", "run_name"}


def is_setting(key: str, value: Any = None) -> bool:
    """Whether a difference in this key makes two runs different experiments.

    Everything does but seeds, names of the single run, and paths (by their key, or by a text that
    begins like an absolute or a home path).
    """
    name = key.rsplit(".", 1)[-1].lower()
    last = name.rsplit("_", 1)[-1]
    if name in RUN_NAMES or last in SEED_WORDS or last in PATH_WORDS:
        return False
    return not (isinstance(value, str) and value.startswith(("/", "~/", "./", "../")))


def flat_keys(config: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[Any]:
    """(dotted key, value) of a nested configuration; what is nested too deeply is one text."""
    for name, value in config.items():
        key = prefix + clean_label(name)
        if isinstance(value, Mapping) and value and depth < MAX_DEPTH:
            yield from flat_keys(value, f"{key}.", depth + 1)
        else:
            yield key, value


def plain(value: Any) -> Any:
    """A JSON scalar: ``1.0`` and ``1`` are one value, lists and objects become one text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)
        return int(value) if value == int(value) and abs(value) < 2**53 else value
    if isinstance(value, str):
        return clean_label(value, "", MAX_TEXT)
    try:
        return clean_label(json.dumps(value, sort_keys=True), limit=MAX_TEXT)
    except (TypeError, ValueError, RecursionError):
        return clean_label(type(value).__name__)


def settings_text(config: Mapping[str, Any]) -> str:
    """The settings of a configuration as JSON: dotted keys in order, seeds and paths left out."""
    found: dict[str, Any] = {}
    for key, value in flat_keys(config):
        if is_setting(key, value) and len(found) < MAX_KEYS:
            found[key] = plain(value)
    return json.dumps(dict(sorted(found.items())), ensure_ascii=False)


@lru_cache(maxsize=4096)
def settings_of(text: str) -> dict[str, Any]:
    """The settings that :func:`settings_text` wrote; empty where none were recorded.

    The result is shared between calls: do not change it.
    """
    try:
        value = json.loads(text) if text else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def shown(value: Any) -> str:
    """A value as one would type it: ``0.4``, ``true``, ``qmix``."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value) or "''"
