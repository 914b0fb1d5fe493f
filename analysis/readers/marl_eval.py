"""Reader of marl-eval JSON: {env: {task: {alg: {run: {"step_k": {"step_count", metric: [...]}}}}}}.

A metric's list holds per-episode values; their mean is taken. ``absolute_metrics`` is kept as
``absolute_<metric>`` at the run's last step.
"""

from pathlib import Path
from typing import Any

import numpy as np

from analysis.dataset.files import read_object
from analysis.dataset.json_values import as_number
from analysis.dataset.labels import clean_label
from analysis.dataset.records import RETURN, WIN_RATE, RunRecord, Skipped
from analysis.dataset.rules import apply_completeness, finish
from analysis.dataset.series import clean

NAMES = {
    "win_rate": WIN_RATE,
    "battle_won": WIN_RATE,
    "test_battle_won": WIN_RATE,
    "mean_episode_return": RETURN,
    "episode_return": RETURN,
    "return": RETURN,
    "mean_norm_return": "test_normalised_return",
}


def read(path: Path) -> tuple[list[RunRecord], list[Skipped]]:
    """Read one marl-eval JSON file."""
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
                    run.experiment = clean_label(path.stem)
                    fill(run, steps)
                    runs.append(run)
    return runs, skipped


def children(value: Any) -> list[tuple[str, Any]]:
    """Items of an object; nothing for anything else."""
    return list(value.items()) if isinstance(value, dict) else []


def trailing_number(name: str) -> int | None:
    """``seed_3`` -> 3."""
    digits = name.rsplit("_", 1)[-1]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def fill(run: RunRecord, steps: dict[str, Any]) -> None:
    """Series of one run; win rates given in percent become fractions (noted in ``problems``)."""
    times: dict[str, list[float]] = {}
    values: dict[str, list[float]] = {}
    counts = set()
    for key, entry in steps.items():
        if key == "absolute_metrics" or not isinstance(entry, dict):
            continue
        at = as_number(entry.get("step_count"))
        for metric, samples in entry.items():
            if metric == "step_count":
                continue
            numbers = [as_number(x) for x in samples] if isinstance(samples, list) else []
            numbers = numbers or [as_number(samples)]
            name = NAMES.get(metric.lower(), clean_label(metric))
            times.setdefault(name, []).append(at)
            values.setdefault(name, []).append(float(np.mean(numbers)))
            counts.add(len(numbers))
    for name, v in values.items():
        array = np.array(v)
        if name == WIN_RATE and np.nanmax(array, initial=0.0) > 1.0:
            array = array / 100
            run.problems.append("win rate was in percent")
        series = clean(name, np.array(times[name]), array, run.problems)
        if series is not None:
            run.series[name] = series
    run.meta["test_nepisode"] = counts.pop() if len(counts) == 1 else None
    last = run.t_last()
    run.t_max = last
    finish(run)
    apply_completeness(run)
