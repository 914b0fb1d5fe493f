"""The command ``collect``: our own run folders to a dataset."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from analysis.dataset.assemble import assemble
from analysis.dataset.files import read_object
from analysis.dataset.records import RunRecord, Skipped
from analysis.dataset.storage import Dataset
from analysis.errors import ResultError
from analysis.readers import own
from analysis.readers.labelled_paths import give_label, split_label
from analysis.readers.win_rate_units import parse_told


def read_expected(path: Path) -> dict[str, Any]:
    """The experiment's run list; :class:`ResultError` when it has not the right form."""
    data = read_object(path)
    runs = data.get("runs")
    if not isinstance(runs, list) or not all(isinstance(r, dict) for r in runs):
        raise ResultError(f"{path}: expected {{'experiment': ..., 'runs': [{{...}}, ...]}}")
    return data


class CollectOptions(NamedTuple):
    """What ``collect`` can be told; the defaults are those of the command."""

    expected: Path | None = None  # the experiment's list of runs
    benchmarks: Path | None = None  # folder of Snakemake benchmark files
    pool_engines: bool = False  # versions of the simulator's engine may share a curve
    shown: Collection[str] = ()  # kinds besides trainings that are not left out
    win_rate: Sequence[Sequence[str]] = ()  # [unit, path, ...] each; see win_rate_units


DEFAULTS = CollectOptions()


def collect_own(roots: list[Path], out: Path, options: CollectOptions = DEFAULTS) -> Dataset:
    """Read our own run folders under ``roots`` and write the dataset to ``out``.

    A root may be ``LABEL=DIR``: runs of different labels share no curve.

    Raises:
        ResultError: a folder that does not exist or holds only another project's runs, an
            unusable list of runs, or win rates in an unknown unit.
    """
    wanted = read_expected(options.expected) if options.expected else None
    labelled = [split_label(root) for root in roots]
    told = parse_told(options.win_rate, [root for _, root in labelled])
    benchmarks = options.benchmarks
    runs: list[RunRecord] = []
    skipped: list[Skipped] = []
    for label, root in labelled:
        if wanted is not None and not root.is_dir():
            continue  # nothing has run yet: all runs are pending
        more, left = own.read(root, told)
        give_label(more, label)
        runs += more
        skipped += left
        if benchmarks is None and root.parent.name == "runs":
            beside = root.parent.parent / "benchmarks" / root.name
            benchmarks = beside if beside.is_dir() else None
    return assemble(runs, skipped, out, wanted, benchmarks, options.pool_engines, options.shown)
