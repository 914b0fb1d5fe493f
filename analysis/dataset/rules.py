"""Which runs count: completeness, duplicates, expected lists; differences that are reported."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from analysis.dataset.checks.contradictions import contradictions
from analysis.dataset.checks.run_kind import is_entry, settle_kind, shown_alg
from analysis.dataset.labels import (
    OWN_BACKEND_LABELS,
    SIMULATED,
    backend_label,
    clean_label,
    engine_label,
)
from analysis.dataset.records import EVALUATION, TRAINING, MetricSeries, RunRecord
from analysis.dataset.series import infer_interval
from analysis.dataset.view.group_keys import place_order

COMPLETE_FRACTION = 0.975  # of t_max: 1,998,750 of 2,050,000, the "T >= 2.0M" of the SMAC data
MAX_BINS = 20_000  # evaluations on the nominal grid; the paper's protocol has 205

RULE = (
    "own runs: complete.json with matching checksums; other logs: last evaluation at or past "
    f"{COMPLETE_FRACTION:.1%} of t_max (or at most 1.5 test intervals before t_max)"
)

# What the battles were played on: named when it differs for an algorithm on a map. Settings that
# differ are called out by analysis/dataset/view/call_outs.py.
PLAYED_ON: dict[str, str] = {
    "sc2_build": "StarCraft II builds",
    "engine_version": "engine versions",
    "backend": "backends",
}


def finish(run: RunRecord) -> None:
    """Fill what can be inferred and exclude a run whose evaluation clock cannot be trusted."""
    settle_kind(run)
    clock = run.evaluations()
    if run.test_interval is None and clock is not None:
        run.test_interval = infer_interval(clock.t_env)
        if run.test_interval is not None:
            run.problems.append(f"test_interval not recorded, inferred {run.test_interval}")
    if not run.meta.get("backend"):
        run.meta["backend"] = "unknown"
    run.meta["backend"] = clean_label(run.meta["backend"])
    run.meta["backend_label"] = backend_label(run.meta["backend"])
    if run.status == "COMPLETED" and clock is None:
        run.status, run.reason = "BROKEN", "no test evaluation in the log"
    limit = (run.test_interval or 10_000) * MAX_BINS
    for name, series in list(run.series.items()):
        keep = series.t_env < limit
        if not keep.all():
            run.problems.append(f"{name}: {int((~keep).sum())} points beyond t_env {limit}")
            run.series[name] = MetricSeries(series.t_env[keep], series.value[keep])
        if not keep.any():
            del run.series[name]


def reached(last: int, goal: int, interval: int) -> bool:
    """Whether a run whose last evaluation is at ``last`` got to ``goal``; all in env steps.

    ``last >= min(0.975 goal, goal - 1.5 interval)``.
    """
    return last >= min(COMPLETE_FRACTION * goal, goal - 1.5 * interval)


def apply_completeness(run: RunRecord, t_max: int | None = None) -> None:
    """Completeness rule for logs without ``complete.json``: the last evaluation decides.

    ``t_last >= min(0.975 t_max, t_max - 1.5 interval)``. A recorded status RUNNING does not
    exclude: PyMARL's ``os._exit`` leaves it on every finished run. An evaluation is complete with
    its one test.
    """
    goal = run.t_max or t_max
    last = run.t_last()
    clock = run.evaluations()
    if last is None or clock is None:
        run.status, run.reason = "BROKEN", run.reason or "no test evaluation in the log"
        return
    if run.kind == EVALUATION:
        run.status, run.reason = "COMPLETED", None
        return
    if goal is None:
        run.status, run.reason = "INCOMPLETE", "t_max not recorded; give --t-max"
        return
    run.t_max = goal
    if reached(last, goal, run.test_interval or 0):
        run.status, run.reason = "COMPLETED", None
        return
    run.status = "FAILED" if run.meta.get("sacred_status") == "FAILED" else "INCOMPLETE"
    count = len(clock.t_env)
    points = f"{count} evaluation" + ("" if count == 1 else "s")
    run.reason = f"{points}, last at t_env {last} of {goal} ({last / goal:.1%})"


def identity(run: RunRecord) -> tuple[Any, ...]:
    """What makes two runs the same run; with other settings they are different runs."""
    keys = ("backend", "sc2_build", "engine_version", "label", "config")
    known = tuple(run.meta.get(k) for k in keys)
    same = (run.experiment, *known, run.env, run.map, run.alg, run.seed)
    if run.kind == TRAINING:
        return same
    return (*same, run.kind, run.meta.get("model"), run.meta.get("load_step"), run.t_last())


def mark_duplicates(runs: Iterable[RunRecord]) -> None:
    """Of completed runs with the same identity keep the first by path; exclude the rest.

    Runs that are left out already have no part in it.
    """
    seen: dict[tuple[Any, ...], RunRecord] = {}
    for run in sorted(runs, key=lambda r: r.path):
        if run.status != "COMPLETED" or run.seed is None or "code" in run.meta:
            continue
        first = seen.setdefault(identity(run), run)
        if first is not run:
            same = equal_curves(first, run)
            what = "same numbers" if same else "different numbers"
            run.meta["code"] = "duplicate"
            run.reason = f"duplicate of {first.path} ({what})"


def equal_curves(a: RunRecord, b: RunRecord) -> bool:
    """True when the evaluation series of two runs are equal to the bit."""
    x, y = a.evaluations(), b.evaluations()
    if x is None or y is None:
        return x is y
    return np.array_equal(x.t_env, y.t_env) and np.array_equal(x.value, y.value)


def apply_expected(runs: list[RunRecord], expected: dict[str, Any]) -> list[RunRecord]:
    """Compare with the experiment's list: add pending runs, exclude runs that are not in it.

    ``expected`` is ``{"experiment": ..., "runs": [{env, map, alg, seed, t_max, dir}]}``. An
    evaluation or a continued training is one of its runs only in the folder that the list names:
    elsewhere it does not stand for the training of the same seed.
    """
    wanted = {}
    name = clean_label(expected.get("experiment"))
    for entry in expected.get("runs", []):
        key = tuple(str(entry.get(k)) for k in ("env", "map", "alg", "seed"))
        wanted[key] = entry
    found = set()
    for run in runs:
        key = (run.env, run.map, run.alg, str(run.seed))
        entry = wanted.get(key)
        if run.kind != TRAINING:
            if entry is None or not is_entry(run, entry):
                continue
            run.meta["asked"] = True
        found.add(key)
        if entry is None:
            run.meta["code"] = "not-expected"
            run.reason = f"not in the run list of experiment {name}"
        elif run.status == "COMPLETED" and entry.get("t_max") not in (None, run.t_max):
            run.meta["code"] = "other-t_max"
            run.reason = f"ran with t_max {run.t_max}, the experiment asks for {entry['t_max']}"
    pending = []
    for key, entry in wanted.items():
        if key not in found:
            run = RunRecord(path=str(entry.get("dir", "")), source="own", experiment=name)
            run.env, run.map, run.alg = (clean_label(k) for k in key[:3])
            run.seed = entry.get("seed") if isinstance(entry.get("seed"), int) else None
            run.t_max = entry.get("t_max") if isinstance(entry.get("t_max"), int) else None
            run.status, run.reason = "PENDING", "not started"
            run.meta["backend"] = run.env if run.env in OWN_BACKEND_LABELS else "unknown"
            pending.append(run)
    return runs + pending


def is_simulated(run: RunRecord) -> bool:
    """Whether the simulator's engine played the run, so that it has a version."""
    return run.meta.get("backend") in SIMULATED


