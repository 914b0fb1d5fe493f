"""The SMAC paper from its raw runs: docs/smac_paper/smac_paper.md (cells, table, exclusions)."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from analysis.dataset.files import read_object, write_text
from analysis.dataset.groups import RunGroup, build_groups
from analysis.dataset.storage import Dataset
from analysis.errors import ResultError
from analysis.published.reference import default_reference
from analysis.stats.final import TABLE_WINDOW, best_by_margin, table_value
from analysis.tables.summary import caption, pivot, summary_table


class TableDifference(NamedTuple):
    """Our table value beside the published one, in percentage points."""

    map: str
    label: str
    ours: float
    published: float

    @property
    def error(self) -> float:
        """Ours minus published."""
        return self.ours - self.published


def published_table() -> dict[str, dict[str, float]]:
    """The published table: map -> algorithm -> percent.

    Raises:
        ResultError: when the file is missing or has another form.
    """
    path = default_reference().with_name("smac_2019_table.json")
    data = read_object(path)
    if data.get("format") != "reference-table" or not isinstance(data.get("cells"), dict):
        raise ResultError(f"{path}: expected format 'reference-table'")
    return {m: {a: float(v) for a, v in row.items()} for m, row in data["cells"].items()}


def table_differences(groups: list[RunGroup], window: int = TABLE_WINDOW) -> list[TableDifference]:
    """Our table values for every published cell that the dataset has."""
    table = published_table()
    return [
        TableDifference(
            g.map, g.label, 100 * table_value(g.matrix, window), table[g.map][g.alg.lower()]
        )
        for g in groups
        if g.n and g.alg.lower() in table.get(g.map, {})
    ]


def mean_error(rows: list[TableDifference]) -> float:
    """Mean absolute error in percentage points."""
    return float(np.mean([abs(r.error) for r in rows])) if rows else float("nan")


def render(dataset: Dataset) -> str:
    """The page as markdown."""
    groups = build_groups(dataset)
    rows = table_differences(groups)
    if not rows:
        raise ResultError("the dataset has no cell of the published table; use smac_run_data.json")
    maps, algs, cells = pivot(summary_table(groups))
    lines = [
        "# The SMAC paper from its raw runs",
        "",
        "Made by `python -m analysis paper` from `smac_run_data.json` (`python -m analysis "
        "fetch-smac` downloads it and checks its SHA-256). These are the paper's own StarCraft II "
        "runs, not ours.",
        "",
        "![Median test win rate and 25-75 % over runs on the 14 maps](smac_paper_win_rate.png)",
        "",
        "The picture is `figures/win_rate.png` of that command, made smaller.",
        "",
        "## Final win rates",
        "",
        caption(dataset, groups),
        "",
        "| map | " + " | ".join(algs) + " |",
        "|" + " --- |" * (len(algs) + 1),
    ]
    for name in maps:
        row = [cells.get((name, a), "not run") for a in algs]
        lines.append(f"| {name} | " + " | ".join(row) + " |")
    lines += ["", *aggregate_lines(groups, maps), "", *table_lines(groups, rows)]
    lines += ["", "## Runs left out", "", f"{len(dataset.info['exclusions'])} runs:", ""]
    lines += [f"- {e['run']}: {e['reason']}" for e in dataset.info["exclusions"]]
    return "\n".join(lines) + "\n"


def aggregate_lines(groups: list[RunGroup], maps: list[str]) -> list[str]:
    """Mean of medians and the number of maps won, over algorithms run on every map."""
    finals = {(g.label, g.map): float(np.median(g.finals())) for g in groups if g.n}
    algs = [
        a for a in dict.fromkeys(g.label for g in groups) if all((a, m) in finals for m in maps)
    ]
    means = ", ".join(f"{a} {100 * np.mean([finals[a, m] for m in maps]):.1f}" for a in algs)
    every = list(dict.fromkeys(g.label for g in groups))
    matrix = np.array([[finals.get((a, m), np.nan) for m in maps] for a in every])
    wins = best_by_margin(matrix)
    won = ", ".join(f"{a} {n}" for a, n in zip(every, wins, strict=True) if n)
    return [
        f"Mean over {len(maps)} maps of the medians: {means}.",
        f"Maps where an algorithm's median is best by at least 1/32: {won or 'none'}.",
    ]


def table_lines(groups: list[RunGroup], rows: list[TableDifference]) -> list[str]:
    """The published table beside ours, and how the window changes the error."""
    worst = sorted(rows, key=lambda r: -abs(r.error))[:5]
    windows = ", ".join(
        f"{w}: {mean_error(table_differences(groups, w)):.2f}" for w in range(1, 13)
    )
    out = [
        "## The published table",
        "",
        "Rule: max over training of the across-seed median of "
        f"{TABLE_WINDOW}-point trailing means, on the nominal 10,000-step grid, "
        "complete runs only. The paper's exact rule is not known. "
        f"Mean absolute error over {len(rows)} cells: **{mean_error(rows):.2f} points** "
        f"(largest {abs(worst[0].error):.1f}, {worst[0].label} on {worst[0].map}).",
        "",
        f"Mean absolute error by window: {windows}.",
        "",
        "| map | algorithm | ours | published | difference |",
        "|" + " --- |" * 5,
    ]
    for r in rows:
        out.append(f"| {r.map} | {r.label} | {r.ours:.1f} | {r.published:.0f} | {r.error:+.1f} |")
    return out


def write_paper(dataset: Dataset, out: Path) -> str:
    """Write the page; returns a line with the error."""
    write_text(out, render(dataset))
    rows = table_differences(build_groups(dataset))
    counts = f"{dataset.info['n_complete']} of {dataset.info['n_found']} runs complete"
    error = f"mean absolute error {mean_error(rows):.2f} points over {len(rows)} published cells"
    return f"{out}: {counts}; {error}"
