"""Look of the figures: colours, line styles, and byte-identical files."""

import io
import math
import textwrap
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from analysis.dataset.files import write_bytes
from analysis.dataset.view.group_keys import alg_key

# Okabe and Ito's colours differ with the common colour-vision deficiencies; markers differ in
# greyscale.
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8A8A00"]
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*"]
FIXED = {"qmix": 0, "vdn": 1, "iql": 2, "qtran": 3, "coma": 4}

NOTE_SIZE = 5.5  # points

RC = {
    "svg.hashsalt": "analysis",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.labelsize": 8,
    "legend.fontsize": 7.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.linewidth": 0.7,
    "lines.linewidth": 1.4,
    "grid.linewidth": 0.5,
    "text.parse_math": False,  # a label from a log is text, never a formula
    "savefig.dpi": 200,
    "figure.dpi": 100,
}


def apply_style() -> None:
    """Set seaborn's theme and our parameters (process-wide, idempotent)."""
    mpl.rcdefaults()
    sns.set_theme(context="paper", style="ticks", rc=RC)


def style_index(labels: Sequence[str]) -> dict[str, int]:
    """A fixed slot for the paper's algorithms, free slots by name for the others."""
    out: dict[str, int] = {}
    taken: set[int] = set()
    for label in sorted(set(labels), key=lambda x: alg_key(x.split(" [")[0])):
        slot = FIXED.get(label.lower())
        if slot is None or slot in taken:
            free = [i for i in range(10_000) if i not in taken and i not in FIXED.values()]
            slot = free[0]
        taken.add(slot)
        out[label] = slot
    return out


def color(slot: int) -> str:
    """Colour of a slot; repeats after eight."""
    return COLORS[slot % len(COLORS)]


def finish_axes(ax: Axes, grid: bool = True) -> None:
    """No top and right spine, a light grid behind the data."""
    sns.despine(ax=ax)
    if grid:
        ax.grid(True, color="#dddddd", zorder=0)
        ax.set_axisbelow(True)


def add_below(
    figure: Figure, handles: Sequence[Artist], columns: int, notes: Sequence[str]
) -> None:
    """A legend and small wrapped notes under a constrained-layout figure, which grows for them."""
    width, height = figure.get_size_inches()
    per_line = int((width - 0.1) * 72 / (0.56 * NOTE_SIZE))
    text = [part for line in notes for part in textwrap.wrap(line, per_line)]
    legend = 0.17 * math.ceil(len(handles) / columns) + 0.1 if handles else 0.0
    below = len(text) * NOTE_SIZE * 1.25 / 72 + 0.08 if text else 0.0
    total = height + legend + below
    figure.set_size_inches(width, total)
    share = (legend + below) / total
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(rect=(0, share, 1, 1 - share))
    if handles:
        figure.legend(
            handles=list(handles),
            loc="upper center",
            bbox_to_anchor=(0.5, share),
            ncols=columns,
            frameon=False,
            handlelength=2.0,
            columnspacing=1.4,
            borderaxespad=0.2,
        ).set_in_layout(False)
    if text:
        figure.text(
            0.05 / width,
            below / total - 0.02 / total,
            "\n".join(text),
            fontsize=NOTE_SIZE,
            va="top",
            color="#444444",
            linespacing=1.2,
        )


def save_figure(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write ``name.svg``, ``name.pdf`` and ``name.png``; same figure, same bytes."""
    metadata: dict[str, dict[str, str | None]] = {
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None},
        "png": {"Software": None},
    }
    figure.draw_without_rendering()  # lay out once, not once per format
    figure.set_layout_engine(None)  # "none" would leave an engine and a dry run per format
    written = []
    for file_format, meta in metadata.items():
        buffer = io.BytesIO()
        figure.savefig(buffer, format=file_format, metadata=meta)
        write_bytes(folder / f"{name}.{file_format}", buffer.getvalue())
        written.append(folder / f"{name}.{file_format}")
    plt.close(figure)
    return written
