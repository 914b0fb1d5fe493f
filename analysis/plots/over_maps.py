"""Figures over all maps: mean of medians, maps won, performance profiles, improvement."""

from itertools import combinations
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from analysis.dataset.group_selection import by_label, shared_maps
from analysis.dataset.groups import RunGroup, backends_of
from analysis.plots.annotations import left_out_note, runs_note, show_message
from analysis.plots.style import MARKERS, add_below, apply_style, color, finish_axes, style_index
from analysis.plots.win_rate import format_steps
from analysis.stats.compare import mean_improvement
from analysis.stats.curves import median_band
from analysis.stats.final import best_by_margin
from analysis.stats.grid import trailing_mean
from analysis.stats.profiles import mean_of_medians, profile_band

NEED_TWO = "needs at least two maps\nthat every algorithm has complete runs on"


def aggregate_figure(groups: list[RunGroup], title: str, notes: list[str]) -> Figure:
    """Left: mean over maps of the median win rate. Right: maps where the median is best by 1/32.

    Source: the SMAC paper's cross-map figures.
    """
    apply_style()
    table = by_label(groups)
    labels, maps = shared_maps(table)
    slots = style_index([g.label for g in groups])
    figure, (left, right) = plt.subplots(1, 2, figsize=(5.6, 2.6), layout="constrained")
    head = f"{title}\n{backends_of(groups)}\n"
    if not maps:
        show_message(left, NEED_TWO)
        show_message(right, NEED_TWO)
        figure.suptitle(head + "aggregate over maps", fontsize=8)
        return figure
    interval = max(table[k][m].interval for k in labels for m in maps)
    medians = {k: [median_band(table[k][m].common()).center for m in maps] for k in labels}
    end = min(len(c) for curves in medians.values() for c in curves)
    times = np.arange(end) * interval
    divisor, unit = format_steps(float(times[-1]))
    window = 10 if end >= 60 else 1  # single evaluations are too noisy to rank by 1/32
    smooth = np.array([[trailing_mean(c[:end], window) for c in medians[k]] for k in labels])
    counts = np.array([best_by_margin(smooth[:, :, i]) for i in range(end)])
    for row, label in enumerate(labels):
        slot, every = slots[label], max(1, end // 8)
        style = line_style(slot) | {"linewidth": 1.1, "markevery": every}
        left.plot(times, 100 * mean_of_medians([c[:end] for c in medians[label]]), **style)
        right.plot(times, counts[:, row], **style)
    left.set_ylabel("Mean over maps of the median (%)")
    left.set_ylim(bottom=0)
    mean_of = f"\n(trailing mean of {window})" if window > 1 else ""
    right.set_ylabel(f"Maps (of {len(maps)}) best by ≥ 1/32{mean_of}")
    right.set_ylim(-0.2, max(1, counts.max()) + 0.5)
    for ax in (left, right):
        ax.set_xlabel(f"Environment steps ({unit})" if unit else "Environment steps")
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x / divisor:g}"))
        ax.set_xlim(left=0)
        finish_axes(ax)
    figure.suptitle(head + runs_note(table, labels, maps), fontsize=8)
    extra = left_out_note(table, labels, maps)
    add_below(figure, handles_for(labels, slots), len(labels), [extra] * bool(extra) + notes)
    return figure


def profile_figure(groups: list[RunGroup], title: str, notes: list[str]) -> Figure:
    """Share of runs with a final win rate above each threshold, 95 % stratified bootstrap band."""
    apply_style()
    table = by_label(groups)
    labels, maps = shared_maps(table, least=1)
    slots = style_index([g.label for g in groups])
    figure, ax = plt.subplots(figsize=(3.5, 2.7), layout="constrained")
    what = "performance profile of final win rates, 95 % bootstrap band"
    if not maps:
        show_message(ax, "no complete runs")
    taus = np.linspace(0, 1, 101)
    for label in labels if maps else []:
        slot = slots[label]
        band = profile_band([table[label][m].finals() for m in maps], taus)
        ax.fill_between(
            100 * taus, 100 * band.low, 100 * band.high, color=color(slot), alpha=0.18, linewidth=0
        )
        ax.plot(
            100 * taus,
            100 * band.center,
            color=color(slot),
            marker=MARKERS[slot % 8],
            markersize=3.2,
            markevery=12,
            markeredgecolor="white",
            markeredgewidth=0.4,
        )
    if maps:
        ax.set_xlabel("Final test win rate τ (%)")
        ax.set_ylabel("Runs with win rate > τ (%)")
        ax.set_ylim(-3, 103)
        finish_axes(ax)
        what += "\n" + runs_note(table, labels, maps)
    figure.suptitle(f"{title}\n{backends_of(groups)}\n{what}", fontsize=8)
    extra = left_out_note(table, labels, maps) if maps else ""
    handles = handles_for(labels, slots) if maps else []
    add_below(figure, handles, max(1, min(4, len(labels))), [extra] * bool(extra) + notes)
    return figure


def improvement_figure(groups: list[RunGroup], title: str, notes: list[str]) -> Figure:
    """P(X > Y) for every pair, mean over maps, with a 95 % stratified bootstrap interval."""
    apply_style()
    table = by_label(groups)
    labels, maps = shared_maps(table, least=1)
    pairs = list(combinations(labels, 2)) if maps else []
    height = 1.15 + 0.24 * max(3, len(pairs))
    figure, ax = plt.subplots(figsize=(3.5, height), layout="constrained")
    what = "probability of improvement P(X > Y) of final win rates,\nmean over maps, 95 % bootstrap"
    if not pairs:
        show_message(ax, "needs two algorithms with complete runs")
    for row, (x, y) in enumerate(pairs):
        found = mean_improvement([(table[x][m].finals(), table[y][m].finals()) for m in maps])
        ax.plot([found.low, found.high], [row, row], color="#0072B2", linewidth=2.2)
        ax.plot([found.value], [row], "o", color="#0072B2", markeredgecolor="white", markersize=4.5)
        ax.text(1.04, row, f"{found.value:.2f}", va="center", fontsize=6.5)
    if pairs:
        ax.axvline(0.5, color="#555555", linewidth=0.8, linestyle=(0, (3, 2)))
        ax.set_yticks(range(len(pairs)), [f"{x} > {y}" for x, y in pairs])
        ax.set_xlim(-0.02, 1.02)
        ax.set_ylim(len(pairs) - 0.5, -0.5)
        ax.set_xlabel("P(X > Y)")
        finish_axes(ax)
        what += "\n" + runs_note(table, labels, maps)
    figure.suptitle(f"{title}\n{backends_of(groups)}\n{what}", fontsize=8)
    extra = left_out_note(table, labels, maps) if maps else ""
    add_below(figure, [], 1, [extra] * bool(extra) + notes)
    return figure


def line_style(slot: int) -> dict[str, Any]:
    """Colour and marker of an algorithm's line."""
    return {
        "color": color(slot),
        "marker": MARKERS[slot % 8],
        "markersize": 3.2,
        "markeredgecolor": "white",
        "markeredgewidth": 0.4,
    }


def handles_for(labels: list[str], slots: dict[str, int]) -> list[Line2D]:
    """Legend handles without counts (those are in the title)."""
    return [
        Line2D(
            [],
            [],
            color=color(slots[k]),
            marker=MARKERS[slots[k] % 8],
            markersize=3.5,
            markeredgecolor="white",
            markeredgewidth=0.4,
            label=k,
        )
        for k in labels
    ]
