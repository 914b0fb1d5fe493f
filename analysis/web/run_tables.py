"""The page's table of runs, with links to their files, and their provenance."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

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
