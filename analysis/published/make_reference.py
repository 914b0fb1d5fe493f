"""Make a reference set from any dataset, e.g. the SMAC paper's raw runs or your own last study."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.dataset.files import write_text
from analysis.dataset.groups import RunGroup, build_groups, played_on
from analysis.dataset.records import TRAINING
from analysis.dataset.storage import Dataset
from analysis.errors import ResultError
from analysis.metrics import WIN_RATE
from analysis.published.reference import CHECKPOINTS, HALF_WINDOW, window_mean


def make_reference(dataset: Dataset, name: str, source: str, out: Path) -> int:
    """Write a reference set of the trainings; returns the number of cells.

    Raises:
        ResultError: when the dataset mixes backends or versions of one, or has no complete run.
    """
    groups = [g for g in build_groups(dataset) if g.n and g.kind == TRAINING]
    if not groups:
        raise ResultError("no complete run in the dataset: a reference set needs at least one")
    if len(played_on(groups)) > 1:
        raise ResultError(
            "the dataset mixes backends, StarCraft II builds or versions of the simulator's "
            "engine; import one of them"
        )
    cells: dict[str, dict[str, Any]] = {}
    for group in groups:
        cells.setdefault(group.map, {})[group.name] = cell_of(group)
    used = dataset.runs[dataset.runs["included"]]
    engine = common(used["engine_version"])  # the real game has none
    protocol = {
        "backend": groups[0].backend,
        "sc2_build": groups[0].sc2_build or None,
        **({} if engine is None else {"engine_version": engine}),
        "t_max": common(used["t_max"]),
        "test_interval": common(used["test_interval"]),
        "test_nepisode": common(used["test_nepisode"]),
        "runner": {a: common(p["runner"]) for a, p in used.groupby("alg")},
        "batch_size_run": {a: common(p["batch_size_run"]) for a, p in used.groupby("alg")},
        "final": "mean of a run's last 10 evaluations (n // 10 for runs under 100 evaluations)",
        "checkpoint": f"mean of a run's evaluations within {HALF_WINDOW} env steps",
        "completeness": dataset.info["rule"],
    }
    metric = groups[0].metric
    extra = {} if metric.key == WIN_RATE else {"metric": metric.key}
    write_text(out, render({"name": name, "source": source, **extra}, protocol, cells))
    return len(groups)


def common(values: "pd.Series[Any]") -> Any:
    """The one value of a column, None when there are several."""
    unique = values.dropna().unique()
    if len(unique) != 1:
        return None
    value = unique[0]
    return value if isinstance(value, str) else int(value)


def cell_of(group: RunGroup) -> dict[str, Any]:
    """Values of one group as they are shown (win rates in percent), one per run."""
    scale = group.metric.scale
    cell: dict[str, Any] = {"n_found": group.n_found, "final": rounded(scale * group.finals())}
    points = {}
    for at in CHECKPOINTS:
        values = [window_mean(t, v, at) for t, v in zip(group.raw_times, group.raw, strict=True)]
        if np.isfinite(values).all() and min(t[-1] for t in group.raw_times) >= at:
            points[str(at)] = rounded(scale * np.array(values))
    return cell | {"checkpoints": points}


def rounded(values: "np.ndarray[Any, np.dtype[np.float64]]") -> list[float]:
    """Three decimals: of percent exact to 1/320 of a win rate's unit."""
    return [round(float(v), 3) for v in values]


def render(head: dict[str, str], protocol: dict[str, Any], cells: dict[str, Any]) -> str:
    """JSON with one line per sample, so that a diff of the file can be read."""
    lines = ["{", ' "format": "reference-runs",', ' "version": 1,']
    lines += [f' "{key}": {json.dumps(text)},' for key, text in head.items()]
    lines += [f' "protocol": {json.dumps(protocol)},', ' "cells": {']
    maps = []
    for map_name, algs in cells.items():
        rows = []
        for alg, cell in algs.items():
            points = ",\n    ".join(f"{json.dumps(t)}: {v}" for t, v in cell["checkpoints"].items())
            start = f'  {json.dumps(alg)}: {{"n_found": {cell["n_found"]}, "final": {cell["final"]}'
            rows.append(f'{start},\n   "checkpoints": {{\n    {points}}}}}')
        maps.append(f" {json.dumps(map_name)}: {{\n" + ",\n".join(rows) + "}")
    return "\n".join([*lines, ",\n".join(maps), " }", "}"]) + "\n"
