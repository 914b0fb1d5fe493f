"""Reader of marl-eval JSON: {env: {task: {alg: {run: {"step_k": {"step_count", metric: [...]}}}}}}.

A metric's list holds per-episode values; their mean is taken. ``absolute_metrics`` is kept as
``absolute_<metric>`` at the run's last step. Mava writes this form with win rates in percent, one
file per run or per experiment; other projects write fractions.
"""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.dataset.files import read_object
from analysis.dataset.json_values import as_number
from analysis.dataset.labels import clean_label
from analysis.dataset.records import RETURN, WIN_RATE, RunRecord, Skipped
from analysis.dataset.rules import apply_completeness, finish
from analysis.dataset.series import clean
from analysis.errors import ResultError
from analysis.readers.foreign_folders import recognise
from analysis.readers.win_rate_units import ToldUnit, settle_win_rates

# metric in the file (lower case) -> our key; of several names for one key the first counts
NAMES = {
    "win_rate": WIN_RATE,
    "battle_won": WIN_RATE,
    "test_battle_won": WIN_RATE,
    WIN_RATE: WIN_RATE,
    "mean_episode_return": RETURN,
    "episode_return": RETURN,
    "return": RETURN,
    RETURN: RETURN,
    "mean_norm_return": "test_normalised_return",
}
ABSOLUTE = "absolute_metrics"
NOT_THE_FORM = "not in marl-eval's form ({env: {task: {alg: {run: {step_k: ...}}}}})"


def read(path: Path, told: Sequence[ToldUnit] = ()) -> tuple[list[RunRecord], list[Skipped]]:
    """Read one marl-eval JSON file, or every such file below a folder.

    The experiment is the file's name; of files with the same name the folder's.

    Raises:
        ResultError: a file that is no JSON object, a folder without marl-eval files, or win rates
            in an unknown unit.
    """
    runs: list[RunRecord] = []
    skipped: list[Skipped] = []
    if not path.is_dir():
        runs, skipped = read_file(path, path.stem)
    else:
        files = json_files(path)
        names = Counter(file.stem for file in files)
        for file in files:
            experiment = file.stem if names[file.stem] == 1 else path.absolute().name
            try:
                more, left = read_file(file, experiment)
            except ResultError as err:
                more, left = [], [Skipped(str(file), str(err))]
            runs += more
            skipped += left
        if not runs:
            foreign = recognise(path)
            hint = f", but {foreign.hint()}" if foreign is not None else ""
            raise ResultError(f"{path}: no marl-eval file among {len(files)} .json files{hint}")
    settle_win_rates(runs, path, told)
    return runs, skipped


def json_files(folder: Path) -> list[Path]:
    """All .json files below a folder, sorted; links to folders are not followed."""
    found = []
    for name, folders, files in os.walk(folder):
        folders.sort()
        found += [Path(name) / f for f in files if f.lower().endswith(".json")]
    return sorted(found)


def read_file(path: Path, experiment: str) -> tuple[list[RunRecord], list[Skipped]]:
    """All runs of one file."""
    runs: list[RunRecord] = []
    skipped: list[Skipped] = []
    for env, tasks in read_object(path).items():
        for task, algs in children(tasks):
            for alg, entries in children(algs):
                for name, steps in children(entries):
                    where = "/".join(clean_label(x) for x in (env, task, alg, name))
                    if not isinstance(steps, dict):
                        skipped.append(Skipped(f"{path}#{where}", "expected an object of steps"))
                        continue
                    run = RunRecord(
                        path=f"{path}#{where}", source="marl-eval", env=clean_label(env)
                    )
                    run.map, run.alg = clean_label(task), clean_label(alg)
                    run.seed = trailing_number(name)
                    run.experiment = clean_label(experiment)
                    run.meta["file"] = str(path)
                    fill(run, steps)
                    runs.append(run)
    return runs, skipped if runs or skipped else [Skipped(str(path), NOT_THE_FORM)]


def children(value: Any) -> list[tuple[str, Any]]:
    """Items of an object; nothing for anything else."""
    return list(value.items()) if isinstance(value, dict) else []


def trailing_number(name: str) -> int | None:
    """``seed_3`` -> 3."""
    digits = name.rsplit("_", 1)[-1]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def fill(run: RunRecord, steps: dict[str, Any]) -> None:
    """Series of one run, in the file's units."""
    times: dict[str, list[float]] = {}
    values: dict[str, list[float]] = {}
    counts = set()
    for key, entry in steps.items():
        if key == ABSOLUTE or not isinstance(entry, dict):
            continue
        at = as_number(entry.get("step_count"))
        for metric, samples in entry.items():
            if metric == "step_count":
                continue
            value, count = mean_of(samples)
            times.setdefault(metric, []).append(at)
            values.setdefault(metric, []).append(value)
            counts.add(count)
    for metric, key in our_keys(values).items():
        series = clean(key, np.array(times[metric]), np.array(values[metric]), run.problems)
        if series is not None:
            run.series[key] = series
            if key == WIN_RATE:
                run.meta["win_rate_name"] = metric
    run.meta["test_nepisode"] = counts.pop() if len(counts) == 1 else None
    run.t_max = run.t_last()
    add_absolute(run, steps.get(ABSOLUTE))
    finish(run)
    apply_completeness(run)


def mean_of(samples: Any) -> tuple[float, int]:
    """Mean and number of per-episode values; a bare number is one of them."""
    numbers = [as_number(x) for x in samples] if isinstance(samples, list) else []
    numbers = numbers or [as_number(samples)]
    return float(np.mean(numbers)), len(numbers)


def our_keys(metrics: Any) -> dict[str, str]:
    """Metric in the file -> key of its series; each key once, other metrics keep their names."""
    order = list(NAMES)
    ranked = sorted(
        metrics, key=lambda m: order.index(m.lower()) if m.lower() in NAMES else len(order)
    )
    out: dict[str, str] = {}
    for metric in ranked:
        key = NAMES.get(metric.lower(), clean_label(metric))
        if key in out.values():
            key = clean_label(metric)
        if key not in out.values():
            out[metric] = key
    return out


def add_absolute(run: RunRecord, entry: Any) -> None:
    """The metrics of the run's best policy, tested at its end."""
    last = run.t_last()
    if last is None or not isinstance(entry, dict):
        return
    for metric, key in our_keys(m for m in entry if m != "step_count").items():
        name = f"absolute_{key.removeprefix('test_')}"
        value = np.array([mean_of(entry[metric])[0]])
        series = clean(name, np.array([float(last)]), value, run.problems)
        if series is not None:
            run.series[name] = series
