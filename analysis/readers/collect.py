"""The command ``collect``: our own run folders to a dataset."""

from pathlib import Path
from typing import Any

from analysis.dataset.assemble import assemble
from analysis.dataset.files import read_object
from analysis.dataset.records import RunRecord, Skipped
from analysis.dataset.storage import Dataset
from analysis.errors import ResultError
from analysis.readers import own


def read_expected(path: Path) -> dict[str, Any]:
    """The experiment's run list; :class:`ResultError` when it has not the right form."""
    data = read_object(path)
    runs = data.get("runs")
    if not isinstance(runs, list) or not all(isinstance(r, dict) for r in runs):
        raise ResultError(f"{path}: expected {{'experiment': ..., 'runs': [{{...}}, ...]}}")
    return data


def collect_own(
    roots: list[Path],
    out: Path,
    expected: Path | None = None,
    benchmarks: Path | None = None,
    pool_engines: bool = False,
) -> Dataset:
    """Read our own run folders under ``roots`` and write the dataset to ``out``."""
    wanted = read_expected(expected) if expected else None
    runs: list[RunRecord] = []
    skipped: list[Skipped] = []
    for root in roots:
        if wanted is not None and not root.is_dir():
            continue  # nothing has run yet: all runs are pending
        more, left = own.read(root)
        runs += more
        skipped += left
        if benchmarks is None and root.parent.name == "runs":
            beside = root.parent.parent / "benchmarks" / root.name
            benchmarks = beside if beside.is_dir() else None
    return assemble(runs, skipped, out, wanted, benchmarks, pool_engines)
