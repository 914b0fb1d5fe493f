"""What all figures share: theme, axes, legend and notes below, byte-identical files."""

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

NOTE_SIZE = 5.5  # points
TITLE_SIZE = 8.0
LETTER, HANDLE = 0.062, 0.42  # inches of a letter in a legend, and of the line before it

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


def finish_axes(ax: Axes, grid: bool = True) -> None:
    """No top and right spine, a light grid behind the data."""
    sns.despine(ax=ax)
    if grid:
        ax.grid(True, color="#dddddd", zorder=0)
        ax.set_axisbelow(True)


def title_above(figure: Figure, text: str) -> None:
    """The title in lines that fit the figure's width."""
    per_line = int((figure.get_size_inches()[0] - 0.1) * 72 / (0.51 * TITLE_SIZE))
    lines = [part for line in text.split("\n") for part in textwrap.wrap(line, per_line)]
    figure.suptitle("\n".join(lines), fontsize=TITLE_SIZE)


def add_below(
    figure: Figure, handles: Sequence[Artist], columns: int | None, notes: Sequence[str]
) -> None:
    """A legend and small wrapped notes under a constrained-layout figure, which grows for them.

    ``columns``: entries of the legend in a row; None: as many as fit the width.
    """
    width, height = figure.get_size_inches()
    columns = legend_columns(handles, width) if columns is None else columns
    broken = wrap_entries(handles, width) if columns == 1 else 0
    per_line = int((width - 0.1) * 72 / (0.56 * NOTE_SIZE))
    text = [part for line in notes for part in textwrap.wrap(line, per_line)]
    legend = 0.17 * math.ceil(len(handles) / columns) + 0.125 * broken + 0.1 if handles else 0.0
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


def legend_columns(handles: Sequence[Artist], width: float) -> int:
    """How many legend entries fit beside each other into ``width`` inches, at least 1."""
    lengths = [len(str(h.get_label())) for h in handles]
    for count in range(len(handles), 1, -1):
        longest = [max(lengths[i::count]) for i in range(count)]
        if sum(LETTER * n + HANDLE for n in longest) <= width:
            return count
    return 1


def wrap_entries(handles: Sequence[Artist], width: float) -> int:
    """Break entries of a legend that are longer than ``width`` inches; the number of breaks."""
    count = 0
    for handle in handles:
        lines = textwrap.wrap(str(handle.get_label()), int((width - HANDLE) / LETTER)) or [""]
        handle.set_label("\n".join(lines))
        count += len(lines) - 1
    return count


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
