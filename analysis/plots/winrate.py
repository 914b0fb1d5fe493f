"""Test win rate against environment steps, one panel per map."""

import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from analysis.groups import Group, backends_of, natural
from analysis.reference import Reference
from analysis.stats.curves import Band, iqm_band, mean_band, median_band
from analysis.stats.grid import trailing_mean
from analysis.style import DASHES, add_footnotes, apply_style, color, finish_axes, style_index

STATISTICS = {
    "median": "median and 25-75 % over seeds",
    "mean": "mean and ±1 standard deviation over seeds",
    "iqm": "interquartile mean and 95 % bootstrap interval over seeds",
}
PANEL = (2.35, 1.85)  # inches


def band_of(group: Group, statistic: str, smooth: int) -> Band:
    """The curve of a group in its common range."""
    matrix = trailing_mean(group.common(), smooth) if smooth > 1 else group.common()
    if statistic == "median":
        return median_band(matrix)
    return mean_band(matrix) if statistic == "mean" else iqm_band(matrix)


def draw_panel(
    ax: Axes, groups: list[Group], slots: dict[str, int], statistic: str, smooth: int
) -> None:
    """Curves and bands of one map into ``ax``; values in percent."""
    for group in groups:
        if group.n == 0:
            continue
        slot = slots[group.label]
        band = band_of(group, statistic, smooth)
        t = group.times[: len(band.center)]
        ax.fill_between(
            t, 100 * band.low, 100 * band.high, color=color(slot), alpha=0.18, linewidth=0
        )
        style: Any = DASHES[slot % len(DASHES)]
        marker = "o" if len(t) == 1 else ""
        ax.plot(
            t, 100 * band.center, color=color(slot), linestyle=style, marker=marker, markersize=3
        )


def draw_reference(ax: Axes, reference: Reference, map_name: str, slots: dict[str, int]) -> None:
    """Published checkpoints of a map: median with quartile whiskers, hollow markers."""
    for label, slot in slots.items():
        cell = reference.cell(map_name, label.split(" [")[0])
        if cell is None or not cell.checkpoints:
            continue
        t = np.array(sorted(cell.checkpoints))
        q = np.array([cell.checkpoints[k] for k in sorted(cell.checkpoints)])
        spread = np.abs(np.stack([q[:, 1] - q[:, 0], q[:, 2] - q[:, 1]]))
        ax.errorbar(
            t, q[:, 1], yerr=spread, fmt="o", color=color(slot), markerfacecolor="white",
            markersize=3.2, linewidth=0.8, capsize=1.5, zorder=3,
        )  # fmt: skip


def format_steps(limit: float) -> tuple[float, str]:
    """Divisor and unit for the time axis."""
    if limit >= 1e6:
        return 1e6, "million"
    return (1e3, "thousand") if limit >= 1e3 else (1.0, "")


def win_rate_figure(
    groups: list[Group],
    title: str,
    statistic: str = "median",
    smooth: int = 1,
    reference: Reference | None = None,
    notes: list[str] | None = None,
) -> Figure:
    """Small multiples over maps. Title: experiment and backend; each legend entry has its n.

    Args:
        groups: groups of any number of maps; groups without runs appear in the legend as n=0.
        title: first line of the title.
        statistic: ``median``, ``mean`` or ``iqm``.
        smooth: trailing window in evaluations, 1 = none.
        reference: published bands to overlay.
        notes: lines under the figure (exclusions, call-outs).
    """
    apply_style()
    maps = sorted({g.map for g in groups}, key=natural)
    slots = style_index([g.label for g in groups])
    columns = min(4, max(1, len(maps))) if len(maps) != 3 else 3
    rows = max(1, math.ceil(len(maps) / columns))
    lines = list(notes or [])[:6]
    single = len(maps) == 1
    width = 3.5 if single else max(3.5, PANEL[0] * columns + 0.35)
    height = PANEL[1] * rows + 0.85 + (0.5 if single else 0)
    figure, axes = plt.subplots(
        rows, columns, figsize=(width, height), squeeze=False, sharey=True, layout="constrained"
    )
    limit = max((int(g.times[-1]) for g in groups if g.n and len(g.times)), default=1)
    divisor, unit = format_steps(limit)
    for ax, name in zip(axes.flat, maps, strict=False):
        members = [g for g in groups if g.map == name]
        draw_panel(ax, members, slots, statistic, smooth)
        if reference is not None:
            draw_reference(ax, reference, name, slots)
        decorate(ax, name, members, divisor, slots)
    for ax in axes.flat[len(maps) :]:
        ax.set_visible(False)
    for row in range(rows):
        axes[row, 0].set_ylabel("Test win rate (%)")
    lowest = [ax for ax, _ in zip(axes.flat, maps, strict=False)][-columns:]
    for ax in lowest if len(lowest) < 3 else lowest[len(lowest) // 2 :][:1]:
        ax.set_xlabel(f"Environment steps ({unit})" if unit else "Environment steps")
    shown = STATISTICS[statistic] + (f", trailing mean of {smooth}" if smooth > 1 else "")
    if reference is not None:
        shown += f"; hollow markers: {reference.name}, median and 25-75 %"
    figure.suptitle(f"{title}\n{backends_of(groups)}\n{shown}", fontsize=8)
    add_footnotes(figure, lines)
    return figure


def legend_line(slot: int, label: str) -> Line2D:
    """A legend handle in a slot's colour and dash pattern."""
    style: Any = DASHES[slot % len(DASHES)]
    return Line2D([], [], color=color(slot), linestyle=style, label=label)


def decorate(
    ax: Axes, name: str, members: list[Group], divisor: float, slots: dict[str, int]
) -> None:
    """Axis limits, ticks and a legend with n for one panel."""
    ax.set_title(name)
    ax.set_ylim(-3, 103)
    ax.set_yticks([0, 25, 50, 75, 100])
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x / divisor:g}"))
    ax.locator_params(axis="x", nbins=5)
    finish_axes(ax)
    handles = [legend_line(slots[g.label], g.legend()) for g in members]
    if handles:
        ax.legend(handles=handles, frameon=True, framealpha=0.75, edgecolor="none", loc="best",
                  handlelength=2.4, borderpad=0.2, labelspacing=0.25, fontsize=6)  # fmt: skip
    else:
        ax.text(0.5, 0.5, "no runs", transform=ax.transAxes, ha="center", color="#777777")
