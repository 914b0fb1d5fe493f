"""One panel of learning curves: curves with bands, published results, why it is empty."""

import textwrap
from collections import Counter

import numpy as np
from matplotlib.axes import Axes

from analysis.dataset.groups import RunGroup
from analysis.plots.annotations import show_message
from analysis.plots.looks import Looks
from analysis.plots.style import finish_axes
from analysis.published.reference import ReferenceSet
from analysis.stats.curves import Band, iqm_band, mean_band, median_band
from analysis.stats.grid import common_end, trailing_mean
from analysis.stats.ragged import band_by_segment

STATISTICS = {
    "median": "median and 25-75 % over seeds",
    "mean": "mean and ±1 standard deviation over seeds",
    "iqm": "interquartile mean and 95 % bootstrap interval over seeds",
}
BANDS = {"median": median_band, "mean": mean_band, "iqm": iqm_band}
COUNT_SIZE, COUNT_WIDTH = 5.5, 25  # points, and characters in an inch, of the numbers of runs
REASON_WIDTH = 15  # characters in an inch of a line inside an empty panel


def band_of(group: RunGroup, statistic: str, smooth: int) -> Band:
    """The curve of a group; each run is smoothed first.

    Up to the point that all complete runs reach; incomplete runs enter as far as they go.
    """
    matrix = group.drawn()
    if smooth > 1:
        matrix = np.where(np.isfinite(matrix), trailing_mean(matrix, smooth), np.nan)
    return band_by_segment(matrix, BANDS[statistic])


def draw_panel(ax: Axes, groups: list[RunGroup], looks: Looks, statistic: str, smooth: int) -> None:
    """Curves and bands of one map into ``ax``.

    Each algorithm has a colour and a marker, so the curves also differ in greyscale. With
    incomplete runs a curve is dashed from where the first of its runs ended.
    """
    for group in groups:
        if group.n == 0:
            continue
        look, scale = looks[group.label], group.metric.scale
        band = band_of(group, statistic, smooth)
        t = group.times[: len(band.center)]
        ax.fill_between(
            t, scale * band.low, scale * band.high, color=look.color, alpha=0.18, linewidth=0
        )
        start = int(np.argmax(np.isfinite(band.center))) if len(t) else 0  # may begin late
        every = max(1, (len(t) - start) // 8)
        whole = len(t) if not group.partial.any() else common_end(group.matrix)
        width = 1.4 if len(t) < 60 else 1.0
        style = look.line() | {"linewidth": width}
        first = start + min(look.slot * every // 8, len(t) - 1 - start) if len(t) else 0
        ax.plot(t[:whole], scale * band.center[:whole], **style, markevery=(first, every))
        if whole < len(t):
            rest = slice(max(0, whole - 1), None)
            ax.plot(
                t[rest],
                scale * band.center[rest],
                **(style | {"linestyle": (0, (3, 1.5))}),
                markevery=every,
            )


def draw_reference(ax: Axes, reference: ReferenceSet, groups: list[RunGroup], looks: Looks) -> None:
    """Published checkpoints of a map: median with quartile whiskers, hollow markers."""
    for alg, label in dict.fromkeys((g.alg, g.label) for g in groups):
        cell = reference.cell(groups[0].map, alg)
        if cell is None or not cell.checkpoints:
            continue
        t = np.array(sorted(cell.checkpoints))
        q = np.array([cell.checkpoints[k].quantiles for k in sorted(cell.checkpoints)])
        spread = np.abs(np.stack([q[:, 1] - q[:, 0], q[:, 2] - q[:, 1]]))
        ax.errorbar(
            t,
            q[:, 1],
            yerr=spread,
            fmt=looks[label].marker,
            color=looks[label].color,
            markerfacecolor="white",
            markersize=4,
            linewidth=0.9,
            capsize=1.8,
            zorder=3,
        )


def why_empty(groups: list[RunGroup]) -> str:
    """Why a panel shows no curve: how many runs were found, and why none of them counts."""
    found = sum(g.n_found for g in groups)
    if not found:
        return "no runs found"
    reasons = Counter(text.partition(": ")[2] for g in groups for text in g.excluded)
    metric = groups[0].metric
    none = f"has no {metric.key}"
    if reasons and set(reasons) == {none}:
        return f"none of {found} runs logged {metric.key}"
    first = reasons.most_common(1)[0][0] if reasons else "no evaluation"
    more = f", and {len(reasons) - 1} other reasons" if len(reasons) > 1 else ""
    return f"no complete run of {found}: {first}{more}"


def decorate(ax: Axes, name: str, members: list[RunGroup], *, counts: bool) -> None:
    """Title, scale and grid; with ``counts`` the number of runs of each algorithm under the name.

    A panel without curves shows why.
    """
    lines = count_lines(members, inches_of(ax)) if counts else []
    ax.set_title(name, pad=4 + 8 * len(lines))
    if lines:
        ax.text(
            0.5,
            1.03,
            "\n".join(lines),
            transform=ax.transAxes,
            ha="center",
            fontsize=COUNT_SIZE,
            color="#444444",
            clip_on=False,
        ).set_in_layout(False)  # the title's distance makes the room
    if not any(g.n for g in members):
        width = max(20, int(REASON_WIDTH * inches_of(ax)))
        show_message(ax, textwrap.fill(why_empty(members), width))
        return
    if members[0].metric.is_rate:
        ax.set_ylim(-3, 103)
        ax.set_yticks([0, 25, 50, 75, 100])
    finish_axes(ax)


def inches_of(ax: Axes) -> float:
    """Width of a panel before the layout, which makes it a little narrower or wider."""
    return float(ax.bbox.width) / ax.figure.dpi


def count_lines(members: list[RunGroup], inches: float) -> list[str]:
    """The numbers of runs in lines that fit a panel; of many curves the usual one and the others.

    ``n: QMIX 3 · VDN 3``, ``n: 3 each``, ``n: 3 each · QMIX [lr=0.1] 2``.
    """
    width = int(inches * COUNT_WIDTH)
    texts = {g.label: count_text(g) for g in members}
    if len("n: " + " · ".join(texts.values())) > width:
        numbers = {label: text.removeprefix(label).strip() for label, text in texts.items()}
        usual, times = Counter(numbers.values()).most_common(1)[0]
        if times > 1:
            others = {k: t for k, t in texts.items() if numbers[k] != usual}
            texts = {"": f"{usual} each"} | others
    lines = ["n:"]
    for text in texts.values():
        if len(lines[-1]) + len(text) > width and lines[-1] != "n:":
            lines.append(text)
        else:
            lines[-1] += (" · " if lines[-1] != "n:" else " ") + text
    return lines


def count_text(group: RunGroup) -> str:
    """``QMIX 3``, ``QMIX 3/4``, ``QMIX 4 (1 incomplete)``."""
    of = f"/{group.n_found}" if group.n_found > group.n else ""
    count = int(group.partial.sum())
    return f"{group.label} {group.n}{of}" + (f" ({count} incomplete)" if count else "")
