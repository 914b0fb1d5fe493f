"""Whether win rates are fractions or percent: decided for a whole file or folder, never per run.

A run that never wins more than 0.78 % looks like one that wins 78 % of its games: its own values
cannot tell. Formats whose writers define the unit (ours, PyMARL's and its forks', the SMAC paper's
raw data: a mean of games won, 0 or 1) are fractions unless a value above 1 contradicts; marl-eval
files are written in either unit. Where the logs leave it open, nothing is guessed: the import
stops and names ``--win-rate``.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from analysis.dataset.labels import clean_label
from analysis.dataset.records import WIN_RATE, MetricSeries, RunRecord
from analysis.errors import ResultError, did_you_mean

UNITS = ("percent", "fraction")
ABSOLUTE_WIN_RATE = "absolute_battle_won_mean"
WIN_RATES = (WIN_RATE, "battle_won_mean", ABSOLUTE_WIN_RATE)
DEFINES_NO_UNIT = ("marl-eval",)
ROUNDING = 1e-6  # sums of float32 outcomes end a little above 1
OPTION = "--win-rate percent or --win-rate fraction"


class ToldUnit(NamedTuple):
    """The unit of the logs under some paths, or of all logs when there are no paths."""

    unit: str
    paths: tuple[Path, ...]


def parse_told(words: Iterable[Sequence[str]], roots: Iterable[Path]) -> list[ToldUnit]:
    """The values of ``--win-rate UNIT [PATH ...]``; ``roots`` are the paths that are read.

    Raises:
        ResultError: another unit, or a path that does not exist or is not read.
    """
    read = [root.resolve() for root in roots]
    told = []
    for unit, *names in words:
        if unit not in UNITS:
            raise ResultError(
                f"--win-rate {unit}: expected {' or '.join(UNITS)}{did_you_mean(unit, UNITS)}"
            )
        paths = tuple(Path(name).resolve() for name in names)
        for name, path in zip(names, paths, strict=True):
            if not path.exists():
                raise ResultError(f"--win-rate {unit} {name}: no such file or folder")
            if not any(path.is_relative_to(r) or r.is_relative_to(path) for r in read):
                raise ResultError(f"--win-rate {unit} {name}: not among the paths that are read")
        told.append(ToldUnit(unit, paths))
    return told


def settle_win_rates(runs: Sequence[RunRecord], root: Path, told: Sequence[ToldUnit] = ()) -> None:
    """Turn all win rates of the runs read from ``root`` into fractions.

    Runs are decided together when one program wrote them into one place: those of one file and
    metric, and those of one folder of run folders. Of a folder in which some runs have values
    above 1 and others do not, the latter could be in either unit.

    Raises:
        ResultError: where the unit cannot be known, or what is told contradicts the values.
    """
    together: dict[tuple[str, str, str], list[RunRecord]] = {}
    for run in runs:
        if largest(run) > 0:  # no game won is 0 in both units
            file, name = run.meta.get("file", ""), run.meta.get("win_rate_name", WIN_RATE)
            key = (str(file), str(name), told_of(run, told))
            together.setdefault(key, []).append(run)
    unknown: list[str] = []
    units: list[str] = []
    for (file, name, said), members in sorted(together.items()):
        where = file or str(root)
        unit = unit_of(members, where, said)
        units.append(unit)
        if unit == "percent":
            top = max(map(largest, members))
            for run in members:
                to_fractions(run, name, top)
        elif not unit:
            unknown.append(describe(members, where, name))
    if unknown:
        more = f" (and {len(unknown) - 1} more)" if len(unknown) > 1 else ""
        more += "; other files here are in percent" if "percent" in units else ""
        raise ResultError(
            f"{unknown[0]}{more}; fractions and percent cannot be told apart; say which with "
            f"{OPTION} (PATHs after it mean only those)"
        )


def told_of(run: RunRecord, told: Sequence[ToldUnit]) -> str:
    """What the user said about a run, ``""`` for nothing; of several sayings the last that fits."""
    place = Path(str(run.meta.get("file") or run.path)).resolve()
    for unit, paths in reversed(told):
        if not paths or any(place.is_relative_to(p) for p in paths):
            return unit
    return ""


def unit_of(members: list[RunRecord], where: str, said: str) -> str:
    """The common unit of runs that belong together; ``""`` when it cannot be known."""
    tops = [largest(run) for run in members]
    above = [top > 1 + ROUNDING for top in tops]
    if max(tops) > 100 * (1 + ROUNDING):
        raise ResultError(
            f"{where}: win rates up to {max(tops):g}, which are neither fractions nor percent "
            f"({members[tops.index(max(tops))].path})"
        )
    if said == "fraction" and any(above):
        raise ResultError(
            f"--win-rate fraction: {where} has win rates up to {max(tops):g}, which are no "
            "fractions; use --win-rate percent, or name with PATHs what has fractions"
        )
    if said:
        return said
    if any(above):
        return "percent" if "file" in members[0].meta or all(above) else ""
    return "" if members[0].source in DEFINES_NO_UNIT else "fraction"


def largest(run: RunRecord) -> float:
    """The largest win rate of a run, of its trainings, tests and absolute metrics; 0 without."""
    found = [run.series[name].value.max() for name in WIN_RATES if name in run.series]
    return float(max(found, default=0.0))


def describe(members: list[RunRecord], where: str, name: str) -> str:
    """What is known about runs whose unit is not."""
    tops = [largest(run) for run in members]
    over = sum(top > 1 + ROUNDING for top in tops)
    label = clean_label(name)
    if over:
        return f"{where}: {label} is above 1 in {over} of {len(members)} runs and not in the others"
    return f"{where}: {label} is never above 1 (largest value {max(tops):g})"


def to_fractions(run: RunRecord, name: str, top: float) -> None:
    """Divide a run's win rates by 100 and note it."""
    for key in WIN_RATES:
        if key in run.series:
            t_env, value = run.series[key]
            run.series[key] = MetricSeries(t_env, value / 100)
    note = f"{clean_label(name)} was in percent (largest value read {top:g})"
    run.problems.insert(0, note)  # it is about every value; of many problems the first are shown
