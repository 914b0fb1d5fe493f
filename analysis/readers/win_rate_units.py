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
from analysis.dataset.records import MetricSeries, RunRecord
from analysis.errors import ResultError, did_you_mean
from analysis.metrics import WIN_RATE, metric_of

UNITS = ("percent", "fraction")
ABSOLUTE = "absolute_"  # of marl-eval's metrics of the best policy, in the unit of the metric
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
    above 1 and others do not, the latter could be in either unit. Other rates than the test win
    rate (``battle_won_mean``) are in its unit unless their own values are above 1.

    Raises:
        ResultError: where the unit cannot be known, or what is told contradicts the values.
    """
    together: dict[tuple[str, str, str], list[RunRecord]] = {}
    for run in runs:
        file, name = run.meta.get("file", ""), run.meta.get("win_rate_name", WIN_RATE)
        together.setdefault((str(file), str(name), told_of(run, told)), []).append(run)
    unknown: list[str] = []
    units: list[str] = []
    for (file, name, said), members in sorted(together.items()):
        where = file or str(root)
        main = unit_of(members, WIN_RATE, where, said)
        others = sorted({key for run in members for key in rates_of(run)} - {WIN_RATE})
        for key in [WIN_RATE, *others]:
            unit = main if key == WIN_RATE else unit_beside(members, key, where, said or main)
            units.append(unit)
            label = clean_label(name if key == WIN_RATE else key)
            if unit == "percent":
                to_fractions(members, key, label)
            elif not unit:
                unknown.append(describe(members, key, where, label))
    if unknown:
        more = f" (and {len(unknown) - 1} more)" if len(unknown) > 1 else ""
        more += "; other files here are in percent" if "percent" in units else ""
        raise ResultError(
            f"{unknown[0]}{more}; fractions and percent cannot be told apart; say which with "
            f"{OPTION} (PATHs after it mean only those)"
        )


def told_of(run: RunRecord, told: Sequence[ToldUnit]) -> str:
    """What the user said about a run, ``""`` for nothing; of several sayings the last that fits."""
    if not told:
        return ""
    place = Path(str(run.meta.get("file") or run.path)).resolve()
    for unit, paths in reversed(told):
        if not paths or any(place.is_relative_to(p) for p in paths):
            return unit
    return ""


def unit_of(members: Sequence[RunRecord], key: str, where: str, said: str) -> str:
    """The common unit of a win rate of runs that belong together; ``""``: it cannot be known.

    ``none`` where no game was won, which is 0 in both units.
    """
    tops = tops_of(members, key)
    above = [top > 1 + ROUNDING for top in tops]
    if not tops:
        return "none"
    if max(tops) > 100 * (1 + ROUNDING):
        raise ResultError(
            f"{where}: win rates up to {max(tops):g} ({clean_label(key)}), which are neither "
            "fractions nor percent"
        )
    if said == "fraction" and any(above):
        raise ResultError(
            f"--win-rate fraction: {where} has win rates up to {max(tops):g}, which are no "
            "fractions; use --win-rate percent, or name with PATHs what has fractions"
        )
    if said in UNITS:
        return said
    if any(above):
        return "percent" if "file" in members[0].meta or all(above) else ""
    return "" if members[0].source in DEFINES_NO_UNIT else "fraction"


def unit_beside(members: Sequence[RunRecord], key: str, where: str, main: str) -> str:
    """The unit of another rate: by its own values, else that of the test win rate."""
    above = any(top > 1 + ROUNDING for top in tops_of(members, key))
    return unit_of(members, key, where, "" if above else main)


def rates_of(run: RunRecord) -> set[str]:
    """Keys of the rates that a run logged, ``absolute_*`` under the metric they belong to."""
    return {base_of(key) for key in run.series if metric_of(key).is_rate}


def base_of(key: str) -> str:
    """``absolute_battle_won_mean`` -> ``test_battle_won_mean``; other keys stay."""
    return f"test_{key.removeprefix(ABSOLUTE)}" if key.startswith(ABSOLUTE) else key


def tops_of(members: Sequence[RunRecord], key: str) -> list[float]:
    """Largest value of a rate in each run that has one above 0."""
    found = []
    for run in members:
        values = [s.value.max() for name, s in run.series.items() if base_of(name) == key]
        found.append(float(max(values, default=0.0)))
    return [top for top in found if top > 0]


def describe(members: Sequence[RunRecord], key: str, where: str, label: str) -> str:
    """What is known about runs whose unit is not."""
    tops = tops_of(members, key)
    over = sum(top > 1 + ROUNDING for top in tops)
    if over:
        return f"{where}: {label} is above 1 in {over} of {len(tops)} runs and not in the others"
    return f"{where}: {label} is never above 1 (largest value {max(tops):g})"


def to_fractions(members: Sequence[RunRecord], key: str, label: str) -> None:
    """Divide a rate of the runs by 100 and note it."""
    top = max(tops_of(members, key))
    for run in members:
        for name in [k for k in run.series if base_of(k) == key]:
            t_env, value = run.series[name]
            run.series[name] = MetricSeries(t_env, value / 100)
            note = f"{label} was in percent (largest value read {top:g})"
            if note not in run.problems:  # first: of many problems the first are shown
                run.problems.insert(0, note)
