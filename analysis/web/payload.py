"""What the page knows: curves, tables, provenance and battles as one JSON object."""

import json
import math
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from analysis.dataset.groups import RunGroup, backends_of, build_groups, natural
from analysis.dataset.records import RETURN, WIN_RATE
from analysis.dataset.storage import Dataset
from analysis.errors import ResultError
from analysis.plots.style import style_index
from analysis.published.reference import ReferenceSet
from analysis.published.verdict import RULE, compare
from analysis.stats.curves import iqm_band
from analysis.stats.grid import common_end, stack, to_grid
from analysis.tables.comparisons import (
    AGGREGATE_COLUMNS,
    PAIR_COLUMNS,
    aggregate_table,
    pairs_table,
)
from analysis.tables.summary import SUMMARY_COLUMNS, summary_table
from analysis.web.battle_recordings import load_battle

# key, name, factor (stored whole number = round(value * factor)), shown = stored / factor * show
METRICS = [
    (WIN_RATE, "Test win rate", 3200, 100, "%"),
    (RETURN, "Test return", 100, 1, ""),
    ("test_ep_length_mean", "Test episode length", 10, 1, "steps"),
]
MAX_POINTS = 420  # grid points per curve in the page; more are thinned
BATTLE_BYTES = 900_000
BATTLES_PER_CELL = 2
PAGE_RUN_COLUMNS = [
    "run_id", "map", "alg", "seed", "status", "reason", "t_last", "t_max", "n_evaluations",
    "duration_s", "rate", "max_rss_mib", "resumes", "failed_attempts", "backend", "sc2_build",
    "progress_t_env", "progress_rate", "eta_s", "started", "finished", "host", "device",
]  # fmt: skip
PROVENANCE_KEYS = [
    "backend_label",
    "sc2_build",
    "git_commit",
    "git_dirty",
    "code_sha256",
    "python",
    "device",
    "platform",
    "image_digest",
    "runner",
    "batch_size_run",
    "test_nepisode",
    "test_interval",
    "t_max",
    "packages",
]


def payload(dataset: Dataset, page: Path, references: list[ReferenceSet]) -> dict[str, Any]:
    """Everything the page shows; NaN and infinity become null."""
    groups = build_groups(dataset)
    slots = style_index([g.label for g in groups])
    verdicts, unknown = compare(dataset, references, groups)
    battles, battle_notes = collect_battles(dataset)
    info = dataset.info
    data = {
        "experiment": dataset.experiment,
        "backend": backends_of(groups),
        "info": {k: info[k] for k in ("n_found", "n_complete", "n_expected", "rule", "exclusions",
                                      "call_outs", "repairs", "skipped")},
        "algs": [{"label": k, "slot": v % 8} for k, v in slots.items()],
        "maps": sorted({g.map for g in groups}, key=natural),
        "metrics": [list(m) for m in METRICS],
        "groups": [group_entry(dataset, g) for g in groups],
        "curves": curves(dataset, groups),
        "summary": summary_table(groups).to_dict("records"),
        "columns": SUMMARY_COLUMNS,
        "overall": aggregate_table(groups).to_dict("records"),
        "overall_columns": AGGREGATE_COLUMNS,
        "pairs": [r for r in pairs_table(groups).to_dict("records") if len(groups) <= 200],
        "pair_columns": PAIR_COLUMNS,
        "reference": [reference_entry(r, groups) for r in references],
        "verdicts": [[getattr(v, f) for f in v.__slots__] for v in verdicts],
        "verdict_fields": list(verdicts[0].__slots__) if verdicts else [],
        "verdict_rule": RULE,
        "no_reference": unknown,
        "runs": run_rows(dataset.runs, page),
        "run_columns": [*PAGE_RUN_COLUMNS, "log", "config"],
        "provenance": provenance(dataset.runs),
        "battles": battles,
        "battle_notes": battle_notes,
    }  # fmt: skip
    return {key: clean_numbers(value) for key, value in data.items()}


