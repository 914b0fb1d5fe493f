"""Import: logs of other projects into the same dataset form as our own runs."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from analysis.dataset.assemble import assemble
from analysis.dataset.labels import clean_label
from analysis.dataset.records import RunRecord, Skipped
from analysis.dataset.rules import apply_completeness
from analysis.dataset.storage import Dataset
from analysis.errors import ResultError, did_you_mean
from analysis.readers import epymarl, marl_eval, own, sacred, smac_paper
from analysis.readers.labelled_paths import give_label, split_label
from analysis.readers.run_metadata import unnamed
from analysis.readers.win_rate_units import ToldUnit, parse_told

Reader = Callable[[Path, Sequence[ToldUnit]], tuple[list[RunRecord], list[Skipped]]]

FORMATS: dict[str, Reader] = {
    "own": own.read,
    "pymarl": sacred.read,
    "pymarl2": sacred.read,
    "epymarl": epymarl.read,
    "smac-paper": smac_paper.read,
    "marl-eval": marl_eval.read,
}


class ImportDefaults(NamedTuple):
    """Values for what the logs do not record.

    ``t_max`` is obeyed where the logs record another one too: it decides which runs are complete.
    No other recorded value is replaced.
    """

    t_max: int | None = None
    backend: str | None = None
    sc2_build: str | None = None
    experiment: str | None = None
    map: str | None = None
    alg: str | None = None
    win_rate: Sequence[Sequence[str]] = ()  # [unit, path, ...] each; see win_rate_units


NO_DEFAULTS = ImportDefaults()


def import_logs(
    sources: Sequence[Sequence[str]],
    out: Path,
    defaults: ImportDefaults = NO_DEFAULTS,
    pool_engines: bool = False,
    shown: Collection[str] = (),
) -> Dataset:
    """Read foreign logs and write the dataset to ``out``.

    Args:
        sources: each ``[format, path, label=path, ...]``.
        out: folder for the tables.
        defaults: values for what the logs do not record.
        pool_engines: runs of different versions of the simulator's engine may share a curve.
        shown: kinds besides trainings that are not left out: ``evaluation``, ``continued``.

    Raises:
        ResultError: unknown format, no path, a path that does not exist, or win rates in an
            unknown unit.
    """
    runs: list[RunRecord] = []
    skipped: list[Skipped] = []
    roots = [split_label(p)[1] for source in sources for p in source[1:]]
    told = parse_told(defaults.win_rate, roots)
    for source in sources:
        name, paths = source[0], source[1:]
        if name not in FORMATS:
            hint = did_you_mean(name, FORMATS)
            raise ResultError(f"--from {name}: unknown format; known: {', '.join(FORMATS)}{hint}")
        if not paths:
            raise ResultError(f"--from {name}: needs at least one path")
        for label, path in map(split_label, paths):
            if not path.exists():
                raise ResultError(f"{path}: no such file or folder")
            more, left = FORMATS[name](path, told)
            give_label(more, label)
            for run in more:
                apply_defaults(run, defaults)
            runs += more
            skipped += left
    return assemble(runs, skipped, out, pool_engines=pool_engines, shown=shown)


def apply_defaults(run: RunRecord, defaults: ImportDefaults) -> None:
    """Fill what was not recorded, and decide completeness again when t_max was given."""
    if run.meta.get("backend") in (None, "unknown") and defaults.backend:
        run.meta["backend"] = clean_label(defaults.backend)
        run.problems.append("backend given on the command line")
    if not run.meta.get("sc2_build") and defaults.sc2_build and run.meta.get("backend") == "sc2":
        run.meta["sc2_build"] = clean_label(defaults.sc2_build)
        run.problems.append("StarCraft II build given on the command line")
    if defaults.experiment:
        run.experiment = clean_label(defaults.experiment)
    name_run(run, defaults)
    if run.status == "BROKEN" or defaults.t_max is None:
        return
    if run.t_max not in (None, defaults.t_max) and run.source != "marl-eval":
        run.problems.append(f"t_max {defaults.t_max} given on the command line, log: {run.t_max}")
    run.t_max, run.meta["t_max_given"] = defaults.t_max, True
    apply_completeness(run)


def name_run(run: RunRecord, defaults: ImportDefaults) -> None:
    """Give algorithm and map to a run whose log names none."""
    missing = list(run.meta.get("missing", []))
    known = {"alg": defaults.alg, "map": defaults.map}
    for key in missing + (["map"] if run.meta.get("map_from_env") else []):
        if name := known[key]:
            setattr(run, key, clean_label(name))
            run.problems.append(f"{key} given on the command line")
            run.meta["missing"] = [k for k in run.meta["missing"] if k != key]
    if missing and run.series:  # only its names were missing: its log could be read
        run.reason = unnamed(run)
        if run.reason is None:
            apply_completeness(run)
