"""Exports: marl-eval JSON and CSV (the LaTeX table is written by ``table``)."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from analysis.dataset.files import write_text
from analysis.dataset.groups import RunGroup, build_groups, played_on
from analysis.dataset.records import RETURN, WIN_RATE
from analysis.dataset.storage import Dataset
from analysis.dataset.view.group_selection import by_label, shared_maps
from analysis.errors import ResultError

UNIT_NOTE = "; win rates are fractions (to import it again: --win-rate fraction)"
METRICS = {"win_rate": WIN_RATE, "return": RETURN}


def export_csv(dataset: Dataset, out: Path) -> str:
    """The tidy rows (included and excluded, with the flag) as CSV."""
    write_text(out, dataset.tidy.to_csv(index=False))
    return f"{out}: {len(dataset.tidy)} rows"


def safe_key(text: str) -> str:
    """marl-eval lower-cases keys and cuts algorithm names at commas."""
    return text.lower().replace(",", ";")


def export_marl_eval(dataset: Dataset, out: Path) -> str:
    """Write marl-eval's JSON: {env: {task: {alg: {seed_k: {step_i: {step_count, metric: [v]}}}}}}.

    Its reader wants the same steps, runs and algorithms everywhere, which real logs do not have.
    So: values on the nominal grid up to the last point that all runs reach; algorithms with runs
    on all kept maps; of each the first ``n`` seeds, n the smallest number of runs. The returned
    text names what that leaves out. Points before a run's first evaluation have its first value.
    ``absolute_metrics`` holds the last evaluations of the run
    (not 320 episodes of the best policy, which logs of this protocol do not contain).

    Raises:
        ResultError: no complete runs, or several backends or versions of one (they would share one
            env key).
    """
    per_metric: dict[str, dict[str, dict[str, RunGroup]]] = {}
    for name, metric in METRICS.items():
        groups = [g for g in build_groups(dataset, metric) if g.n]
        if len(played_on(groups)) > 1:
            raise ResultError(
                "the dataset mixes backends, builds or versions of the simulator's engine; export "
                "one of them at a time"
            )
        if groups:
            per_metric[name] = by_label(groups)
    if not per_metric:
        raise ResultError("no complete run with a test win rate or return to export")
    table = next(iter(per_metric.values()))  # the win rate where there is one
    algs, maps = shared_maps(table, least=1)
    picked = [table[a][m] for a in algs for m in maps]
    count, end = min(g.n for g in picked), min(g.common().shape[1] for g in picked)
    env = safe_key(str(dataset.runs["env"].mode()[0]))
    data: dict[str, Any] = {env: {}}
    for name in maps:
        task = data[env].setdefault(safe_key(name), {})
        for alg in algs:
            task[safe_key(alg)] = {
                f"seed_{i}": run_entry(per_metric, alg, name, i, end) for i in range(count)
            }
    text = json.dumps(data, separators=(",", ":"))
    write_text(out, text + "\n")
    left = [a for a in table if a not in algs]
    dropped = sum(g.n for by_map in table.values() for g in by_map.values()) - count * len(picked)
    more = f"; left out: {dropped} runs" + (f", algorithms {', '.join(left)}" if left else "")
    return f"{out}: {len(maps)} tasks x {len(algs)} algorithms x {count} runs x {end} steps" + (
        (more if dropped or left else "") + UNIT_NOTE * ("win_rate" in per_metric)
    )


def run_entry(
    per_metric: dict[str, dict[str, dict[str, RunGroup]]], alg: str, name: str, i: int, end: int
) -> dict[str, Any]:
    """Steps and absolute metrics of one run."""
    entry: dict[str, Any] = {}
    rows: dict[str, Any] = {}
    for metric, table in per_metric.items():
        group = table.get(alg, {}).get(name)
        if group is not None and i < group.n and group.matrix.shape[1] >= end:
            row, whole = group.matrix[i, :end], group.matrix[i]
            rows[metric] = np.where(np.isfinite(row), row, whole[np.isfinite(whole)][0])
            interval, window = group.interval, group.final_window()
    for k in range(end):
        values = {m: [round(float(r[k]), 6)] for m, r in rows.items()}
        entry[f"step_{k}"] = {"step_count": k * interval} | values
    entry["absolute_metrics"] = {
        m: [round(float(v), 6) for v in r[-window:]] for m, r in rows.items()
    }
    return entry
