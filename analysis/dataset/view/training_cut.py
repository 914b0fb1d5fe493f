"""Runs that were stopped early: everything cut at one env step, or shown as what they are."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from analysis.dataset.columns import RUN_COLUMNS
from analysis.dataset.records import EVALUATION
from analysis.dataset.rules import reached
from analysis.dataset.storage import Dataset, typed_frame

Row = dict[str, Any]

OPEN_CODES = ("running", "failed", "interrupted", "incomplete")
"""Exclusion codes of runs that are only too short: their numbers are good as far as they go."""

IDENTITY = ["experiment", "backend", "sc2_build", "engine_version", "env", "map", "alg", "seed"]
IDENTITY += ["kind", "label", "config"]


def cut_at(dataset: Dataset, until: int) -> None:
    """Cut everything after the evaluation of ``until``; a run is complete if it got there.

    The evaluation of ``until`` is the one whose nominal time is at most that. A run got there by
    the completeness rule, with ``until`` in place of t_max. Runs excluded for another reason than
    their length (broken, duplicate, not expected, ...) stay excluded.
    """
    rows = rows_of(dataset.runs)
    used = {identity(r) for r in rows if r["included"]}
    for row in in_order(rows):
        if not (row["included"] or row["code"] in OPEN_CODES) or row["t_last"] is None:
            continue
        if row["kind"] == EVALUATION:  # one test of a model from any time of its training
            continue
        if not reached(int(row["t_last"]), until, int(row["test_interval"] or 0)):
            reason = f"ended at t_env {row['t_last']}, before --until {until}"
            used.discard(identity(row))
            row |= {"included": False, "code": "incomplete", "reason": reason}
        elif admit(row, used):
            row["reason"] = None
    dataset.runs = typed_frame(RUN_COLUMNS, rows)
    dataset.tidy = dataset.tidy[dataset.tidy["t_nominal"] <= until].reset_index(drop=True)
    dataset.info["rule"] = (
        f"everything cut at t_env {until} (--until); complete: its last evaluation is there or at "
        "most 1.5 test intervals or 2.5 % before; before that: " + str(dataset.info["rule"])
    )


def include_incomplete(dataset: Dataset) -> None:
    """Use the runs that are only too short as far as they go; they are marked as ``partial``."""
    rows = rows_of(dataset.runs)
    used = {identity(r) for r in rows if r["included"]}
    for row in in_order(rows):
        if row["code"] in OPEN_CODES and row["t_last"] is not None:
            row["partial"] = admit(row, used)
    dataset.runs = typed_frame(RUN_COLUMNS, rows)


def rows_of(runs: pd.DataFrame) -> list[Row]:
    """The table of runs as dictionaries, None for what is not known."""
    return [
        {str(k): None if pd.isna(v) else v for k, v in row.items()}
        for row in runs.astype(object).to_dict("records")
    ]


def in_order(rows: list[Row]) -> list[Row]:
    """Rows in the order in which runs of one identity count: used ones first, then the longest."""
    return sorted(rows, key=lambda r: (not r["included"], -int(r["t_last"] or 0), r["run_id"]))


def identity(row: Row) -> tuple[Any, ...]:
    """What makes two runs the same run; one without a seed is like no other."""
    known = tuple(row[key] for key in IDENTITY)
    return known if row["seed"] is not None else (*known, row["run_id"])


def admit(row: Row, used: set[tuple[Any, ...]]) -> bool:
    """Put a run into the statistics unless the same run (identity and settings) is there already.

    A training that was stopped and begun again in another folder is one run.
    """
    if row["included"]:
        return True
    if identity(row) in used:
        note = "an earlier attempt at a run that is used (same seed and settings)"
        row |= {"code": "duplicate", "reason": note}
        return False
    used.add(identity(row))
    row |= {"included": True, "code": None}
    return True


def describe_again(dataset: Dataset, maps: Iterable[str]) -> None:
    """Bring ``tidy`` and the counts and exclusions of ``info`` in line with the table of runs."""
    runs, info = dataset.runs, dataset.info
    used = set(runs.loc[runs["included"], "run_id"])
    shown = set(runs["run_id"])
    tidy = dataset.tidy[dataset.tidy["run_id"].isin(shown)].reset_index(drop=True)
    tidy["included"] = tidy["run_id"].isin(used).to_numpy(dtype=bool)
    dataset.tidy = tidy
    left = runs[~runs["included"]]
    keys = ("path", "map", "alg", "status", "code", "reason")
    info["exclusions"] = [
        {"run": str(row["run_id"]), "seed": None if pd.isna(row["seed"]) else int(row["seed"])}
        | {k: None if pd.isna(row[k]) else str(row[k]) for k in keys}
        for row in left.to_dict("records")
    ]
    partial = runs[runs["partial"]]
    info["n_found"] = len(runs)
    info["n_complete"] = len(used) - len(partial)
    info["partial"] = [
        {"run": str(r["run_id"]), "map": str(r["map"]), "reason": str(r["reason"])}
        for r in partial.to_dict("records")
    ]
    info["repairs"] = [r for r in info["repairs"] if r["run"] in shown]
    others = {f" on {name}:" for name in set(maps) - set(runs["map"])}
    info["call_outs"] = [c for c in info["call_outs"] if not any(o in c for o in others)]