def clean_numbers(value: Any) -> Any:
    """Plain JSON values; numbers that JSON cannot hold become None."""
    if isinstance(value, dict):
        return {str(k): clean_numbers(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean_numbers(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return (round(value, 6) if abs(value) < 1e9 else value) if math.isfinite(value) else None
    return value


def group_entry(dataset: Dataset, group: RunGroup) -> dict[str, Any]:
    """Identity and counts of a curve."""
    return {
        "map": group.map, "label": group.label, "interval": group.interval,
        "n": group.n, "found": group.n_found, "seeds": group.seeds, "excluded": group.excluded,
        "backend": group.backend,
    }  # fmt: skip


def curves(dataset: Dataset, groups: list[RunGroup]) -> dict[str, list[dict[str, Any]]]:
    """Per metric and group: rows of whole numbers as comma-joined text, thinned alike."""
    partial = partial_rows(dataset)
    out: dict[str, list[dict[str, Any]]] = {}
    for key, _, factor, _, _ in METRICS:
        same = groups if key == WIN_RATE else build_groups(dataset, key)
        entries = []
        for group in same:
            every = max(1, math.ceil(max(1, group.matrix.shape[1]) / MAX_POINTS))
            end = common_end(group.matrix)
            entry: dict[str, Any] = {
                "every": every,
                "end": math.ceil(end / every),
                "rows": [encode(r[::every], factor) for r in group.matrix],
            }
            if key == WIN_RATE:
                band = iqm_band(group.matrix[:, :end:every]) if group.n else None
                entry["iqm"] = [encode(b, factor) for b in band] if band else []
                where = (group.map, group.alg, group.backend, group.sc2_build)
                rows = [to_grid(t, v, group.interval) for t, v in partial.get(where, [])]
                entry["partial"] = [encode(r[::every], factor) for r in stack(rows)]
            entries.append(entry)
        out[key] = entries
    return out


def partial_rows(dataset: Dataset) -> dict[tuple[str, str, str, str], list[Any]]:
    """Evaluations of runs that are not complete (running, failed, stubs), by group."""
    runs = dataset.runs
    states = ("RUNNING", "FAILED", "INTERRUPTED", "INCOMPLETE")
    part = runs[runs["status"].isin(states)]
    tidy = dataset.tidy
    tidy = tidy[(tidy["metric"] == WIN_RATE) & tidy["run_id"].isin(list(part["run_id"]))]
    out: dict[tuple[str, str, str, str], list[Any]] = {}
    for _, rows in tidy.groupby("run_id", observed=True):
        first = rows.iloc[0]
        key = tuple(str(first[k]) for k in ("map", "alg", "backend", "sc2_build"))
        pair = (rows["t_env"].to_numpy(np.int64), rows["value"].to_numpy(np.float64))
        out.setdefault(key, []).append(pair)  # type: ignore[arg-type]
    return out


def encode(values: "np.ndarray[Any, np.dtype[np.float64]]", factor: int) -> str:
    """``"0,100,,3200"``: whole numbers, empty where there is no value."""
    return ",".join("" if not math.isfinite(v) else str(round(v * factor)) for v in values)


def reference_entry(reference: ReferenceSet, groups: list[RunGroup]) -> dict[str, Any]:
    """Checkpoints of the cells that the page can show."""
    cells = []
    for group in groups:
        cell = reference.cell(group.map, group.alg)
        if cell is not None:
            points = [[t, *s.quantiles] for t, s in sorted(cell.checkpoints.items())]
            cells.append({"map": group.map, "label": group.label, "n": cell.n, "points": points})
    return {"name": reference.name, "source": reference.source, "cells": cells}


def run_rows(runs: pd.DataFrame, page: Path) -> list[list[Any]]:
    """The runs table; log and config are relative links when the files exist."""
    out = []
    for row in runs.to_dict("records"):
        cells = [None if pd.isna(row[c]) else row[c] for c in PAGE_RUN_COLUMNS]
        folder = Path(str(row["path"]))
        for name in ("cout.txt", "config.json"):
            found = next((p for p in (folder / name, folder / "work" / name) if p.is_file()), None)
            cells.append(link(found, page) if found else None)
        out.append(cells)
    return out


def link(target: Path, page: Path) -> str:
    """A quoted relative URL; the leading ./ or ../ keeps it from being read as a scheme."""
    relative = os.path.relpath(target.absolute(), page.absolute().parent)
    return quote(relative if relative.startswith("..") else f"./{relative}")


def provenance(runs: pd.DataFrame) -> list[dict[str, Any]]:
    """Distinct environments of the found runs, how many runs each has, and one of its commands."""
    done = runs[runs["status"] != "PENDING"]
    counts: dict[str, int] = {}
    commands: dict[str, Any] = {}
    for row in done[[*PROVENANCE_KEYS, "command"]].to_dict("records"):
        values = {str(k): None if pd.isna(v) else v for k, v in row.items()}
        command = values.pop("command")
        if values["packages"]:
            values["packages"] = json.loads(str(values["packages"])) or None
        key = json.dumps(values, sort_keys=True, default=str)
        counts[key] = counts.get(key, 0) + 1
        commands.setdefault(key, command)
    ranked = sorted(counts.items(), key=lambda x: (-x[1], x[0]))[:20]
    return [{"runs": n, **json.loads(k), "command of the first": commands[k]} for k, n in ranked]


def collect_battles(dataset: Dataset) -> tuple[list[dict[str, Any]], list[str]]:
    """Battles of the run folders up to the size budget; what is left out is named."""
    found: list[dict[str, Any]] = []
    notes: list[str] = []
    used, cells = 0, dict[tuple[str, str], int]()
    left = 0
    for row in dataset.runs.to_dict("records"):
        folder = Path(str(row["path"])) / "battles"
        if row["source"] != "own" or not folder.is_dir():
            continue
        for path in sorted(folder.glob("*.json")):
            cell = (str(row["map"]), str(row["alg"]))
            if cells.get(cell, 0) >= BATTLES_PER_CELL or used > BATTLE_BYTES:
                left += 1
                continue
            try:
                battle = load_battle(path)
            except ResultError as err:
                notes.append(f"{row['run_id']}: {err}")
                continue
            size = len(json.dumps(battle))
            if used + size > BATTLE_BYTES and found:
                left += 1
                continue
            used += size
            cells[cell] = cells.get(cell, 0) + 1
            battle["run"], battle["file"] = str(row["run_id"]), path.name[:64]
            battle["alg"] = battle["alg"] or str(row["alg"])
            found.append(battle)
    if left:
        notes.append(f"{left} more battles left out to keep the page small")
    return found, notes
