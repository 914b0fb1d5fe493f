"""Which groups of a dataset can be compared fairly with each other."""

from collections.abc import Sequence
from typing import Any

from analysis.dataset.groups import RunGroup


def labels_in_order(groups: Sequence[RunGroup]) -> list[str]:
    """Distinct labels of groups with runs: as chosen, else the paper's algorithms first."""
    order: dict[str, tuple[Any, ...]] = {}
    for group in groups:
        if group.n:
            order[group.label] = min(group.order, order.get(group.label, group.order))
    return sorted(order, key=lambda label: order[label])


def maps_in_order(groups: Sequence[RunGroup]) -> list[str]:
    """Distinct maps in the order of the groups: as chosen, else by name and number."""
    return list(dict.fromkeys(g.map for g in groups))


def by_label(groups: Sequence[RunGroup]) -> dict[str, dict[str, RunGroup]]:
    """Label -> map -> group, groups without runs left out."""
    out: dict[str, dict[str, RunGroup]] = {label: {} for label in labels_in_order(groups)}
    for group in groups:
        if group.n:
            out[group.label][group.map] = group
    return out


def shared_maps(
    table: dict[str, dict[str, RunGroup]], least: int = 2
) -> tuple[list[str], list[str]]:
    """Algorithms and maps for a fair aggregate: every kept algorithm has runs on every kept map.

    Algorithms run on fewer than half as many maps as the widest one are left out (QTRAN was
    run on 3 of the SMAC paper's 14 maps), then the maps common to the rest are taken.
    """
    widest = max((len(maps) for maps in table.values()), default=0)
    kept = [label for label, maps in table.items() if len(maps) >= max(1, widest / 2)]
    common = set.intersection(*(set(table[k]) for k in kept)) if kept else set()
    ordered = [m for m in (table[kept[0]] if kept else {}) if m in common]
    return (kept, ordered) if len(ordered) >= least else (kept, [])
