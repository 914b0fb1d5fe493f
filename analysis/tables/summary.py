"""The summary table: one row per map, algorithm and backend, percentages with their n."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.dataset.files import write_text
from analysis.dataset.groups import RunGroup, backends_of
from analysis.dataset.labels import latex_escape, markdown_escape
from analysis.dataset.storage import Dataset
from analysis.stats.bootstrap import stratified_bootstrap
from analysis.stats.curves import mean_band
from analysis.stats.final import ONE_EPISODE, area_under_curve, table_value, time_to_threshold
from analysis.stats.uncertainty import spread
from analysis.tables.comparisons import aggregate_table, pairs_table

SUMMARY_COLUMNS = {
    "map": "map",
    "alg": "algorithm",
    "backend": "what the battles were played on",
    "sc2_build": "StarCraft II build",
    "engine_version": "version of the simulator's engine, of pooled runs all of them",
    "n_complete": "runs in the statistics",
    "n_found": "runs found or expected",
    "final_window": "evaluations in a run's final value: the last 10, n // 10 of short runs",
    "final_median": "median over runs of each run's mean of its last evaluations, %",
    "final_q25": "25 % quantile of the same, %",
    "final_q75": "75 % quantile of the same, %",
    "final_min": "smallest run, %",
    "final_max": "largest run, %",
    "final_mean": "mean over runs, %",
    "final_std": "standard deviation over runs (ddof 1), %",
    "sd_episodes": "part of that expected from the finite number of test episodes, points",
    "sd_seeds": "what is left for the seeds: sqrt(max(0, sd^2 - sd_episodes^2)), points",
    "final_iqm": "interquartile mean over runs, %",
    "final_iqm_low": "95 % bootstrap interval of the IQM over runs, low, %",
    "final_iqm_high": "the same, high, %",
    "table_value": "max over training of the median of 8-point trailing means, %",
    "auc_median": "median over runs of the normalised area under the curve, %",
    "t_50_median": "median over runs of the first env step with a 5-point mean >= 50 %",
    "t_end": "nominal env step at which the common grid ends",
    "excluded": "why runs were left out",
}


MARGIN = 100 * ONE_EPISODE  # percentage points


def summary_row(group: RunGroup) -> dict[str, object]:
    """All statistics of one group; NaN where there are no runs."""
    row: dict[str, object] = {
        "map": group.map,
        "alg": group.label,
        "backend": group.backend,
        "sc2_build": group.sc2_build,
        "engine_version": group.engine,
        "n_complete": group.n,
        "n_found": group.n_found,
        "excluded": "; ".join(group.excluded),
    }
    if group.n == 0:
        return row
    window = group.final_window()
    finals = 100 * group.finals()
    q25, mid, q75 = np.percentile(finals, (25, 50, 75))
    mean = mean_band(finals[:, None])
    interval = stratified_bootstrap([finals], reps=2000)
    times = [time_to_threshold(r, group.interval, 0.5, window=5) for r in group.matrix]
    parts = spread(finals / 100, group.episodes * window)
    row |= {
        "sd_episodes": 100 * parts.binomial,
        "sd_seeds": 100 * parts.seeds,
        "final_window": window,
        "final_median": mid,
        "final_q25": q25,
        "final_q75": q75,
        "final_min": finals.min(),
        "final_max": finals.max(),
        "final_mean": mean.center[0],
        "final_std": mean.high[0] - mean.center[0],
        "final_iqm": interval.value,
        "final_iqm_low": interval.low,
        "final_iqm_high": interval.high,
        "table_value": 100 * table_value(group.matrix),
        "auc_median": 100 * np.median([area_under_curve(r) for r in group.matrix]),
        "t_50_median": np.median(times),
        "t_end": (group.common().shape[1] - 1) * group.interval,
    }
    return row


def summary_table(groups: list[RunGroup]) -> pd.DataFrame:
    """One row per group, columns as in ``SUMMARY_COLUMNS``."""
    return pd.DataFrame([summary_row(g) for g in groups], columns=list(SUMMARY_COLUMNS))


def cell_text(row: Mapping[Hashable, Any]) -> str:
    """``97.5 [96.3-98.1] n=5``; ``-`` without runs."""
    if not row["n_complete"]:
        return f"- (0 of {row['n_found']})"
    n, found = row["n_complete"], row["n_found"]
    count = f"n={n}" if n == found else f"n={n} of {found}"
    numbers = f"{row['final_median']:.1f} [{row['final_q25']:.1f}-{row['final_q75']:.1f}]"
    return f"{numbers} {count}"


def pivot(table: pd.DataFrame) -> tuple[list[str], list[str], dict[tuple[str, str], str]]:
    """Maps, algorithms and the cell texts of a map x algorithm table."""
    maps = list(dict.fromkeys(table["map"]))
    algs = list(dict.fromkeys(table["alg"]))
    cells = {(str(r["map"]), str(r["alg"])): cell_text(r) for r in table.to_dict("records")}
    return maps, algs, cells


def caption(dataset: Dataset, groups: list[RunGroup]) -> str:
    """Experiment, backend, statistic, counts of runs and the completeness rule in one paragraph."""
    info = dataset.info
    windows = sorted({g.final_window() for g in groups if g.n})
    last = " or ".join(map(str, windows)) or "10"
    return (
        f"Experiment {dataset.experiment}; {backends_of(groups)}. Test win rate in percent: median "
        f"[25-75 %] over runs of each run's mean of its last {last} evaluation(s). "
        f"{info['n_complete']} of {info['n_found']} runs complete. Rule: {info['rule']}."
    )


def to_markdown(dataset: Dataset, groups: list[RunGroup], table: pd.DataFrame) -> str:
    """The table as a markdown page with exclusions and call-outs."""
    maps, algs, cells = pivot(table)
    head = "| map | " + " | ".join(markdown_escape(a) for a in algs) + " |"
    lines = ["# Summary", "", markdown_escape(caption(dataset, groups)), ""]
    lines += [head, "|" + " --- |" * (len(algs) + 1)]
    for name in maps:
        row = [markdown_escape(cells.get((name, a), "not run")) for a in algs]
        lines.append(f"| {markdown_escape(name)} | " + " | ".join(row) + " |")
    info = dataset.info
    for title, entries in (
        ("Excluded runs", [f"{e['run']}: {e['reason']}" for e in info["exclusions"]]),
        ("Call-outs", info["call_outs"]),
        ("Skipped files", [f"{s['path']}: {s['reason']}" for s in info["skipped"]]),
    ):
        if entries:
            lines += ["", f"## {title}", ""] + [f"- {markdown_escape(str(e))}" for e in entries]
    return "\n".join(lines) + "\n"


def best_on_map(table: pd.DataFrame) -> list[bool]:
    """For each row: is its median ahead of every other one on its map by at least 1/32?"""
    medians = table["final_median"]
    out = []
    for (index, median), name in zip(medians.items(), table["map"], strict=True):
        others = medians[(table["map"] == name) & (table.index != index) & medians.notna()]
        out.append(bool(len(others) and median - others.max() >= MARGIN))
    return out


def to_latex(dataset: Dataset, groups: list[RunGroup], table: pd.DataFrame) -> str:
    """A booktabs table; the best median of a map is bold when ahead by at least 1/32."""
    maps, algs, _ = pivot(table)
    marked = table.assign(best=best_on_map(table))
    values = {(r["map"], r["alg"]): r for r in marked.to_dict("records")}
    lines = [
        f"% {latex_escape(caption(dataset, groups))}",
        r"\begin{tabular}{l" + "r" * len(algs) + "}",
        r"\toprule",
        "map & " + " & ".join(latex_escape(a) for a in algs) + r" \\",
        r"\midrule",
    ]
    for name in maps:
        cells = []
        for alg in algs:
            row = values.get((name, alg))
            if row is None or not row["n_complete"]:
                cells.append("--")
                continue
            number = f"{row['final_median']:.0f}"
            number = rf"\textbf{{{number}}}" if row["best"] else number
            cells.append(f"{number} [{row['final_q25']:.0f}--{row['final_q75']:.0f}]")
        lines.append(latex_escape(name) + " & " + " & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def write_tables(dataset: Dataset, groups: list[RunGroup], out: Path) -> list[Path]:
    """Write summary.{csv,md,tex}, aggregate.csv and pairs.csv to ``out``."""
    table = summary_table(groups)
    write_text(out / "summary.csv", table.to_csv(index=False, float_format="%.4f"))
    write_text(out / "summary.md", to_markdown(dataset, groups, table))
    write_text(out / "summary.tex", to_latex(dataset, groups, table))
    for name, extra in (("aggregate", aggregate_table(groups)), ("pairs", pairs_table(groups))):
        write_text(out / f"{name}.csv", extra.to_csv(index=False, float_format="%.4f"))
    names = [*(f"summary.{kind}" for kind in ("csv", "md", "tex")), "aggregate.csv", "pairs.csv"]
    return [out / name for name in names]
