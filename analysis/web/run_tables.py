"""The page's table of runs, with links to their files, and their provenance."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from analysis.dataset.view.group_keys import place_order

PAGE_RUN_COLUMNS = [
    "run_id",
    "map",
    "alg",
    "seed",
    "status",
    "reason",
    "t_last",
    "t_max",
    "n_evaluations",
    "duration_s",
    "rate",
    "max_rss_mib",
    "resumes",
    "failed_attempts",
    "backend",
    "sc2_build",
    "engine_version",
    "progress_t_env",
    "progress_rate",
    "eta_s",
    "started",
    "finished",
    "host",
    "device",
]
PROVENANCE_KEYS = [
    "backend_label",
    "sc2_build",
    "engine_version",
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


def run_rows(runs: pd.DataFrame, page: Path) -> list[list[Any]]:
    """The runs table, by experiment, map, algorithm and seed, numbers by size.

    Log and config are relative links when the files exist.
    """
    out = []
    for row in sorted(runs.to_dict("records"), key=run_order):
        cells = [None if pd.isna(row[c]) else row[c] for c in PAGE_RUN_COLUMNS]
        folder = Path(str(row["path"]))
        for name in ("cout.txt", "config.json"):
            found = next((p for p in (folder / name, folder / "work" / name) if p.is_file()), None)
            cells.append(link(found, page) if found else None)
        out.append(cells)
    return out


def run_order(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    """Sort key of a row of the table of runs."""
    seed = -1 if pd.isna(row["seed"]) else int(row["seed"])
    return (str(row["experiment"]), place_order((str(row["map"]), str(row["alg"]))), seed)


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
