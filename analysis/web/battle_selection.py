"""Which recorded battles go into the page."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.dataset.storage import Dataset
from analysis.errors import ResultError
from analysis.web.battle_recordings import load_battle

BATTLE_BYTES = 900_000
BATTLES_PER_CELL = 2


def collect_battles(dataset: Dataset) -> tuple[list[dict[str, Any]], list[str]]:
    """Battles of the run folders up to the size budget, and notes on what was left out."""
    found: list[dict[str, Any]] = []
    notes: list[str] = []
    used, cells = 0, dict[tuple[str, str], int]()
    left = 0
    for row in dataset.runs.to_dict("records"):
        folder = Path(str(row["path"])) / "battles"
        if row["source"] != "own" or not folder.is_dir() or folder.is_symlink():
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
            played, trained = battle["engine_version"], row["engine_version"]
            if played and pd.notna(trained) and played != trained:
                text = f"recorded by engine version {played}, its run by {trained}"
                notes.append(f"{row['run_id']}: {path.name[:64]}: {text}")
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
