"""Registries: which name in a configuration stands for which class."""

import importlib
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Generic, NamedTuple, TypeVar, cast

from pymarl.errors import RegistryError
from pymarl.utils.suggest import did_you_mean

T = TypeVar("T")


class Entry(NamedTuple):
    """One registered name.

    Attributes:
        target: the class, or where it is: ``"package.module:Class"``.
        config: in the same form, the pydantic model of the keys that it has; None: the registry's.
    """

    target: Any
    config: Any = None


class Registry(MutableMapping[str, T], Generic[T]):
    """A dictionary from names to classes, which are imported when they are first asked for.

    So a configuration is checked without loading torch or compiled code. Code of the user's own
    adds itself as in PyMARL, ``REGISTRY["mine"] = MyClass``, or with the model of its keys,
    ``REGISTRY.add("mine", MyClass, MyConfig)``. A class set for a known name keeps its model.

    Args:
        key: the key of the configuration that holds the names, for messages.
        entries: the names; a string stands for an entry without a model.
        config: the model of entries that have none.
    """

    def __init__(
        self, key: str, entries: Mapping[str, str | Entry], config: str | None = None
    ) -> None:
        self.key = key
        self.entries = {
            name: Entry(entry) if isinstance(entry, str) else entry
            for name, entry in entries.items()
        }
        self._config = config

    def __getitem__(self, name: str) -> T:
        entry = self._entry(name)
        if isinstance(entry.target, str):
            entry = self.entries[name] = entry._replace(target=self._load(name, entry.target))
        return cast(T, entry.target)

    def __setitem__(self, name: str, target: T | str) -> None:
        config = self.entries[name].config if name in self.entries else None
        self.entries[name] = Entry(target, config)

    def __delitem__(self, name: str) -> None:
        del self.entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, name: object) -> bool:
        # The inherited one would import the class.
        return isinstance(name, str) and name in self.entries

    def add(self, name: str, target: T | str, config: Any = None) -> None:
        """Register a class, or ``"module:Class"``, together with the model of its keys."""
        self.entries[name] = Entry(target, config)

    def config_of(self, name: str) -> Any:
        """Return the pydantic model of the keys that ``name`` has; its class is not imported.

        Raises:
            RegistryError: the name is unknown, or its model cannot be imported.
        """
        config = self._entry(name).config or self._config
        return self._load(name, config) if isinstance(config, str) else config

    def problem(self, name: object) -> str | None:
        """Return what is wrong with a name that is not registered, or None."""
        if name in self:
            return None
        return f"unknown; known: {', '.join(self.entries)}{did_you_mean(name, self.entries)}"

    def _entry(self, name: str) -> Entry:
        """Return the entry of a name.

        Raises:
            RegistryError: there is none.
        """
        problem = self.problem(name)
        if problem is not None:
            raise RegistryError(f"{self.key}={name!r}: {problem}")
        return self.entries[name]

    def _load(self, name: str, place: str) -> Any:
        """Return what is at ``"package.module:Class"``.

        Raises:
            RegistryError: it cannot be imported; says why.
        """
        module, _, attribute = place.partition(":")
        try:
            return getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            raise RegistryError(
                f"{self.key}={name!r}: cannot import {place!r}: {type(error).__name__}: {error}"
            ) from error
