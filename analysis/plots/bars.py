"""Final values per map as bars, with every run as a dot; and speed and memory per run."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from analysis.dataset.groups import RunGroup, backends_of
from analysis.dataset.view.group_selection import by_label, labels_in_order, maps_in_order
from analysis.plots.annotations import show_message
from analysis.plots.looks import Looks, looks_of
from analysis.plots.style import add_below, apply_style, finish_axes, title_above

Units = tuple[tuple[float, float, str], ...]
# Column of the table of runs, name of the axis, and its units: (from this value on, divisor, text).
RESOURCES: tuple[tuple[str, str, Units], ...] = (
    ("rate", "Env steps per second", ((0.0, 1.0, ""),)),
    ("duration_s", "Wall time", ((5400.0, 3600.0, "h"), (90.0, 60.0, "min"), (0.0, 1.0, "s"))),
    ("max_rss_mib", "Peak memory", ((1024.0, 1024.0, "GiB"), (0.0, 1.0, "MiB"))),
)


def final_figure(
    groups: list[RunGroup], title: str, notes: list[str], looks: Looks | None = None
) -> Figure:
    """Median final value per map and algorithm; whiskers 25-75 %, dots are the runs.

    Metrics other than rates have a panel with its own scale for each map.
    """
    apply_style()
    looks = looks_of(groups) if looks is None else looks
    table = by_label(groups)
    labels = labels_in_order(groups)
    maps = [name for name in maps_in_order(groups) if any(name in table[k] for k in labels)]
    metric = groups[0].metric if groups else None
    own_scales = metric is not None and not metric.is_rate and len(maps) > 1
    rows = [[name] for name in maps] if own_scales else [maps]
    figure, axes = bar_axes(rows, len(labels))
    for ax, names in zip(axes, rows, strict=False):
        if metric is None or not names:
            show_message(ax, "no complete runs")
            continue
        draw_bars(ax, table, names, looks)
        if metric.is_rate:
            ax.set_ylim(0, 103)
        if ax is axes[0]:
            ax.set_ylabel(f"Final {metric.axis[0].lower()}{metric.axis[1:]}")
    windows = "/".join(str(w) for w in sorted({g.final_window() for g in groups if g.n})) or "10"
    what = f"median over runs of the mean of the last {windows} evaluations, whiskers 25-75\u00a0%"
    title_above(figure, f"{title}\n{backends_of(groups)}\n{what}")
    counts = {k: [g.n for g in table[k].values()] for k in labels}
    handles = [Patch(**looks[k].bar(), label=f"{k} ({n_text(counts[k])})") for k in labels]
    add_below(figure, handles, None, notes)
    return figure


def bar_axes(rows: list[list[str]], labels: int) -> tuple[Figure, list[Axes]]:
    """A figure with one panel for each list of maps, as wide as its bars and names need."""
    if len(rows) == 1:
        width = min(11.0, max(3.5, 0.75 + 0.17 * len(rows[0]) * (labels + 1)))
        figure, ax = plt.subplots(figsize=(width, 2.6), layout="constrained")
        return figure, [ax]
    columns = min(4, len(rows))
    count = math.ceil(len(rows) / columns)
    size = (max(3.5, 2.2 * columns), 0.7 + 1.9 * count)
    figure, grid = plt.subplots(count, columns, figsize=size, squeeze=False, layout="constrained")
    axes = list(grid.flat)
    for ax in axes[len(rows) :]:
        ax.set_visible(False)
    return figure, axes


def draw_bars(
    ax: Axes, table: dict[str, dict[str, RunGroup]], maps: list[str], looks: Looks
) -> None:
    """The bars of all algorithms beside each other at x = 0, 1, ... for the maps, with names."""
    width = 0.84 / max(1, len(table))
    for i, (label, by_map) in enumerate(table.items()):
        for x, name in enumerate(maps):
            if name not in by_map:
                continue
            finals = by_map[name].metric.scale * by_map[name].finals()
            q25, median, q75 = np.percentile(finals, (25, 50, 75))
            at = x - 0.42 + width * (i + 0.5)
            ax.bar(at, median, width * 0.92, linewidth=0.3, **looks[label].bar())
            ax.plot([at, at], [q25, q75], color="black", linewidth=0.9)
            offsets = np.linspace(-0.25, 0.25, len(finals)) * width if len(finals) > 1 else 0.0
            ax.plot(at + offsets, finals, ".", color="black", markersize=1.8)
    room = ax.figure.get_size_inches()[0] if isinstance(ax.figure, Figure) else 3.5
    slanted = len(maps) > 4 or (len(maps) > 1 and 0.07 * sum(map(len, maps)) > room - 1)
    ax.set_xticks(
        range(len(maps)), maps, rotation=35 if slanted else 0, ha="right" if slanted else "center"
    )
    ax.set_xlim(-0.6, len(maps) - 0.4)
    finish_axes(ax)


def n_text(counts: list[int]) -> str:
    """``n=5`` or ``n=4-9``."""
    low, high = min(counts), max(counts)
    return f"n={low}" if low == high else f"n={low}-{high}"


def resources_figure(
    runs: pd.DataFrame,
    groups: list[RunGroup],
    title: str,
    notes: list[str],
    looks: Looks | None = None,
) -> Figure:
    """Env steps per second, wall time and peak memory of every run that recorded them."""
    apply_style()
    looks = looks_of(groups) if looks is None else looks
    figure, axes = plt.subplots(1, 3, figsize=(6.6, 2.6), layout="constrained")
    label_of = {run_id: g.label for g in groups for run_id in g.found_ids}
    labels = list(dict.fromkeys(g.label for g in sorted(groups, key=lambda g: g.order)))
    maps = maps_in_order(groups)
    for ax, (column, name, units) in zip(axes, RESOURCES, strict=True):
        part = runs[runs[column].notna() & (runs["status"] == "COMPLETED")]
        part = part[part["run_id"].isin(list(label_of))]
        if part.empty:
            show_message(ax, f"{name}:\nnot recorded")
            continue
        largest = float(part[column].max())
        unit, text = next((divisor, text) for least, divisor, text in units if largest >= least)
        for label, rows in part.groupby(part["run_id"].map(label_of), sort=True):
            look = looks[str(label)]
            y = np.array([maps.index(m) for m in rows["map"]]) + (look.slot % 5 - 2) * 0.14
            ax.plot(rows[column] / unit, y, "o", color=look.color, markersize=3, alpha=0.75)
        ax.set_yticks(range(len(maps)), maps if ax is axes[0] else [])
        ax.set_ylim(len(maps) - 0.5, -0.5)
        ax.set_xlim(left=0)
        ax.set_xlabel(f"{name}{f' ({text})' if text else ''}, n={len(part)}")
        finish_axes(ax)
    what = "speed and resource use, one dot per run"
    title_above(figure, f"{title}\n{backends_of(groups)}\n{what}")
    handles = [Patch(facecolor=looks[k].color, label=k) for k in labels]
    add_below(figure, handles, None, notes)
    return figure
