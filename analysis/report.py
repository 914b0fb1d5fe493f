"""The web report: one self-contained page, nothing loaded from anywhere."""

import html
import io
from pathlib import Path

from analysis.dataset import Dataset
from analysis.figures import footnotes
from analysis.files import write_text
from analysis.groups import build_groups
from analysis.plots.winrate import win_rate_figure
from analysis.summary import caption, pivot, summary_table


def write_report(dataset: Dataset, page: Path) -> int:
    """Write the page; returns its size in bytes."""
    groups = build_groups(dataset)
    figure = win_rate_figure(groups, f"Experiment {dataset.experiment}", notes=footnotes(dataset))
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight")
    svg = buffer.getvalue()
    maps, algs, cells = pivot(summary_table(groups))
    esc = html.escape
    head = "".join(f"<th>{esc(a)}</th>" for a in algs)
    rows = "".join(
        f"<tr><th>{esc(m)}</th>"
        + "".join(f"<td>{esc(cells.get((m, a), 'not run'))}</td>" for a in algs)
        + "</tr>"
        for m in maps
    )
    text = (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        f"<title>{esc(dataset.experiment)}</title><body>"
        f"<h1>{esc(dataset.experiment)}</h1>{svg[svg.index('<svg') :]}"
        f"<p>{esc(caption(dataset, groups))}</p>"
        f"<table><tr><th>map</th>{head}</tr>{rows}</table></body></html>"
    )
    write_text(page, text)
    return len(text.encode())
