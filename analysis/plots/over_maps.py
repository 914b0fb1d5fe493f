"""Figures over all maps: mean of medians, maps won, performance profiles, improvement."""

import textwrap
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.dataset.groups import RunGroup, backends_of
from analysis.dataset.view.group_selection import by_label, on_one_scale, shared_maps
from analysis.plots.annotations import left_out_note, runs_note, show_message
from analysis.plots.looks import Looks, looks_of
from analysis.plots.style import add_below, apply_style, finish_axes, title_above
from analysis.plots.time_axis import time_axes
from analysis.stats.compare import mean_improvement
from analysis.stats.curves import median_band
from analysis.stats.final import best_by_margin
from analysis.stats.grid import trailing_mean
from analysis.stats.profiles import mean_of_medians, profile_band

PAIR_WIDTH = 56  # letters
NEED_TWO = "needs at least two maps\nthat every algorithm has complete runs on"
NO_RUNS = "no complete runs"
NOT_BETTER = "not known whether\nmore of it is better"


def aggregate_figure(
    groups: list[RunGroup], title: str, notes: list[str], looks: Looks | None = None
) -> Figure:
    """Left: mean over maps of the median win rate. Right: maps where the median is best by 1/32.

    Metrics other than rates are normalised on each map first. Source: the SMAC paper's cross-map
    figures.
    """
    apply_style()
    looks = looks_of(groups) if looks is None else looks
    groups = on_one_scale(groups)
    table = by_label(groups)
    labels, maps = shared_maps(table)
    figure, (left, right) = plt.subplots(1, 2, figsize=(5.6, 2.6), layout="constrained")
    head = f"{title}\n{backends_of(groups)}\n"
    if not maps:
        for ax in (left, right):
            show_message(ax, NEED_TWO if table else NO_RUNS)
        title_above(figure, head + "aggregate over maps")
        add_below(figure, [], 1, notes)
        return figure
    metric = groups[0].metric
    interval = max(table[k][m].interval for k in labels for m in maps)
    medians = {k: [median_band(table[k][m].common()).center for m in maps] for k in labels}
    end = min(len(c) for curves in medians.values() for c in curves)
    times = np.arange(end) * interval
    window = 10 if end >= 60 else 1  # single evaluations are too noisy to rank by 1/32
    smooth = np.array([[trailing_mean(c[:end], window) for c in medians[k]] for k in labels])
    counts = np.array([best_by_margin(smooth[:, :, i]) for i in range(end)])
    for row, label in enumerate(labels):
        style = looks[label].line() | {"linewidth": 1.1, "markevery": max(1, end // 8)}
        left.plot(times, 100 * mean_of_medians([c[:end] for c in medians[label]]), **style)
        right.plot(times, counts[:, row], **style)
    left.set_ylabel("Mean over maps of the median (%)")
    left.set_ylim(bottom=0)
    mean_of = f"\n(trailing mean of {window})" if window > 1 else ""
    if not metric.better:
        right.clear()
        show_message(right, NOT_BETTER)
    else:
        right.set_ylabel(f"Maps (of {len(maps)}) best by ≥ 1/32{mean_of}")
        right.set_ylim(-0.2, max(1, counts.max()) + 0.5)
        right.yaxis.set_major_locator(MaxNLocator(integer=True))
    shown = (left, right) if metric.better else (left,)
    label = time_axes(shown, [float(times[-1])])
    for ax in shown:
        ax.set_xlabel(label)
        finish_axes(ax)
    what = f"{metric.lower_name}; {runs_note(table, labels, maps)}"
    title_above(figure, head + what)
    extra = left_out_note(table, labels, maps)
    handles = [looks[k].handle(k) for k in labels]
    add_below(figure, handles, None, [extra] * bool(extra) + notes)
    return figure


def profile_figure(
    groups: list[RunGroup], title: str, notes: list[str], looks: Looks | None = None
) -> Figure:
    """Share of runs with a final win rate above each threshold, 95 % stratified bootstrap band.

    Metrics other than rates are normalised on each map first.
    """
    apply_style()
    looks = looks_of(groups) if looks is None else looks
    groups = on_one_scale(groups)
    table = by_label(groups)
    labels, maps = shared_maps(table, least=1)
    metric = groups[0].metric if groups else None
    name = metric.name if metric else ""
    figure, ax = plt.subplots(figsize=(3.5, 2.7), layout="constrained")
    what = f"performance profile of the final {name[:1].lower()}{name[1:]}, 95 % bootstrap band"
    if not maps:
        show_message(ax, NO_RUNS)
    taus = np.linspace(0, 1, 101)
    for label in labels if maps else []:
        look = looks[label]
        band = profile_band([table[label][m].finals() for m in maps], taus)
        ax.fill_between(
            100 * taus, 100 * band.low, 100 * band.high, color=look.color, alpha=0.18, linewidth=0
        )
        ax.plot(100 * taus, 100 * band.center, **look.line(), markevery=12)
    if maps:
        ax.set_xlabel(f"Final {name[0].lower()}{name[1:]} τ (%)")
        ax.set_ylabel("Runs above τ (%)")
        ax.set_ylim(-3, 103)
        finish_axes(ax)
        what += "\n" + runs_note(table, labels, maps)
    title_above(figure, f"{title}\n{backends_of(groups)}\n{what}")
    extra = left_out_note(table, labels, maps) if maps else ""
    handles = [looks[k].handle(k) for k in labels] if maps else []
    add_below(figure, handles, None, [extra] * bool(extra) + notes)
    return figure


def pair_name(x: str, y: str) -> str:
    """``QMIX > VDN``; in several lines where the names are long."""
    if len(x) + len(y) <= PAIR_WIDTH:
        return f"{x} > {y}"
    return "\n".join(part for text in (f"{x} >", y) for part in textwrap.wrap(text, PAIR_WIDTH))


def improvement_figure(groups: list[RunGroup], title: str, notes: list[str]) -> Figure:
    """P(X > Y) for every pair, mean over maps, with a 95 % stratified bootstrap interval."""
    apply_style()
    table = by_label(groups)
    labels, maps = shared_maps(table, least=1)
    pairs = list(combinations(labels, 2)) if maps else []
    final = f"final {groups[0].metric.lower_name}" if groups else "final values"
    names = [pair_name(x, y) for x, y in pairs]
    lines = [name.split("\n") for name in names]
    height = 1.15 + max(0.72, sum(0.12 + 0.12 * len(parts) for parts in lines))
    width = max(3.5, 2.1 + 0.06 * max((len(line) for parts in lines for line in parts), default=0))
    figure, ax = plt.subplots(figsize=(width, height), layout="constrained")
    what = f"probability of improvement P(X > Y) of the {final}, mean over maps, 95 % bootstrap"
    if not pairs:
        show_message(ax, "needs two algorithms with complete runs" if labels else NO_RUNS)
    for row, (x, y) in enumerate(pairs):
        found = mean_improvement([(table[x][m].finals(), table[y][m].finals()) for m in maps])
        ax.plot([found.low, found.high], [row, row], color="#0072B2", linewidth=2.2)
        ax.plot([found.value], [row], "o", color="#0072B2", markeredgecolor="white", markersize=4.5)
        ax.text(1.04, row, f"{found.value:.2f}", va="center", fontsize=6.5)
    if pairs:
        ax.axvline(0.5, color="#555555", linewidth=0.8, linestyle=(0, (3, 2)))
        ax.set_yticks(range(len(pairs)), names)
        ax.set_xlim(-0.02, 1.02)
        ax.set_ylim(len(pairs) - 0.5, -0.5)
        ax.set_xlabel("P(X > Y)")
        finish_axes(ax)
        what += "\n" + runs_note(table, labels, maps)
    title_above(figure, f"{title}\n{backends_of(groups)}\n{what}")
    extra = left_out_note(table, labels, maps) if maps else ""
    add_below(figure, [], 1, [extra] * bool(extra) + notes)
    return figure
