"""Test win rate against environment steps, one panel per map."""

import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from analysis.dataset.groups import RunGroup, backends_of, natural
from analysis.plots.style import MARKERS, add_below, apply_style, color, finish_axes, style_index
from analysis.published.reference import ReferenceSet
from analysis.stats.curves import Band, iqm_band, mean_band, median_band
from analysis.stats.grid import trailing_mean

STATISTICS = {
    "median": "median and 25-75 % over seeds",
    "mean": "mean and ±1 standard deviation over seeds",
    "iqm": "interquartile mean and 95 % bootstrap interval over seeds",
}
PANEL = (2.35, 1.85)  # inches
SINGLE = (3.5, 2.9)  # one map: a paper's column


def band_of(group: RunGroup, statistic: str, smooth: int) -> Band:
    """The curve of a group in its common range."""
    matrix = trailing_mean(group.common(), smooth) if smooth > 1 else group.common()
    if statistic == "median":
        return median_band(matrix)
    return mean_band(matrix) if statistic == "mean" else iqm_band(matrix)


def draw_panel(
    ax: Axes, groups: list[RunGroup], slots: dict[str, int], statistic: str, smooth: int
) -> None:
    """Curves and bands of one map into ``ax``; values in percent.

    Each algorithm has a colour and a marker, so the curves also differ in greyscale.
    """
    for group in groups:
        if group.n == 0:
            continue
        slot = slots[group.label]
        band = band_of(group, statistic, smooth)
        t = group.times[: len(band.center)]
        ax.fill_between(
            t, 100 * band.low, 100 * band.high, color=color(slot), alpha=0.18, linewidth=0
        )
        every = max(1, len(t) // 8)
        ax.plot(
            t,
            100 * band.center,
            color=color(slot),
            linewidth=1.4 if len(t) < 60 else 1.0,
            marker=MARKERS[slot % len(MARKERS)],
            markersize=3.2,
            markeredgecolor="white",
            markeredgewidth=0.4,
            markevery=(min(slot * every // 8, len(t) - 1), every),
        )


def draw_reference(ax: Axes, reference: ReferenceSet, map_name: str, slots: dict[str, int]) -> None:
    """Published checkpoints of a map: median with quartile whiskers, hollow markers."""
    for label, slot in slots.items():
        cell = reference.cell(map_name, label.split(" [")[0])
        if cell is None or not cell.checkpoints:
            continue
        t = np.array(sorted(cell.checkpoints))
        q = np.array([cell.checkpoints[k].quantiles for k in sorted(cell.checkpoints)])
        spread = np.abs(np.stack([q[:, 1] - q[:, 0], q[:, 2] - q[:, 1]]))
        ax.errorbar(
            t,
            q[:, 1],
            yerr=spread,
            fmt=MARKERS[slot % len(MARKERS)],
            color=color(slot),
            markerfacecolor="white",
            markersize=4,
            linewidth=0.9,
            capsize=1.8,
            zorder=3,
        )


def format_steps(limit: float) -> tuple[float, str]:
    """Divisor and unit for the time axis."""
    if limit >= 1e6:
        return 1e6, "million"
    return (1e3, "thousand") if limit >= 1e3 else (1.0, "")


def win_rate_figure(
    groups: list[RunGroup],
    title: str,
    statistic: str = "median",
    smooth: int = 1,
    reference: ReferenceSet | None = None,
    notes: list[str] | None = None,
) -> Figure:
    """Small multiples over maps. Title: experiment and backend; the legend has each n.

    Args:
        groups: groups of any number of maps; groups without runs appear as n=0.
        title: first line of the title.
        statistic: ``median``, ``mean`` or ``iqm``.
        smooth: trailing window in evaluations, 1 = none.
        reference: published bands to overlay.
        notes: lines under the figure (exclusions, call-outs).
    """
    apply_style()
    maps = sorted({g.map for g in groups}, key=natural)
    slots = style_index([g.label for g in groups])
    columns = 3 if len(maps) == 3 else min(4, max(1, len(maps)))
    rows = max(1, math.ceil(len(maps) / columns))
    size = (PANEL[0] * columns + 0.35, PANEL[1] * rows + 1.15) if len(maps) > 1 else SINGLE
    figure, axes = plt.subplots(
        rows, columns, figsize=size, squeeze=False, sharey=True, layout="constrained"
    )
    limit = max((int(g.times[-1]) for g in groups if g.n and len(g.times)), default=1)
    divisor, unit = format_steps(limit)
    for ax, name in zip(axes.flat, maps, strict=False):
        members = [g for g in groups if g.map == name]
        draw_panel(ax, members, slots, statistic, smooth)
        if reference is not None:
            draw_reference(ax, reference, name, slots)
        decorate(ax, name, members if len(maps) > 1 else [], divisor)
    for ax in axes.flat[len(maps) :]:
        ax.set_visible(False)
    for row in range(rows):
        axes[row, 0].set_ylabel("Test win rate (%)")
    for index in range(max(0, len(maps) - columns), len(maps)):
        axes.flat[index].set_xlabel(f"Environment steps ({unit})" if unit else "Environment steps")
    shown = STATISTICS[statistic] + (f", trailing mean of {smooth}" if smooth > 1 else "")
    if reference is not None:
        shown += f"\nhollow markers: {reference.name}, median and 25-75 %"
    figure.suptitle(f"{title}\n{backends_of(groups)}\n{shown}", fontsize=8)
    handles = legend_handles(groups, slots, single=len(maps) == 1)
    columns = max(1, min(len(handles), 3 if len(maps) == 1 else 8))
    add_below(figure, handles, columns, list(notes or [])[:6])
    return figure


def decorate(ax: Axes, name: str, members: list[RunGroup], divisor: float) -> None:
    """Axis limits and ticks; under the map's name the number of runs of each algorithm."""
    ax.set_title(name, pad=12 if members else 4)
    if members:
        counts = " · ".join(
            f"{g.label} {g.n}" + (f"/{g.n_found}" if g.n_found > g.n else "") for g in members
        )
        ax.text(
            0.5,
            1.03,
            f"n: {counts}",
            transform=ax.transAxes,
            ha="center",
            fontsize=5.5,
            color="#444444",
            clip_on=False,
        )
    ax.set_ylim(-3, 103)
    ax.set_yticks([0, 25, 50, 75, 100])
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x / divisor:g}"))
    ax.locator_params(axis="x", nbins=5)
    finish_axes(ax)


def legend_handles(groups: list[RunGroup], slots: dict[str, int], *, single: bool) -> list[Line2D]:
    """One handle per algorithm; with its n when there is one map only."""
    labels: dict[str, str] = {}
    for group in groups:
        labels.setdefault(group.label, group.legend() if single else group.label)
    return [
        Line2D(
            [],
            [],
            color=color(slots[k]),
            marker=MARKERS[slots[k] % len(MARKERS)],
            markersize=3.5,
            markeredgecolor="white",
            markeredgewidth=0.4,
            label=text,
        )
        for k, text in labels.items()
    ]
