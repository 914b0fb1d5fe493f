"""Runs to the tidy table: one row per run, evaluation and metric."""

import json
from typing import Any

import numpy as np
import pandas as pd

from analysis.dataset.columns import RUN_COLUMNS, TIDY_COLUMNS
from analysis.dataset.json_values import real, whole
from analysis.dataset.records import RunRecord
from analysis.dataset.storage import typed_frame

META = [
    "test_nepisode",
    "backend",
    "backend_label",
    "sc2_build",
    "engine_version",
    "config",
    "label",
    "runner",
    "batch_size_run",
    "env_steps",
    "updates",
    "duration_s",
    "max_rss_mib",
    "cpu_time_s",
    "mean_load",
    "resumes",
    "failed_attempts",
    "git_commit",
    "git_dirty",
    "code_sha256",
    "provenance_sha256",
    "python",
    "device",
    "threads",
    "platform",
    "host",
    "command",
    "started",
    "finished",
    "image_digest",
]


def is_included(run: RunRecord) -> bool:
    """A completed run without an exclusion code."""
    return run.status == "COMPLETED" and "code" not in run.meta


def run_ids(runs: list[RunRecord]) -> list[str]:
    """Unique readable ids, ``experiment/env/map/alg/seed=k`` with ``#n`` for repeats."""
    count: dict[str, int] = {}
    out = []
    for run in runs:
        base = f"{run.experiment}/{run.env}/{run.map}/{run.alg}/seed={run.seed}"
        count[base] = count.get(base, 0) + 1
        out.append(base if count[base] == 1 else f"{base}#{count[base]}")
    return out


def runs_table(runs: list[RunRecord], ids: list[str]) -> pd.DataFrame:
    """One row per run, complete or not."""
    rows = []
    for run, run_id in zip(runs, ids, strict=True):
        clock = run.evaluations()
        row: dict[str, Any] = {key: run.meta.get(key) for key in META}
        row |= progress_columns(run)
        row |= {
            "run_id": run_id,
            "path": run.path,
            "source": run.source,
            "experiment": run.experiment,
            "env": run.env,
            "map": run.map,
            "alg": run.alg,
            "seed": run.seed,
            "kind": run.kind,
            "status": run.status,
            "included": is_included(run),
            "partial": False,
            "code": None if is_included(run) else run.meta.get("code", run.status.lower()),
            "reason": run.reason,
            "problems": json.dumps(run.problems[:50]),
            "t_max": run.t_max,
            "t_last": run.t_last(),
            "test_interval": run.test_interval,
            "n_evaluations": len(clock.t_env) if clock is not None else 0,
            "updates_per_env_step": ratio(run.meta.get("updates"), run.meta.get("env_steps")),
            "rate": ratio(run.meta.get("env_steps"), run.meta.get("duration_s")),
            "packages": json.dumps(run.meta.get("packages") or {}),
        }
        rows.append(row)
    return typed_frame(RUN_COLUMNS, rows)


def progress_columns(run: RunRecord) -> dict[str, Any]:
    """How far a run is that has not finished; from its progress.json."""
    progress = run.meta.get("progress")
    if run.status == "COMPLETED" or not isinstance(progress, dict):
        return {}
    return {
        "progress_t_env": whole(progress.get("t_env")),
        "progress_rate": real(progress.get("rate")),
        "eta_s": real(progress.get("eta_s")),
    }


def ratio(a: Any, b: Any) -> float | None:
    """Quotient a / b, None when either is missing or b is not positive."""
    return float(a) / float(b) if a is not None and b else None


def tidy_table(runs: list[RunRecord], ids: list[str]) -> pd.DataFrame:
    """All series of all runs with their identity; sorted by run, metric, t_env."""
    order = sorted(range(len(runs)), key=lambda i: ids[i])
    metrics = sorted({name for run in runs for name in run.series})
    metric_code = {name: i for i, name in enumerate(metrics)}
    owners, codes, sizes, times, nominal, values = [], [], [], [], [], []
    for position in order:
        run = runs[position]
        step = run.test_interval or 1
        for name in sorted(run.series):
            series = run.series[name]
            owners.append(position)
            codes.append(metric_code[name])
            sizes.append(len(series.t_env))
            times.append(series.t_env)
            nominal.append(series.t_env // step * step)
            values.append(series.value)
    owner = np.repeat(np.array(owners, dtype=np.int64), sizes)
    is_test = np.repeat([metrics[c].startswith("test_") for c in codes], sizes).astype(bool)
    per_run = identity_columns(runs, ids)
    data: dict[str, Any] = {}
    for name in TIDY_COLUMNS:
        if name in per_run:
            data[name] = per_run[name].take(owner)
    which = np.repeat(np.array(codes, dtype=np.int32), sizes)
    data["metric"] = pd.Categorical.from_codes(which, pd.Index(metrics, dtype="str"))
    data["t_env"] = np.concatenate(times) if times else np.zeros(0, dtype=np.int64)
    data["t_nominal"] = np.concatenate(nominal) if nominal else np.zeros(0, dtype=np.int64)
    data["value"] = np.concatenate(values) if values else np.zeros(0)
    count = pd.array([effective_episodes(r) for r in runs], dtype="Int32").take(owner)
    count[~is_test] = pd.NA
    data["n_episodes"] = count
    return pd.DataFrame({name: data[name] for name in TIDY_COLUMNS})


def identity_columns(runs: list[RunRecord], ids: list[str]) -> dict[str, Any]:
    """Per-run column values as arrays that can be ``take``-n."""
    text = {
        "run_id": ids,
        "experiment": [r.experiment for r in runs],
        "env": [r.env for r in runs],
        "backend": [str(r.meta.get("backend") or "unknown") for r in runs],
        "sc2_build": [str(r.meta.get("sc2_build") or "") for r in runs],
        "map": [r.map for r in runs],
        "alg": [r.alg for r in runs],
        "runner": [str(r.meta.get("runner") or "unknown") for r in runs],
        "provenance": [str(r.meta.get("provenance_sha256") or "")[:16] for r in runs],
    }
    rates = [ratio(r.meta.get("updates"), r.meta.get("env_steps")) for r in runs]
    columns: dict[str, Any] = {k: pd.Categorical(v) for k, v in text.items()}
    columns["seed"] = pd.array([pd.NA if r.seed is None else r.seed for r in runs], dtype="Int64")
    engines = [r.meta.get("engine_version") for r in runs]
    columns["engine_version"] = pd.array([pd.NA if v is None else v for v in engines], "Int64")
    columns["updates_per_env_step"] = np.array([np.nan if v is None else v for v in rates])
    columns["included"] = np.array([is_included(r) for r in runs], dtype=bool)
    return columns


def effective_episodes(run: RunRecord) -> Any:
    """Episodes per evaluation: PyMARL runs ``max(1, n // batch)`` rounds of ``batch``."""
    asked, batch = run.meta.get("test_nepisode"), run.meta.get("batch_size_run") or 1
    return max(1, asked // batch) * batch if asked else pd.NA
