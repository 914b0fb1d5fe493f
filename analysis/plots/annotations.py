"""Pieces that the figures share."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from analysis.dataset.groups import Group, alg_key

Floats = NDArray[np.float64]


def labels_in_order(groups: Sequence[Group]) -> list[str]:
    """Distinct algorithm labels, the paper's first."""
    return sorted({g.label for g in groups if g.n}, key=lambda x: alg_key(x.split(" [")[0]))


def by_label(groups: Sequence[Group]) -> dict[str, dict[str, Group]]:
    """Label -> map -> group, groups without runs left out."""
    out: dict[str, dict[str, Group]] = {label: {} for label in labels_in_order(groups)}
    for group in groups:
        if group.n:
            out[group.label][group.map] = group
    return out


def shared_maps(table: dict[str, dict[str, Group]], least: int = 2) -> tuple[list[str], list[str]]:
    """Algorithms and maps for a fair aggregate: every kept algorithm has runs on every kept map.

    Algorithms run on fewer than half as many maps as the widest one are left out (QTRAN was
    run on 3 of the SMAC paper's 14 maps), then the maps common to the rest are taken.
    """
    widest = max((len(maps) for maps in table.values()), default=0)
    kept = [label for label, maps in table.items() if len(maps) >= max(1, widest / 2)]
    common = set.intersection(*(set(table[k]) for k in kept)) if kept else set()
    ordered = [m for m in (table[kept[0]] if kept else {}) if m in common]
    return (kept, ordered) if len(ordered) >= least else (kept, [])


def runs_note(table: dict[str, dict[str, Group]], labels: list[str], maps: list[str]) -> str:
    """``n: QMIX 70 runs, ...`` over the maps used."""
    counts = [f"{k} {sum(table[k][m].n for m in maps)}" for k in labels]
    return f"{len(maps)} maps, n runs: " + ", ".join(counts)


def left_out_note(table: dict[str, dict[str, Group]], labels: list[str], maps: list[str]) -> str:
    """What the fair aggregate could not use."""
    algs = [k for k in table if k not in labels]
    every = {m for maps_of in table.values() for m in maps_of}
    parts = []
    if algs:
        parts.append("run on too few maps: " + ", ".join(algs))
    if every - set(maps):
        parts.append("maps not run by all: " + ", ".join(sorted(every - set(maps))))
    return "left out of the aggregate: " + "; ".join(parts) if parts else ""


def say(ax: Axes, text: str) -> None:
    """Replace an empty plot by the reason why it is empty."""
    ax.axis("off")
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color="#777777",
            wrap=True)  # fmt: skip
