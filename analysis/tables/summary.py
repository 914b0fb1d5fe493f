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
from analysis.metrics import metric_of
from analysis.stats.bootstrap import stratified_bootstrap
from analysis.stats.curves import mean_band
from analysis.stats.final import area_under_curve, table_value, time_to_threshold
from analysis.stats.uncertainty import spread
from analysis.tables.comparisons import aggregate_table, pairs_table

SUMMARY_COLUMNS = {
    "map": "map",
    "alg": "algorithm",
    "backend": "what the battles were played on",
    "sc2_build": "StarCraft II build",
    "engine_version": "version of the simulator's engine, of pooled runs all of them",
    "metric": "statistic that the values are of; win rates in %, others in their own unit",
    "n_complete": "runs in the statistics",
    "n_found": "runs found or expected",
    "n_incomplete": "of n_complete: runs that did not reach their end (--include-incomplete)",
    "final_window": "evaluations in a run's final value: the last 10, n // 10 of short runs",
    "final_median": "median over runs of each run's mean of its last evaluations",
    "final_q25": "25 % quantile of the same",
    "final_q75": "75 % quantile of the same",
    "final_min": "smallest run",
    "final_max": "largest run",
    "final_mean": "mean over runs",
    "final_std": "standard deviation over runs (ddof 1)",
    "sd_episodes": "part of that expected from the finite number of test episodes (win rate)",
    "sd_seeds": "what is left for the seeds: sqrt(max(0, sd^2 - sd_episodes^2)) (win rate)",
    "final_iqm": "interquartile mean over runs",
    "final_iqm_low": "95 % bootstrap interval of the IQM over runs, low",
    "final_iqm_high": "the same, high",
    "table_value": "max over training of the median of 8-point trailing means, complete runs",
    "auc_median": "median over runs of the normalised area under the curve",
    "t_50_median": "median over runs of the first env step with a 5-point mean >= 50 % (rates)",
    "t_end": "nominal env step at which the common grid ends",
    "mixed": "settings that differ among the runs, with their values",
    "excluded": "why runs were left out",
}


def summary_row(group: RunGroup) -> dict[str, object]:
    """All statistics of one group; NaN where there are no runs."""
    row: dict[str, object] = {
        "map": group.map,
        "alg": group.label,
        "metric": group.metric.key,
        "backend": group.backend,
        "sc2_build": group.sc2_build,
        "engine_version": group.engine,
        "n_complete": group.n,
        "n_found": group.n_found,
        "n_incomplete": int(group.partial.sum()),
        "mixed": "; ".join(d.text for d in group.mixed),
        "excluded": "; ".join(group.excluded),
    }
    if group.n == 0:
        return row
    window, scale = group.final_window(), group.metric.scale
    finals = scale * group.finals()
    q25, mid, q75 = np.percentile(finals, (25, 50, 75))
    mean = mean_band(finals[:, None])
    interval = stratified_bootstrap([finals], reps=2000)
    if group.metric.is_rate:
        times = [time_to_threshold(r, group.interval, 0.5, window=5) for r in group.matrix]
        parts = spread(finals / scale, group.episodes * window)
        row |= {
            "sd_episodes": scale * parts.binomial,
            "sd_seeds": scale * parts.seeds,
            "t_50_median": np.median(times),
        }
    row |= {
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
        "table_value": scale * table_value(group.full()),
        "auc_median": scale * np.median([area_under_curve(r) for r in group.matrix]),
        "t_end": (group.common().shape[1] - 1) * group.interval,
    }
    return row


def summary_table(groups: list[RunGroup]) -> pd.DataFrame:
    """One row per group, columns as in ``SUMMARY_COLUMNS``."""
    return pd.DataFrame([summary_row(g) for g in groups], columns=list(SUMMARY_COLUMNS))


def cell_text(row: Mapping[Hashable, Any]) -> str:
    """``97.5 [96.3-98.1] n=5``; ``-`` without runs; ``*``: incomplete ones, ``†``: mixed."""
    if not row["n_complete"]:
        return f"- (0 of {row['n_found']})"
    n, found = row["n_complete"], row["n_found"]
    count = f"n={n}" if n == found else f"n={n} of {found}"
    count += "*" * bool(row["n_incomplete"]) + "†" * bool(row["mixed"])
    digits = 1 if metric_of(str(row["metric"])).is_rate else 2
    middle, low, high = (f"{row[k]:.{digits}f}" for k in ("final_median", "final_q25", "final_q75"))
    dash = " to " if "-" in low + high else "-"  # a minus is no range
    numbers = f"{middle} [{low}{dash}{high}]"
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
    metric = dataset.metric
    unit = " in percent" if metric.is_rate else ""
    short = len(info.get("partial", []))
    more = f"; {short} incomplete ones are used as far as they go (*)" if short else ""
    mixed = (
        " † runs with different settings: see Call-outs." if any(g.mixed for g in groups) else ""
    )
    return (
        f"Experiment {dataset.experiment}; {backends_of(groups)}. {metric.name}{unit}: median "
        f"[25-75 %] over runs of each run's mean of its last {last} evaluation(s). "
        f"{info['n_complete']} of {info['n_found']} runs complete{more}. Rule: {info['rule']}."
        f"{mixed}"
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
        ("Incomplete runs used", [f"{p['run']}: {p['reason']}" for p in info.get("partial", [])]),
        ("Excluded runs", [f"{e['run']}: {e['reason']}" for e in info["exclusions"]]),
        ("Call-outs", info["call_outs"]),
        ("Skipped files", [f"{s['path']}: {s['reason']}" for s in info["skipped"]]),
    ):
        if entries:
            lines += ["", f"## {title}", ""] + [f"- {markdown_escape(str(e))}" for e in entries]
    return "\n".join(lines) + "\n"


def best_on_map(table: pd.DataFrame) -> list[bool]:
    """For each row: is its median ahead of every other one on its map?

    Of win rates by at least 1/32, of returns by anything; of metrics of which more is not known to
    be better none is.
    """
    medians = table["final_median"].astype(float)
    out = []
    for (index, median), name, key in zip(
        medians.items(), table["map"], table["metric"], strict=True
    ):
        metric = metric_of(str(key))
        others = medians[(table["map"] == name) & (table.index != index) & medians.notna()]
        ahead = median - others.max() if len(others) and metric.better else -np.inf
        out.append(bool(ahead >= metric.scale * metric.margin and ahead > 0))
    return out


def to_latex(dataset: Dataset, groups: list[RunGroup], table: pd.DataFrame) -> str:
    """A booktabs table; the best median of a map is bold when :func:`best_on_map` says so.

    Marks as in the markdown table: ``*`` incomplete runs used, a dagger for mixed settings.
    """
    maps, algs, _ = pivot(table)
    marked = table.assign(best=best_on_map(table))
    values = {(r["map"], r["alg"]): r for r in marked.to_dict("records")}
    lines = [
        f"% {latex_escape(caption(dataset, groups))}",
        *(f"% {latex_escape(c)}" for c in dataset.info["call_outs"]),
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
            digits = 0 if metric_of(str(row["metric"])).is_rate else 2
            number = f"{row['final_median']:.{digits}f}"
            number = rf"\textbf{{{number}}}" if row["best"] else number
            marks = "*" * bool(row["n_incomplete"]) + r"\dag" * bool(row["mixed"])
            between = f"[{row['final_q25']:.{digits}f}--{row['final_q75']:.{digits}f}]"
            cells.append(f"{number} {between}{marks}")
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
