"""Which groups of a dataset can be compared fairly with each other."""

from collections.abc import Sequence
from dataclasses import replace
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


def on_one_scale(groups: Sequence[RunGroup]) -> list[RunGroup]:
    """The groups with values that may be averaged over maps: from 0 to 1 on each of them.

    Rates are on one scale already. Other metrics are normalised on each map by the smallest and
    the largest value that any run of the groups has there: (x - min) / (max - min); 1 where all
    are equal. Source: Gorsane et al. 2022 (marl-eval), min-max normalisation per task.
    """
    if all(g.metric.is_rate for g in groups):
        return list(groups)
    out = []
    for group in groups:
        same = [row for g in groups if g.map == group.map for row in g.raw]
        low = min((float(row.min()) for row in same), default=0.0)
        high = max((float(row.max()) for row in same), default=0.0)
        width = high - low

        def scaled(values: Any, low: float = low, width: float = width) -> Any:
            return (values - low) / width if width > 0 else values * 0 + 1.0

        name = f"Normalised {group.metric.lower_name}"
        metric = group.metric._replace(name=name, is_rate=True)
        out.append(
            replace(
                group,
                metric=metric,
                matrix=scaled(group.matrix),
                raw=[scaled(r) for r in group.raw],
            )
        )
    return out
