"""Sentences about settings that differ among runs which share a curve."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.dataset.view.differences import (
    Difference,
    differing,
    how_to_split,
    sentence,
    some_of,
    variant_order,
)
from analysis.dataset.view.group_keys import GroupKey, alg_key, group_rows, natural
from analysis.dataset.view.options import View

MAX_SENTENCES = 3  # of single curves under a figure; more are summed up by setting


def setting_call_outs(runs: pd.DataFrame, view: View, pooled_engines: bool) -> list[str]:
    """One sentence for every setting that differs inside a group, by map and algorithm."""
    members = group_rows(runs, view, pooled_engines)
    out: list[str] = []
    for key in sorted(members, key=curve_order):
        used = [r for r in members[key] if r["included"]]
        out += [sentence(place(key), d, view.until) for d in differing(used)]
    return list(dict.fromkeys(out))


def curve_order(key: GroupKey) -> tuple[Any, ...]:
    """Sort key: map, algorithm, numbers of a variant by size, then what played the battles."""
    return (natural(key.map), alg_key(key.alg), variant_order(key.variant), key)


def place(key: GroupKey) -> str:
    """``qmix on 3m``, ``qmix [td_lambda=0.4] on 3m``."""
    variant = f" [{', '.join(key.variant)}]" if key.variant else ""
    return f"{key.alg}{variant} on {key.map}"


def figure_call_outs(groups: Sequence[Any], until: int | None = None) -> list[str]:
    """The same for the space under a figure: every setting is named, curves are summed up.

    Args:
        groups: run groups (``label``, ``map``, ``mixed``).
        until: where everything was cut.
    """
    mixed = [g for g in groups if g.mixed]
    if not mixed:
        return []
    if len(mixed) <= MAX_SENTENCES:
        return [mixed_line(f"{g.label} on {g.map}", g.mixed, until) for g in mixed]
    values: dict[str, dict[str, int]] = {}
    curves: dict[str, int] = {}
    for group in mixed:
        for key, found in group.mixed:
            curves[key] = curves.get(key, 0) + 1
            values.setdefault(key, {}).update(found)
    parts = [f"{key} ({some_of(v)}; {curves[key]} curves)" for key, v in values.items()]
    return [
        f"runs with different settings share {len(mixed)} curves: {', '.join(parts)}; which "
        "curves: summary.md; --split KEY keeps them apart"
    ]


def mixed_line(where: str, mixed: Sequence[Difference], until: int | None) -> str:
    """One curve's settings that differ, and the options that draw them apart."""
    options = [how_to_split(d.key) for d in mixed if d.key != "configuration"]
    cut = [f"all cut at {until}"] * any(d.key == "t_max" and until is not None for d in mixed)
    ways = ", ".join(options[:4]) + (", ..." if len(options) > 4 else "")
    how = [f"{ways} keeps them apart"] if options else []
    texts = ", ".join(d.text for d in mixed)
    return "; ".join([f"{where}: different settings pooled: {texts}", *cut, *how])