def engine_call_out(runs: Iterable[RunRecord], pool_engines: bool) -> list[str]:
    """A sentence when included runs were played by several versions of the simulator's engine."""
    counts = Counter(r.meta.get("engine_version") for r in runs if is_simulated(r))
    if len(counts) < 2:
        return []
    known = sorted(v for v in counts if v is not None)
    parts = [f"{engine_label([v])}: {counts[v]} runs" for v in known]
    parts += [f"not recorded: {counts[None]} runs"] if None in counts else []
    what = "pooled as asked" if pool_engines else "kept apart (--pool-engines pools them)"
    return [
        f"different versions of the simulator's engine ({', '.join(parts)}), which play different "
        f"battles; {what}"
    ]


def held_out_call_out(where: str, runs: list[RunRecord]) -> list[str]:
    """Say whether runs were tested on the fixed set of episodes that training never plays."""
    counts = [int(run.meta.get("held_out_tests") or 0) for run in runs]
    if not any(counts):
        return []
    if len(set(counts)) == 1:
        return [f"{where}: tested on {counts[0]} held-out episodes that training never plays"]
    shown = ", ".join(str(count or "none") for count in sorted(set(counts)))
    return [f"{where}: different numbers of held-out test episodes ({shown}); pooled"]


def call_outs(runs: Iterable[RunRecord], pool_engines: bool = False) -> list[str]:
    """Sentences about included runs that differ where one curve should not mix."""
    runs = list(runs)
    apart = ("backend", "sc2_build") if pool_engines else ("backend", "sc2_build", "engine_version")
    groups: dict[tuple[str, str], list[RunRecord]] = defaultdict(list)
    for run in runs:
        groups[run.map, shown_alg(run.alg, run.kind)].append(run)
    out = engine_call_out(runs, pool_engines)
    for map_name, alg in sorted(groups, key=place_order):
        where, members = f"{alg} on {map_name}", groups[map_name, alg]
        for key, name in PLAYED_ON.items():
            having = [r for r in members if key != "engine_version" or is_simulated(r)]
            values = {clean_label(r.meta.get(key), "not recorded") for r in having}
            if len(values) > 1:
                shown = ", ".join(sorted(v[:12] for v in values))
                split = "; kept apart" if key in apart else "; pooled"
                out.append(f"{where}: {len(values)} different {name} ({shown}){split}")
        out += held_out_call_out(where, members)
        dirty = sum(1 for r in members if r.meta.get("git_dirty"))
        if dirty:
            out.append(f"{where}: {dirty} of {len(members)} runs from uncommitted code")
    return contradictions(runs) + out
