"""Registries: which name in a configuration stands for which class."""

import importlib
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Generic, NamedTuple, TypeVar, cast

from pymarl.errors import RegistryError
from pymarl.utils.suggest import did_you_mean

T = TypeVar("T")


class RegistryEntry(NamedTuple):
    """One registered name.

    Attributes:
        target: the class, or where it is: ``"package.module:Class"``.
        config: in the same form, the pydantic model of the keys that it has; None: the registry's.
        label: what readers of a result see instead of the name; "": the name itself.
    """

    target: Any
    config: Any = None
    label: str = ""


class Registry(MutableMapping[str, T], Generic[T]):
    """A dictionary from names to classes, which are imported when they are first asked for.

    So a configuration is checked without loading torch or compiled code. Code of the user's own
    adds itself as in PyMARL, ``REGISTRY["mine"] = MyClass``, or with the model of its keys,
    ``REGISTRY.add("mine", MyClass, MyConfig)``. A class set for a known name keeps its model
    and its label.

    Args:
        key: the key of the configuration that holds the names, for messages.
        entries: the names; a string stands for an entry without a model.
        config: the model of entries that have none.
    """

    def __init__(
        self, key: str, entries: Mapping[str, str | RegistryEntry], config: str | None = None
    ) -> None:
        self.key = key
        self.entries = {
            name: RegistryEntry(entry) if isinstance(entry, str) else entry
            for name, entry in entries.items()
        }
        self._config = config

    def __getitem__(self, name: str) -> T:
        entry = self._entry(name)
        if isinstance(entry.target, str):
            entry = self.entries[name] = entry._replace(target=self._load(name, entry.target))
        return cast(T, entry.target)

    def __setitem__(self, name: str, target: T | str) -> None:
        known = self.entries.get(name, RegistryEntry(target))
        self.entries[name] = known._replace(target=target)

    def __delitem__(self, name: str) -> None:
        del self.entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, name: object) -> bool:
        # The inherited one would import the class.
        return isinstance(name, str) and name in self.entries

    def add(self, name: str, target: T | str, config: Any = None, label: str = "") -> None:
        """Register a class, or ``"module:Class"``, with the model of its keys and its label."""
        self.entries[name] = RegistryEntry(target, config, label)

    def config_of(self, name: str) -> Any:
        """Return the pydantic model of the keys that ``name`` has; its class is not imported.

        Raises:
            RegistryError: the name is unknown, or its model cannot be imported.
        """
        config = self._entry(name).config or self._config
        return self._load(name, config) if isinstance(config, str) else config

    def label_of(self, name: str) -> str:
        """Return how readers of a result know ``name``; its class is not imported.

        Raises:
            RegistryError: the name is unknown.
        """
        return self._entry(name).label or name

    def problem(self, name: object) -> str | None:
        """Return what is wrong with a name that is not registered, or None."""
        if name in self:
            return None
        return f"unknown; known: {', '.join(self.entries)}{did_you_mean(name, self.entries)}"

    def _entry(self, name: str) -> RegistryEntry:
        """Return the entry of a name.

        Raises:
            RegistryError: there is none.
        """
        problem = self.problem(name)
        if problem is not None:
            raise RegistryError(f"{self.key}={name!r}: {problem}")
        return self.entries[name]

    def _load(self, name: str, path: str) -> Any:
        """Return what is at ``"package.module:Class"``.

        Raises:
            RegistryError: it cannot be imported; the message has the reason.
        """
        module, _, attribute = path.partition(":")
        try:
            return getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            raise RegistryError(
                f"{self.key}={name!r}: cannot import {path!r}: {type(error).__name__}: {error}"
            ) from error
