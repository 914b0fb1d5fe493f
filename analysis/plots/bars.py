"""Final win rates per map as bars, with every run as a dot; and speed and memory per run."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from analysis.dataset.group_selection import by_label, labels_in_order
from analysis.dataset.groups import RunGroup, backends_of, natural
from analysis.dataset.labels import alg_label
from analysis.plots.annotations import show_message
from analysis.plots.style import add_below, apply_style, color, finish_axes, style_index

HATCHES = ["", "////", "....", "\\\\\\\\", "xxxx", "----", "oooo", "++++"]


def final_figure(groups: list[RunGroup], title: str, notes: list[str]) -> Figure:
    """Median final win rate per map and algorithm; whiskers 25-75 %, dots are the runs."""
    apply_style()
    table = by_label(groups)
    labels = labels_in_order(groups)
    maps = sorted({g.map for g in groups if g.n}, key=natural)
    slots = style_index([g.label for g in groups])
    width = min(11.0, max(3.5, 0.75 + 0.17 * len(maps) * (len(labels) + 1)))
    figure, ax = plt.subplots(figsize=(width, 2.6), layout="constrained")
    if not maps:
        show_message(ax, "no complete runs")
    draw_bars(ax, table, maps, slots)
    if maps:
        ax.set_xticks(
            range(len(maps)),
            maps,
            rotation=35 if len(maps) > 4 else 0,
            ha="right" if len(maps) > 4 else "center",
        )
        ax.set_ylabel("Final test win rate (%)")
        ax.set_ylim(0, 103)
        ax.set_xlim(-0.6, len(maps) - 0.4)
        finish_axes(ax)
    windows = "/".join(str(w) for w in sorted({g.final_window() for g in groups if g.n})) or "10"
    what = f"median over runs of the mean of the last {windows} evaluations, whiskers 25-75 %"
    figure.suptitle(f"{title}\n{backends_of(groups)}\n{what}", fontsize=8)
    counts = {k: [g.n for g in table[k].values()] for k in labels}
    handles = [Patch(**bar_style(slots[k]), label=f"{k} ({n_text(counts[k])})") for k in labels]
    add_below(figure, handles, max(1, min(len(handles), int(width / 1.15))), notes)
    return figure


def bar_style(slot: int) -> dict[str, Any]:
    """Colour and hatch of an algorithm's bars."""
    return {
        "facecolor": color(slot),
        "alpha": 0.55,
        "hatch": HATCHES[slot % 8],
        "edgecolor": "white",
    }


def draw_bars(
    ax: Axes, table: dict[str, dict[str, RunGroup]], maps: list[str], slots: dict[str, int]
) -> None:
    """The bars of all algorithms beside each other at x = 0, 1, ... for the maps."""
    width = 0.84 / max(1, len(table))
    for i, (label, by_map) in enumerate(table.items()):
        for x, name in enumerate(maps):
            if name not in by_map:
                continue
            finals = 100 * by_map[name].finals()
            q25, median, q75 = np.percentile(finals, (25, 50, 75))
            at = x - 0.42 + width * (i + 0.5)
            ax.bar(at, median, width * 0.92, linewidth=0.3, **bar_style(slots[label]))
            ax.plot([at, at], [q25, q75], color="black", linewidth=0.9)
            offsets = np.linspace(-0.25, 0.25, len(finals)) * width if len(finals) > 1 else 0.0
            ax.plot(at + offsets, finals, ".", color="black", markersize=1.8)


def n_text(counts: list[int]) -> str:
    """``n=5`` or ``n=4-9``."""
    low, high = min(counts), max(counts)
    return f"n={low}" if low == high else f"n={low}-{high}"


def resources_figure(runs: pd.DataFrame, title: str, backend: str, notes: list[str]) -> Figure:
    """Env steps per second, wall time and peak memory of every run that recorded them."""
    apply_style()
    panels = [
        ("rate", 1.0, "Env steps per second"),
        ("duration_s", 3600.0, "Wall time (h)"),
        ("max_rss_mib", 1024.0, "Peak memory (GiB)"),
    ]
    figure, axes = plt.subplots(1, 3, figsize=(6.6, 2.6), layout="constrained")
    labels = sorted({alg_label(a) for a in runs["alg"]})
    slots = style_index(labels)
    maps = sorted(set(runs["map"]), key=natural)
    for ax, (column, unit, name) in zip(axes, panels, strict=True):
        part = runs[runs[column].notna() & (runs["status"] == "COMPLETED")]
        if part.empty:
            show_message(ax, f"{name}:\nnot recorded")
            continue
        for alg, rows in part.groupby("alg", sort=True):
            slot = slots[alg_label(str(alg))]
            y = np.array([maps.index(m) for m in rows["map"]]) + (slot % 5 - 2) * 0.14
            ax.plot(rows[column] / unit, y, "o", color=color(slot), markersize=3, alpha=0.75)
        ax.set_yticks(range(len(maps)), maps if ax is axes[0] else [])
        ax.set_ylim(len(maps) - 0.5, -0.5)
        ax.set_xlim(left=0)
        ax.set_xlabel(f"{name}, n={len(part)}")
        finish_axes(ax)
    figure.suptitle(f"{title}\n{backend}\nspeed and resource use, one dot per run", fontsize=8)
    handles = [Patch(facecolor=color(slots[k]), label=k) for k in labels]
    add_below(figure, handles, max(1, min(8, len(handles))), notes)
    return figure
