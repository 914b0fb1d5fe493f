"""Text that figures share: counts of runs, what was left out, why a plot is empty."""

from matplotlib.axes import Axes

from analysis.dataset.groups import RunGroup

LONGEST_COUNTS = 150  # letters in a title: about three lines of a narrow figure


def runs_note(table: dict[str, dict[str, RunGroup]], labels: list[str], maps: list[str]) -> str:
    """``2 maps, n runs: QMIX 70, VDN 65`` over the maps used; of long names the numbers alone."""
    counts = {k: sum(table[k][m].n for m in maps) for k in labels}
    text = ", ".join(f"{k} {n}" for k, n in counts.items())
    if len(text) > LONGEST_COUNTS:
        low, high = min(counts.values()), max(counts.values())
        text = f"{low} each" if low == high else f"{low} to {high} each"
    return f"{len(maps)} map{'s' * (len(maps) != 1)}, n runs: {text}"


def left_out_note(table: dict[str, dict[str, RunGroup]], labels: list[str], maps: list[str]) -> str:
    """Algorithms and maps that an aggregate over shared maps leaves out; empty when none."""
    algs = [k for k in table if k not in labels]
    every = {m for maps_of in table.values() for m in maps_of}
    parts = []
    if algs:
        parts.append("run on too few maps: " + ", ".join(algs))
    if every - set(maps):
        parts.append("maps not run by all: " + ", ".join(sorted(every - set(maps))))
    return "left out of the aggregate: " + "; ".join(parts) if parts else ""


def show_message(ax: Axes, text: str) -> None:
    """Replace an empty plot by the reason why it is empty."""
    ax.axis("off")
    ax.text(
        0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color="#777777", wrap=True
    )
