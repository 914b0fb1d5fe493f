"""Reading and checking map files.

Every message says the file, the key, what it got and what it expected.
"""

from pathlib import Path
from typing import Any

import yaml

from pymarl.errors import MapError
from pymarl.utils.suggest import did_you_mean

Tree = dict[str, Any]


class MapReader:
    """A mapping of a map file that hands out checked values and refuses unknown keys.

    Args:
        tree: the mapping.
        where: file and dotted path, the start of every message.

    Raises:
        MapError: from every method, when a value is missing or not what was asked for.
    """

    def __init__(self, tree: Any, where: str) -> None:
        self.where = where
        if not isinstance(tree, dict):
            raise MapError(f"{where}: expected a mapping of keys and values, got {_short(tree)}")
        self._tree: Tree = tree
        self._used: set[str] = set()

    def fail(self, key: str, message: str) -> MapError:
        """Return the error for ``key`` with the place in front."""
        return MapError(f"{self.where}: {key}: {message}")

    def has(self, key: str) -> bool:
        """Return whether ``key`` is given (and count it as known)."""
        self._used.add(key)
        return key in self._tree

    def raw(self, key: str, default: Any = None, *, required: bool = True) -> Any:
        """Return the unchecked value of ``key``."""
        self._used.add(key)
        if key not in self._tree:
            if required and default is None:
                raise self.fail(key, "missing")
            return default
        return self._tree[key]

    def text(self, key: str, default: str | None = None) -> str:
        """Return a non-empty string."""
        value = self.raw(key, default)
        if not isinstance(value, str) or not value:
            raise self.fail(key, f"expected a text, got {_short(value)}")
        return value

    def integer(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Return an integer in ``low..high``."""
        value = self.raw(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.fail(key, f"expected an integer in {low}..{high}, got {_short(value)}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self.raw(key, default, required=False)
        if not isinstance(value, bool):
            raise self.fail(key, f"expected true or false, got {_short(value)}")
        return value

    def choice(self, key: str, known: tuple[str, ...], default: str | None = None) -> str:
        """Return one of the ``known`` words."""
        value = self.raw(key, default)
        if value not in known:
            words = ", ".join(known)
            raise self.fail(
                key, f"unknown value {_short(value)}; known: {words}{did_you_mean(value, known)}"
            )
        return str(value)

    def point(self, key: str) -> tuple[float, float]:
        """Return an [x, y] pair."""
        return self._point(key, self.raw(key))

    def points(self, key: str, count: int) -> tuple[tuple[float, float], ...]:
        """Return a list of exactly ``count`` [x, y] pairs."""
        value = self.raw(key)
        if not isinstance(value, list) or len(value) != count:
            raise self.fail(key, f"expected {count} [x, y] pair(s), got {_short(value)}")
        return tuple(self._point(f"{key}[{i}]", entry) for i, entry in enumerate(value))

    def numbers(self, key: str, count: int) -> tuple[float, ...]:
        """Return a list of exactly ``count`` numbers."""
        value = self.raw(key)
        if not isinstance(value, list) or len(value) != count or not all(map(_is_number, value)):
            raise self.fail(key, f"expected {count} numbers, got {_short(value)}")
        return tuple(float(entry) for entry in value)

    def children(self, key: str) -> list["MapReader"]:
        """Return a non-empty list of mappings as readers."""
        value = self.raw(key)
        if not isinstance(value, list) or not value:
            raise self.fail(key, f"expected a list with at least one entry, got {_short(value)}")
        return [MapReader(entry, f"{self.where}: {key}[{i}]") for i, entry in enumerate(value)]

    def child(self, key: str) -> "MapReader":
        """Return a mapping as a reader."""
        return MapReader(self.raw(key), f"{self.where}: {key}")

    def done(self) -> None:
        """Refuse keys that nobody asked for."""
        for key in self._tree:
            if key not in self._used:
                known = sorted(self._used)
                raise self.fail(
                    str(key), f"unknown key; known: {', '.join(known)}{did_you_mean(key, known)}"
                )

    def _point(self, key: str, value: Any) -> tuple[float, float]:
        """Return ``value`` as (x, y)."""
        if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)):
            raise self.fail(key, f"expected [x, y], got {_short(value)}")
        return float(value[0]), float(value[1])


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file.

    Raises:
        MapError: the file is missing, unreadable, or not YAML.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise MapError(f"{path}: cannot read this file: {error}") from error
    except yaml.YAMLError as error:
        line = " ".join(str(error).split())
        raise MapError(f"{path}: not valid YAML: {line}") from error


def _is_number(value: Any) -> bool:
    """Return whether ``value`` is a finite number and not a bool."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _short(value: Any) -> str:
    """Return a printable form of ``value`` that fits into a line."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
