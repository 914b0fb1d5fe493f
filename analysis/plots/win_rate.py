"""Test win rate (or another metric) against environment steps, one panel per map."""

import math

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.dataset.groups import RunGroup, backends_of
from analysis.dataset.view.group_selection import maps_in_order
from analysis.plots.looks import Looks, looks_of
from analysis.plots.panels import STATISTICS, decorate, draw_panel, draw_reference
from analysis.plots.style import add_below, apply_style, title_above
from analysis.plots.time_axis import time_axes
from analysis.published.reference import ReferenceSet

PANEL = (2.35, 1.85)  # inches
COLUMN = (3.5, 2.9)  # one map: a paper's column
PAGE = (6.6, 3.3)  # one map: the width of a page


def win_rate_figure(
    groups: list[RunGroup],
    title: str,
    statistic: str = "median",
    smooth: int = 1,
    reference: ReferenceSet | None = None,
    notes: list[str] | None = None,
    looks: Looks | None = None,
    columns: int | None = None,
) -> Figure:
    """Small multiples over maps. Title: experiment and backend; the legend has each n.

    Args:
        groups: groups of any number of maps; groups without runs appear as n=0.
        title: first line of the title.
        statistic: ``median``, ``mean`` or ``iqm``.
        smooth: trailing window in evaluations, 1 = none.
        reference: published bands to overlay, where they are of the metric shown.
        notes: lines under the figure (exclusions, call-outs).
        looks: colours and markers by label.
        columns: panels in a row; None: 3 for three maps, else up to 4. For one map: 1 gives a
            figure as wide as a paper's column, None one as wide as a page.
    """
    apply_style()
    looks = looks_of(groups) if looks is None else looks
    maps = maps_in_order(groups)
    metric = groups[0].metric if groups else None
    if reference is not None and (metric is None or reference.metric != metric.key):
        reference = None
    figure, axes = grid_of(len(maps), columns, share=metric is None or metric.is_rate)
    drawn, ends = [], []
    for ax, name in zip(axes, maps, strict=False):
        members = [g for g in groups if g.map == name]
        draw_panel(ax, members, looks, statistic, smooth)
        if reference is not None:
            draw_reference(ax, reference, members, looks)
        decorate(ax, name, members, counts=len(maps) > 1)
        if any(g.n for g in members):
            drawn.append(ax)
            ends.append(max(float(g.drawn().shape[1] - 1) * g.interval for g in members if g.n))
    if not maps:
        decorate(axes[0], "", [], counts=False)
    label = time_axes(drawn, ends)
    label_axes(axes, drawn, metric.axis if metric else "", label)
    shown = f"{metric.lower_name}: {STATISTICS[statistic]}" if metric else STATISTICS[statistic]
    shown += f", trailing mean of {smooth}" if smooth > 1 else ""
    if reference is not None:
        shown += f"\nhollow markers: {reference.name}, median and 25-75 %"
    title_above(figure, f"{title}\n{backends_of(groups)}\n{shown}")
    handles = legend_handles(groups, looks, single=len(maps) == 1)
    add_below(figure, handles, None, list(notes or []))
    return figure


def grid_of(maps: int, columns: int | None, *, share: bool) -> tuple[Figure, list[Axes]]:
    """A figure with a panel for each map, the others hidden."""
    width = columns or (3 if maps == 3 else min(4, max(1, maps)))
    width = min(width, max(1, maps))
    rows = max(1, math.ceil(maps / width))
    size = (PANEL[0] * width + 0.35, PANEL[1] * rows + 1.15)
    if maps <= 1:
        size = COLUMN if columns == 1 else PAGE
    elif width == 1:
        size = (COLUMN[0], size[1])
    figure, axes = plt.subplots(
        rows, width, figsize=size, squeeze=False, sharey=share, layout="constrained"
    )
    every = list(axes.flat)
    for ax in every[max(1, maps) :]:
        ax.set_visible(False)
    return figure, every


def label_axes(axes: list[Axes], drawn: list[Axes], name: str, time: str) -> None:
    """Name the value at the first panel with curves of each row, the time below the lowest."""
    spec = axes[0].get_subplotspec()
    width = int(spec.get_gridspec().ncols) if spec is not None else 1
    for index, ax in enumerate(axes):
        if ax not in drawn:
            continue
        row = [a for a in axes[index // width * width : index] if a in drawn]
        if not row:
            ax.set_ylabel(name)
            ax.tick_params(labelleft=True)
        if not any(a in drawn for a in axes[index + width :: width]):
            ax.set_xlabel(time)


def legend_handles(groups: list[RunGroup], looks: Looks, *, single: bool) -> list[Line2D]:
    """One handle per algorithm; with its n when there is one map only."""
    labels: dict[str, str] = {}
    for group in sorted(groups, key=lambda g: g.order):
        labels.setdefault(group.label, group.legend() if single else group.label)
    return [looks[k].handle(text) for k, text in labels.items()]
