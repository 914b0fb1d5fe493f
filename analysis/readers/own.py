"""Reader of our own run folders, ``results/runs/<experiment>/<env>/<map>/<alg>/seed=<k>/``.

A run counts as complete only when ``complete.json`` is there, says COMPLETED, and the files it
lists still have the checksums it lists. Folders that are still being written, failed or damaged
are returned with their status, so that a figure can show "4 of 5 runs" and why.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.dataset.files import read_bytes, read_json, read_object, sha256_file
from analysis.dataset.labels import (
    FIRST_ENGINE,
    OWN_BACKEND_LABELS,
    SIMULATED,
    clean_label,
    name_of_folder,
)
from analysis.dataset.records import MetricSeries, RunRecord, Skipped
from analysis.dataset.series import make_series
from analysis.errors import ResultError
from analysis.readers.foreign_folders import recognise
from analysis.readers.run_metadata import fill_from_config, fill_from_provenance, require_named
from analysis.readers.win_rate_units import ToldUnit, settle_win_rates

CHECKED = ("info.json", "config.json", "run.json", "provenance.json", "test_episodes.jsonl")


def looks_like_run(folder: Path) -> bool:
    """True for a folder that a training run writes or wrote."""
    if folder.name.startswith("seed="):
        return True
    if (folder / "complete.json").exists():
        return True
    return (folder / "work" / "progress.json").exists()


def discover(root: Path) -> list[Path]:
    """All run folders under ``root`` (itself included), sorted; symlinks are not followed."""
    found = []
    for name, folders, _ in os.walk(root):
        here = Path(name)
        if looks_like_run(here):
            found.append(here)
            folders.clear()
        folders.sort()
    return sorted(found)


def read(root: Path, told: Sequence[ToldUnit] = ()) -> tuple[list[RunRecord], list[Skipped]]:
    """Read every run folder under ``root``.

    Raises:
        ResultError: no such folder, only runs of another project in it, or win rates in an
            unknown unit.
    """
    if root.is_file():
        raise ResultError(
            f"{root}: a file, not a folder of runs; `python -m analysis import --from FORMAT FILE` "
            "reads files of other projects (marl-eval, smac-paper)"
        )
    if not root.is_dir():
        raise ResultError(
            f"{root}: no such folder of runs; run an experiment first or give another folder"
        )
    skipped: list[Skipped] = []
    runs = []
    found, foreign = discover(root), recognise(root)
    if foreign is not None and not found:
        raise ResultError(f"{root}: no runs of this project, but {foreign.hint()}")
    if foreign is not None:
        skipped.append(Skipped(str(root), foreign.hint()))
    for folder in found:
        if not any(folder.iterdir()):
            skipped.append(Skipped(str(folder), "empty folder"))
            continue
        runs.append(read_run(folder))
    settle_win_rates(runs, root, told)
    return runs, skipped


def read_run(folder: Path) -> RunRecord:
    """Read one run folder; problems end in ``status`` and ``reason``, never in an exception."""
    run = RunRecord(path=str(folder), source="own")
    run.meta["failed_attempts"] = len([p for p in folder.glob("failed-*") if p.is_dir()])
    identity_from_path(run, folder)
    complete = (folder / "complete.json").exists()
    files = folder if complete or not (folder / "work").is_dir() else folder / "work"
    try:
        if complete:
            check_complete(folder)
        load_files(run, files)
        require_named(run)
        run.status = "COMPLETED" if complete else run.meta.pop("sacred_status", "INCOMPLETE")
        if complete and run.meta.get("backend") in SIMULATED:
            run.meta.setdefault("engine_version", FIRST_ENGINE)  # had no provenance.json to tell it
        if not complete:
            run.reason = why_incomplete(run, folder)
            if run.status == "COMPLETED":  # finished but not yet published by its sentinel
                run.status = "INCOMPLETE"
    except ResultError as err:
        run.status, run.reason = "BROKEN", str(err)
    return run


def identity_from_path(run: RunRecord, folder: Path) -> None:
    """Take experiment, env, map, alg, seed from the last five parts of the path."""
    parts = folder.absolute().parts[-5:]
    if len(parts) == 5 and parts[4].startswith("seed="):
        named = (*parts[:3], name_of_folder(parts[3]))
        run.experiment, run.env, run.map, run.alg = (clean_label(p) for p in named)
        digits = parts[4].removeprefix("seed=")
        if digits.isascii() and digits.isdigit() and len(digits) < 19:
            run.seed = int(digits)


def check_complete(folder: Path) -> None:
    """Verify the sentinel: format, status and the checksums of the files we read."""
    sentinel = read_object(folder / "complete.json")
    if sentinel.get("format") != 1:
        raise ResultError(f"complete.json: format {sentinel.get('format')!r}, expected 1")
    status = clean_label(sentinel.get("status"))
    if status != "COMPLETED":
        raise ResultError(f"complete.json: status {status}, expected COMPLETED")
    listed = sentinel.get("files")
    if not isinstance(listed, dict):
        raise ResultError("complete.json: 'files' is missing or not an object")
    for name in CHECKED:  # only plain names we know: a hostile list cannot point elsewhere
        if name in listed:
            if not (folder / name).is_file():
                raise ResultError(f"{name}: listed in complete.json but missing")
            if sha256_file(folder / name) != listed[name]:
                raise ResultError(f"{name}: differs from its checksum in complete.json")


def load_files(run: RunRecord, files: Path) -> None:
    """Read config, provenance, run status and metrics from ``files``."""
    config = read_object(files / "config.json")
    fill_from_config(run, config)
    raw = read_bytes(files / "provenance.json") if (files / "provenance.json").exists() else None
    if raw is not None:
        fill_from_provenance(run, read_object(files / "provenance.json"))
        run.meta["provenance_sha256"] = hashlib.sha256(raw).hexdigest()
    else:
        run.problems.append("provenance.json: missing; backend taken from the config's env")
        run.meta["backend"] = run.env if run.env in OWN_BACKEND_LABELS else None
    if (files / "run.json").exists():
        sacred = read_object(files / "run.json")
        run.meta["sacred_status"] = clean_label(sacred.get("status"), "INCOMPLETE").upper()
        host = sacred.get("host")
        if isinstance(host, dict):
            run.meta["host"] = clean_label(host.get("hostname"), "")
    if (files / "progress.json").exists():
        progress = read_json(files / "progress.json")
        run.meta["progress"] = progress if isinstance(progress, dict) else None
    if (files / "info.json").exists():
        run.series = read_info(read_object(files / "info.json"), run.problems)
    elif (files / "config.json").exists() and run.meta.get("sacred_status") == "COMPLETED":
        raise ResultError("info.json: missing, although run.json has status COMPLETED")
    if (files / "test_episodes.jsonl").is_file():
        run.episodes = files / "test_episodes.jsonl"


def read_info(info: dict[str, Any], problems: list[str]) -> dict[str, MetricSeries]:
    """All ``<key>`` / ``<key>_T`` pairs of an info.json as series."""
    out = {}
    for key, values in info.items():
        if key.endswith("_T") and key[:-2] in info:
            continue
        if f"{key}_T" not in info:
            if isinstance(values, list):
                problems.append(f"{clean_label(key)}: no times ({clean_label(key)}_T), left out")
            continue
        series = make_series(clean_label(key), info[f"{key}_T"], values, problems)
        if series is not None:
            out[clean_label(key)] = series
    return out


def why_incomplete(run: RunRecord, folder: Path) -> str:
    """One phrase saying how far an unfinished run came."""
    progress = run.meta.get("progress")
    done = progress.get("t_env") if isinstance(progress, dict) else run.t_last()
    goal = f" of {run.t_max}" if run.t_max else ""
    at = f" at t_env {clean_label(done)}{goal}" if done is not None else ""
    tries = run.meta.get("failed_attempts") or 0
    more = f", {tries} failed attempt(s)" if tries else ""
    state = {"FAILED": "failed", "INTERRUPTED": "interrupted", "RUNNING": "still running"}
    where = "" if (folder / "work").is_dir() else ", no complete.json"
    return f"{state.get(run.status, 'not finished')}{at}{more}{where}"
