"""Ablations: the named variants of an algorithm that ``sweep`` in an experiment file asks for.

A variant has a name, ``qmix[lr=0.001,td_lambda=0.4]``: the algorithm of its runs in logs, figures
and tables. Its folder is called ``qmix+lr=0.001+td_lambda=0.4``: no character of it means something
to a shell, to a glob pattern or to Slurm.
"""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from workflow.errors import PipelineError

Settings = dict[str, Any]
MAX_NAME: Final = 120
"""Longest name of a variant: what the analysis keeps of an algorithm's name."""
MODES: Final = ("product", "zip")
_ELSEWHERE: Final = {
    "seed": "list the seeds under 'seeds'",
    "env_args.map_name": "list the maps under 'maps'",
    "name": "a variant gets its name from what it sets",
    "experiment": "write an experiment file for each",
    "env": "write an experiment file for each",
    "run_dir": "the pipeline sets it for every run",
}
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.=-]")
_RESERVED: Final = "[],"


@dataclass(frozen=True, slots=True)
class Variant:
    """What one variant sets: dotted keys with their values, sorted by key; none: no variant."""

    settings: tuple[tuple[str, Any], ...] = ()

    @property
    def suffix(self) -> str:
        """``[lr=0.001,td_lambda=0.4]``, empty without settings."""
        listed = ",".join(f"{key}={value_text(value)}" for key, value in self.settings)
        return f"[{listed}]" if listed else ""

    def name(self, alg: str) -> str:
        """The name of ``alg`` with these settings."""
        return alg + self.suffix

    def folder(self, alg: str) -> str:
        """The part of a path that stands for ``alg`` with these settings."""
        return folder_name(self.name(alg))


PLAIN: Final = Variant()


def value_text(value: Any) -> str:
    """Return how a value is written in a variant's name: ``0.4``, ``adam``, ``true``, ``null``."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def folder_name(name: str) -> str:
    """Return the folder of the algorithm or variant ``name``.

    Each setting follows a ``+``; other characters than letters, digits and ``_ . = -`` are
    ``~`` and two hexadecimal digits for each byte of UTF-8. ``pymarl.config.run_names.folder_name``
    is the trainer's, ``analysis.dataset.labels.name_of_folder`` the way back; a test compares them.
    """
    base, bracket, settings = name.partition("[")
    parts = settings.removesuffix("]").split(",") if bracket else []
    return "+".join([base, *(_UNSAFE.sub(_escape, part) for part in parts)])


def _escape(match: re.Match[str]) -> str:
    return "".join(f"~{byte:02X}" for byte in match[0].encode())


def read_sweep(given: Mapping[str, Any], where: str) -> dict[str, tuple[Any, ...]]:
    """Check the ``sweep`` of an experiment file.

    Args:
        given: dotted keys with what the file has for them.
        where: the file, for messages.

    Returns:
        dotted keys, sorted, each with its values in the file's order.

    Raises:
        PipelineError: a key that is not for sweeping, no list, or a value that cannot be one.
    """
    return {key: _values(key, given[key], f"{where}: sweep.{key}") for key in sorted(given)}


def _values(key: str, values: Any, where: str) -> tuple[Any, ...]:
    if key in _ELSEWHERE:
        raise PipelineError(f"{where}: cannot be swept; {_ELSEWHERE[key]}")
    if not isinstance(values, list):
        raise PipelineError(
            f"{where}: expected a list of values, as in [0.2, 0.4], got {values!r}; "
            "one value for all runs belongs under 'with'"
        )
    if not values:
        raise PipelineError(f"{where}: expected at least one value, got an empty list")
    seen: list[Any] = []
    for value in values:
        if isinstance(value, list | dict):
            raise PipelineError(
                f"{where}: expected numbers, words, true, false or null, got {value!r}"
            )
        text = value_text(value)
        if not text or not text.isprintable() or any(character in text for character in _RESERVED):
            raise PipelineError(
                f"{where}: {value!r} would be part of a name; it must not be empty nor hold "
                "brackets, commas or what cannot be printed"
            )
        if any(_same(value, old) for old in seen):
            raise PipelineError(f"{where}: {text} is there twice")
        seen.append(value)
    return tuple(values)


def _same(one: Any, other: Any) -> bool:
    """Whether two values are one setting, as 1 and 1.0 (not 1 and true), or have one name."""
    equal = one == other and isinstance(one, bool) == isinstance(other, bool)
    return equal or value_text(one) == value_text(other)


def combine(sweep: Mapping[str, tuple[Any, ...]], mode: str, where: str) -> tuple[Variant, ...]:
    """Return the variants of a sweep; without one a single variant that sets nothing.

    Args:
        sweep: of :func:`read_sweep`.
        mode: ``product``: every combination; ``zip``: the first values together, the second, ...
        where: the file, for messages.

    Raises:
        PipelineError: ``zip`` with lists of different lengths.
    """
    if not sweep:
        return (PLAIN,)
    if mode == "zip" and len({len(values) for values in sweep.values()}) > 1:
        lengths = ", ".join(f"{key} has {len(values)}" for key, values in sweep.items())
        raise PipelineError(
            f"{where}: sweep_mode: zip takes the lists' values pairwise, so they need the same "
            f"length: {lengths} (product: every combination)"
        )
    lists = sweep.values()
    columns = zip(*lists, strict=True) if mode == "zip" else itertools.product(*lists)
    return tuple(Variant(tuple(zip(sweep, values, strict=True))) for values in columns)


def check_lengths(algs: tuple[str, ...], variants: tuple[Variant, ...], where: str) -> None:
    """Refuse names that the analysis would cut.

    Raises:
        PipelineError: the longest name has more than ``MAX_NAME`` characters, or bytes as a folder.
    """
    names = [variant.name(alg) for alg in algs for variant in variants]
    longest = max(names, key=lambda name: len(folder_name(name)), default="")
    if len(longest) > MAX_NAME or len(folder_name(longest)) > MAX_NAME:
        raise PipelineError(
            f"{where}: sweep: the name {longest} has {len(folder_name(longest))} characters, more "
            f"than {MAX_NAME}: sweep fewer keys in one file"
        )
