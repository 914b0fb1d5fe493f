"""Reader of EPyMARL folders: sacred with ``metrics.json`` {name: {steps, values, timestamps}}."""

from collections.abc import Sequence
from pathlib import Path

from analysis.dataset.files import read_bytes
from analysis.dataset.labels import clean_label
from analysis.dataset.records import RunRecord, Skipped
from analysis.dataset.series import make_series
from analysis.errors import ResultError
from analysis.readers.sacred import SacredForm, load_info, read_sacred
from analysis.readers.truncated_json import parse_or_repair
from analysis.readers.win_rate_units import ToldUnit


def read(root: Path, told: Sequence[ToldUnit] = ()) -> tuple[list[RunRecord], list[Skipped]]:
    """Read every EPyMARL run folder under ``root``."""
    return read_sacred(root, EPYMARL, told)


def load_metrics(run: RunRecord, path: Path) -> None:
    """Metrics from metrics.json; an empty one (metrics logged to info.json) falls back to it."""
    data = parse_or_repair(read_bytes(path), path.name, run.problems)
    if not isinstance(data, dict):
        raise ResultError(f"{path.name}: expected a JSON object")
    for name, entry in data.items():
        label = clean_label(name)
        if not isinstance(entry, dict) or "steps" not in entry or "values" not in entry:
            run.problems.append(f"{label}: no steps and values, left out")
            continue
        series = make_series(label, entry["steps"], entry["values"], run.problems)
        if series is not None:
            run.series[label] = series
    info = path.with_name("info.json")
    if not run.series and info.exists():
        load_info(run, info)


EPYMARL = SacredForm("epymarl", "metrics.json", load_metrics)
