"""Reader of PyMARL and PyMARL2 sacred folders: ``results/sacred/<id>/{config,info,run}.json``.

What these projects do to their logs, and what is done about it: status RUNNING on finished runs
(``os._exit``): the last evaluation decides; info.json cut off by a kill: the part before the
cut is used; numpy scalars as objects: read; a missing info.json (short runs): named and skipped.
EPyMARL's folders have ``metrics.json`` instead, see :mod:`analysis.readers.epymarl`.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from analysis.dataset.files import read_bytes, read_object
from analysis.dataset.labels import clean_label
from analysis.dataset.records import RunRecord, Skipped
from analysis.dataset.rules import apply_completeness, finish
from analysis.errors import ResultError
from analysis.readers.own import read_info
from analysis.readers.run_metadata import fill_from_config, require_named
from analysis.readers.truncated_json import parse_or_repair
from analysis.readers.win_rate_units import ToldUnit, settle_win_rates

Loader = Callable[[RunRecord, Path], None]

# The file that the other kind of sacred folder has, and its format's name.
OTHER_FORM = {"pymarl": ("metrics.json", "epymarl"), "epymarl": ("info.json", "pymarl")}

BACKENDS = {"sc2": "sc2", "sc2v2": "sc2", "smaclite": "smaclite", "smax": "smax", "sim": "sim"}


class SacredForm(NamedTuple):
    """A project's way of writing sacred folders."""

    source: str  # name of the format
    metrics: str  # the file with the statistics
    load: Loader


def read(root: Path, told: Sequence[ToldUnit] = ()) -> tuple[list[RunRecord], list[Skipped]]:
    """Read every sacred run folder under ``root`` that has an info.json."""
    return read_sacred(root, PYMARL, told)


def read_sacred(
    root: Path, form: SacredForm, told: Sequence[ToldUnit]
) -> tuple[list[RunRecord], list[Skipped]]:
    """Walk ``root``; a folder with config.json is a run.

    Raises:
        ResultError: no such folder, or win rates in an unknown unit.
    """
    if not root.is_dir():
        raise ResultError(f"{root}: no such folder of sacred runs")
    runs: list[RunRecord] = []
    skipped: list[Skipped] = []
    for name, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f != "_sources")
        folder = Path(name)
        if "config.json" in files:
            runs.append(read_folder(folder, form))
        elif form.metrics in files or "cout.txt" in files:
            skipped.append(Skipped(str(folder), "no config.json: cannot tell algorithm and map"))
    if not runs and not skipped:
        skipped.append(Skipped(str(root), "no sacred run (config.json) below this folder"))
    settle_win_rates(runs, root, told)
    return runs, skipped


def read_folder(folder: Path, form: SacredForm) -> RunRecord:
    """Read one sacred folder; never raises for its content."""
    run = RunRecord(path=str(folder), source=form.source)
    try:
        raw = read_bytes(folder / "config.json")
        config = parse_or_repair(raw, "config.json", run.problems)
        if not isinstance(config, dict):
            raise ResultError("config.json: expected a JSON object")
        fill_from_config(run, config)
        run.meta["backend"] = BACKENDS.get(env_kind(run.env, config), "unknown")
        read_status(run, folder)
        if not (folder / form.metrics).exists():
            raise ResultError(f"{form.metrics}: missing (a run killed before its first heartbeat)")
        form.load(run, folder / form.metrics)
        finish(run)
        require_named(run)
        apply_completeness(run)
    except ResultError as err:
        run.status, run.reason = "BROKEN", str(err)
    if run.status == "BROKEN" and not run.series:
        file, name = OTHER_FORM[form.source]
        more = f"; there is {file}: try --from {name}" if (folder / file).is_file() else ""
        run.reason = f"{run.reason}{more}"
    return run


def env_kind(env: str, config: dict[str, Any]) -> str:
    """The environment's kind; EPyMARL's gymma wraps SMAClite as ``smaclite/...`` keys."""
    args = config.get("env_args")
    key = str(args.get("key", "")) if isinstance(args, dict) else ""
    return "smaclite" if key.startswith("smaclite") else env


def read_status(run: RunRecord, folder: Path) -> None:
    """Sacred's status and times from run.json; absent or damaged is only a problem."""
    try:
        sacred = read_object(folder / "run.json")
    except ResultError as err:
        run.problems.append(str(err))
        return
    run.meta["sacred_status"] = clean_label(sacred.get("status")).upper()
    for key, name in (("started", "start_time"), ("finished", "stop_time")):
        run.meta[key] = clean_label(sacred[name]) if sacred.get(name) else None
    if run.meta["sacred_status"] == "RUNNING":
        run.problems.append(
            "sacred status RUNNING (PyMARL never changes it): its evaluations decide"
        )


def load_info(run: RunRecord, path: Path) -> None:
    """Metrics from info.json."""
    info = parse_or_repair(read_bytes(path), path.name, run.problems)
    if not isinstance(info, dict):
        raise ResultError(f"{path.name}: expected a JSON object")
    run.series = read_info(info, run.problems)


PYMARL = SacredForm("pymarl", "info.json", load_info)
