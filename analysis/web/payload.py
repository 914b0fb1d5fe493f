"""What the page knows: curves, tables, provenance and battles as one JSON object."""

import math
from pathlib import Path
from typing import Any, cast

import numpy as np

from analysis.dataset.groups import RunGroup, backends_of, build_groups
from analysis.dataset.storage import Dataset
from analysis.dataset.view.group_selection import maps_in_order
from analysis.plots.looks import slots_of
from analysis.plots.panels import why_empty
from analysis.published.reference import ReferenceSet
from analysis.published.verdict import RULE, compare
from analysis.stats.grid import common_end
from analysis.tables.comparisons import (
    AGGREGATE_COLUMNS,
    PAIR_COLUMNS,
    aggregate_table,
    pairs_table,
)
from analysis.tables.summary import SUMMARY_COLUMNS, best_on_map, summary_table
from analysis.web.battle_selection import collect_battles
from analysis.web.compact_numbers import DIGITS
from analysis.web.curves import BANDS, WINDOWS, page_curves
from analysis.web.run_tables import PAGE_RUN_COLUMNS, provenance, run_rows

INFO_KEYS = (
    "n_found",
    "n_complete",
    "n_expected",
    "rule",
    "exclusions",
    "call_outs",
    "repairs",
    "skipped",
)


def payload(dataset: Dataset, page: Path, references: list[ReferenceSet]) -> dict[str, Any]:
    """Everything the page shows; NaN and infinity become null."""
    groups = build_groups(dataset)
    slots = slots_of(groups)
    verdicts, unknown = compare(dataset, references, groups)
    metrics, curves = page_curves(dataset, groups)
    battles, battle_notes = collect_battles(dataset)
    data = {
        "experiment": dataset.experiment,
        "backend": backends_of(groups),
        "info": shown_info(dataset),
        "algs": [{"label": k, "slot": v % 8} for k, v in slots.items()],
        "maps": maps_in_order(groups),
        "metric": dataset.metric._asdict() | {"axis": dataset.metric.axis},
        "metrics": metrics,
        "groups": [group_entry(g) for g in groups],
        "curves": curves,
        "digits": DIGITS,
        "bands": BANDS,
        "windows": WINDOWS,
        "summary": summary_rows(groups),
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
    }
    return {key: clean_numbers(value) for key, value in data.items()}


def shown_info(dataset: Dataset) -> dict[str, Any]:
    """What the page says of counts, rules, exclusions and call-outs."""
    own = {"partial": dataset.info.get("partial", []), "until": dataset.view.until}
    return own | {key: dataset.info[key] for key in INFO_KEYS}


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


def summary_rows(groups: list[RunGroup]) -> list[dict[str, Any]]:
    """The summary table; ``best`` marks the rows whose median is shown in bold."""
    table = summary_table(groups)
    return cast("list[dict[str, Any]]", table.assign(best=best_on_map(table)).to_dict("records"))


def group_entry(group: RunGroup) -> dict[str, Any]:
    """Identity and counts of a curve."""
    return {
        "map": group.map,
        "label": group.label,
        "interval": group.interval,
        "n": group.n,
        "partial": int(group.partial.sum()),
        "whole": common_end(group.matrix),
        "mixed": [d.text for d in group.mixed],
        "why": why_empty([group]) if not group.n else "",
        "found": group.n_found,
        "seeds": group.seeds,
        "excluded": group.excluded,
        "backend": group.backend,
        "engine": group.engine,
    }


def reference_entry(reference: ReferenceSet, groups: list[RunGroup]) -> dict[str, Any]:
    """Checkpoints of the cells that the page can show."""
    cells = []
    for group in groups:
        cell = reference.cell(group.map, group.name) or reference.cell(group.map, group.alg)
        if cell is not None and reference.metric == group.metric.key:
            points = [[t, *s.quantiles] for t, s in sorted(cell.checkpoints.items())]
            cells.append({"map": group.map, "label": group.label, "n": cell.n, "points": points})
    return {"name": reference.name, "source": reference.source, "cells": cells}
