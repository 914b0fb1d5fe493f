"""Which settings differ among runs that share a curve, and which keys split them apart."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from analysis.dataset.labels import clean_label
from analysis.dataset.view.config_keys import NOT_SET, settings_of, shown
from analysis.errors import ResultError, did_you_mean

NOT_RECORDED = "not recorded"

# Settings that the table of runs has as columns, whatever the project: key -> (column, in words).
TABLE_SETTINGS: dict[str, tuple[str, str]] = {
    "code": ("code_sha256", "code fingerprints"),
    "t_max": ("t_max", "training lengths t_max"),
    "runner": ("runner", "runners"),
    "batch_size_run": ("batch_size_run", "numbers of parallel environments"),
    "test_nepisode": ("test_nepisode", "numbers of test episodes"),
    "test_interval": ("test_interval", "evaluation intervals test_interval"),
    "experiment": ("experiment", "experiments"),
}
MAX_VALUES = 6  # named in a sentence; more are counted
PART_NAMED = 12  # hex digits of a fingerprint


class Difference(NamedTuple):
    """One setting that differs inside a group: value in words -> number of runs."""

    key: str
    values: dict[str, int]

    @property
    def text(self) -> str:
        """``td_lambda 0.4, 0.5, 0.6``."""
        return f"{self.key} {some_of(self.values)}"


def some_of(values: Iterable[str]) -> str:
    """The values in words, the smallest first; of many the first and how many there are."""
    ordered = sorted(values, key=value_order)
    more = f" and {len(ordered) - MAX_VALUES} more" if len(ordered) > MAX_VALUES else ""
    return ", ".join(ordered[:MAX_VALUES]) + more


def value_order(text: str) -> tuple[int, float, str]:
    """Sort key: numbers by size, then words."""
    try:
        return (0, float(text), text)
    except ValueError:
        return (1, 0.0, text)


def setting_of(row: Mapping[Any, Any], key: str) -> str | None:
    """A run's value of a setting in words; None: the run's configuration is not known."""
    if key in TABLE_SETTINGS:
        value = row[TABLE_SETTINGS[key][0]]
        if pd.isna(value):
            return NOT_RECORDED
        text = clean_label(value)
        return text[:PART_NAMED] if key == "code" else text
    settings = settings_of(str(row["config"]) if pd.notna(row["config"]) else "")
    return (shown(settings[key]) if key in settings else NOT_SET) if settings else None


def differing(rows: Sequence[Mapping[Any, Any]]) -> list[Difference]:
    """Every setting that differs among rows of the table of runs, by key.

    Runs without a recorded configuration differ in nothing but what the table says of them, and
    in that they have none.
    """
    if len(rows) < 2:
        return []
    texts = [str(row["config"]) if pd.notna(row["config"]) else "" for row in rows]
    known = {key for text in set(texts) for key in settings_of(text)}
    if len(set(texts) - {""}) < 2:
        known = set()
    out = []
    for key in [*TABLE_SETTINGS, *sorted(known - set(TABLE_SETTINGS))]:
        found = Counter(v for row in rows if (v := setting_of(row, key)) is not None)
        if len(found) > 1:
            out.append(
                Difference(key, dict(sorted(found.items(), key=lambda x: value_order(x[0]))))
            )
    without = sum(1 for text in texts if not settings_of(text))
    if 0 < without < len(texts):
        counts = {"recorded": len(texts) - without, NOT_RECORDED: without}
        out.append(Difference("configuration", counts))
    return out


def sentence(where: str, difference: Difference, until: int | None = None) -> str:
    """``qmix on 3m: 2 different runners (episode, parallel); pooled (--split runner ...)``."""
    key, values = difference
    if key == "configuration":
        return (
            f"{where}: the configuration of {values[NOT_RECORDED]} of {sum(values.values())} runs "
            "is not recorded, so that differences to them cannot be seen; pooled"
        )
    name = TABLE_SETTINGS[key][1] if key in TABLE_SETTINGS else key
    start = f"{where}: {len(values)} different {name} ({some_of(values)})"
    if key == "t_max" and until is not None:
        return f"{start}; all cut at {until} (--until)"
    return f"{start}; pooled ({how_to_split(key)} keeps them apart)"


def how_to_split(key: str) -> str:
    """The option that draws different values of a key as curves of their own."""
    return "--by experiment" if key == "experiment" else f"--split {key}"


def useful_split(runs: pd.DataFrame, keys: Sequence[str]) -> tuple[str, ...]:
    """Those of the keys that have several values: only they tell curves apart.

    Raises:
        ResultError: a key that no run has, with the nearest one and those that differ.
    """
    rows = runs.to_dict("records")
    texts = {str(t) for t in runs["config"].dropna()}
    known = set(TABLE_SETTINGS) | {k for t in texts for k in settings_of(t)}
    for key in keys:
        if key not in known:
            useful = ", ".join(d.key for d in differing(rows) if d.key != "configuration")
            raise ResultError(
                f"--split {key}: no run has this key in its configuration; keys that differ: "
                f"{useful or 'none'}{did_you_mean(key, known)}"
            )
    values = {key: {setting_of(row, key) or NOT_RECORDED for row in rows} for key in keys}
    return tuple(key for key in keys if len(values[key] - {NOT_RECORDED}) > 1)


def variants(runs: pd.DataFrame, split: Sequence[str]) -> list[tuple[str, ...]]:
    """For each run what sets its curve apart from others of its algorithm; empty: nothing.

    The label that its folder was given, then ``key=value`` of each key in ``split`` (an experiment
    by its name alone).
    """
    rows = runs.to_dict("records")
    found: list[list[str]] = [[str(r["label"])] if pd.notna(r["label"]) else [] for r in rows]
    for key in split:
        values = [setting_of(row, key) or NOT_RECORDED for row in rows]
        for parts, value in zip(found, values, strict=True):
            parts.append(value if key == "experiment" else f"{key}={value}")
    return [tuple(parts) for parts in found]


def variant_order(parts: Sequence[str]) -> tuple[Any, ...]:
    """Sort key of a variant: by its values, numbers by size."""
    return tuple(value_order(part.rsplit("=", 1)[-1]) for part in parts)
