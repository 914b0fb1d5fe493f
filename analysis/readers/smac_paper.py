"""Reader of smac_run_data.json, the raw runs of the SMAC paper.

Form: {map: {ALG: {"test_battle_won_mean" | "test_return_mean": {"Run_i": [[T, value], ...]}}}}.
Asset of the oxwhirl/smac release v1 (MIT); get it with ``python -m analysis fetch-smac``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.dataset.files import read_object
from analysis.dataset.json_values import as_number
from analysis.dataset.labels import clean_label
from analysis.dataset.records import RunRecord, Skipped
from analysis.dataset.rules import apply_completeness, finish
from analysis.dataset.series import clean
from analysis.errors import ResultError
from analysis.readers.win_rate_units import ToldUnit, settle_win_rates

T_MAX = 2_050_000
INTERVAL = 10_000
BUILD = "SC2.4.6.2.69232"


def read(path: Path, told: Sequence[ToldUnit] = ()) -> tuple[list[RunRecord], list[Skipped]]:
    """Read the file (or ``smac_run_data.json`` in a folder)."""
    if path.is_dir():
        path = path / "smac_run_data.json"
        if not path.exists():
            raise ResultError(f"{path}: missing; `python -m analysis fetch-smac` downloads it")
    data = read_object(path)
    runs: list[RunRecord] = []
    skipped: list[Skipped] = []
    for map_name, algs in data.items():
        if not isinstance(algs, dict):
            skipped.append(Skipped(f"{path}#{clean_label(map_name)}", "expected an object"))
            continue
        for alg, metrics in algs.items():
            where = f"{path}#{clean_label(map_name)}/{clean_label(alg)}"
            if not isinstance(metrics, dict):
                skipped.append(Skipped(where, "expected an object"))
                continue
            group = read_group(where, str(map_name), str(alg), metrics)
            for run in group:
                run.meta["file"] = str(path)
            runs += group
    settle_win_rates(runs, path, told)
    return runs, skipped


def read_group(where: str, map_name: str, alg: str, metrics: dict[str, Any]) -> list[RunRecord]:
    """All runs of one map and algorithm; a run's metrics are joined by its name."""
    by_name: dict[str, RunRecord] = {}
    for metric, entries in metrics.items():
        for name, points in entries.items() if isinstance(entries, dict) else ():
            run = by_name.get(name)
            if run is None:
                run = by_name[name] = new_run(f"{where}/{clean_label(name)}", map_name, alg, name)
            add_points(run, clean_label(metric), points)
    for run in by_name.values():
        finish(run)
        apply_completeness(run)
    return list(by_name.values())


def new_run(path: str, map_name: str, alg: str, name: str) -> RunRecord:
    """A run with the paper's protocol filled in."""
    run = RunRecord(path=path, source="smac-paper", env="sc2", experiment="smac-paper")
    run.map, run.alg = clean_label(map_name), clean_label(alg).lower()
    number = name.removeprefix("Run_")
    run.seed = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
    run.t_max, run.test_interval = T_MAX, INTERVAL
    parallel = run.alg == "coma"  # the only one with 8 environments at once
    run.meta = {
        "backend": "sc2",
        "sc2_build": BUILD,
        "test_nepisode": 32,
        "runner": "parallel" if parallel else "episode",
        "batch_size_run": 8 if parallel else 1,
    }
    return run


def add_points(run: RunRecord, metric: str, points: Any) -> None:
    """Add one metric's [[T, value], ...]."""
    if not isinstance(points, list):
        run.problems.append(f"{metric}: not a list, left out")
        return
    pairs = [p if isinstance(p, list) and len(p) == 2 else [None, None] for p in points]
    t = np.array([as_number(p[0]) for p in pairs], dtype=np.float64)
    v = np.array([as_number(p[1]) for p in pairs], dtype=np.float64)
    series = clean(metric, t, v, run.problems)
    if series is not None:
        run.series[metric] = series
