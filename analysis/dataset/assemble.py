"""Runs of any origin to one dataset on disk, with every exclusion as data."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

from analysis.dataset import rules
from analysis.dataset.benchmark_files import attach_benchmarks
from analysis.dataset.checks.run_kind import exclude_kinds
from analysis.dataset.columns import FORMAT
from analysis.dataset.episode_outcomes import write_episodes
from analysis.dataset.records import RunRecord, Skipped
from analysis.dataset.storage import Dataset, save
from analysis.dataset.tidy import is_included, run_ids, runs_table, tidy_table
from analysis.dataset.view.call_outs import setting_call_outs


def assemble(
    runs: list[RunRecord],
    skipped: list[Skipped],
    out: Path,
    wanted: dict[str, Any] | None = None,
    benchmarks: Path | None = None,
    pool_engines: bool = False,
    shown: Collection[str] = (),
) -> Dataset:
    """Apply the rules to runs of any origin and write the dataset.

    Args:
        runs: the runs, as their readers made them.
        skipped: what the readers left out.
        out: folder for the tables.
        wanted: the experiment's list of runs.
        benchmarks: folder of Snakemake benchmark files.
        pool_engines: runs of different versions of the simulator's engine may share a curve.
        shown: kinds besides trainings that are not left out: ``evaluation``, ``continued``.
    """
    for run in runs:
        rules.finish(run)
    if wanted is not None:
        runs = rules.apply_expected(runs, wanted)
        for run in runs:
            if run.status == "PENDING":
                rules.finish(run)
    exclude_kinds(runs, shown)
    rules.mark_duplicates(runs)
    runs.sort(key=lambda r: (r.map, r.alg, -1 if r.seed is None else r.seed, r.path))
    if benchmarks is not None:
        attach_benchmarks(runs, benchmarks)
    ids = run_ids(runs)
    n_episodes = write_episodes(runs, ids, out / "episodes.parquet")
    info = describe(runs, ids, skipped, wanted, n_episodes, pool_engines)
    dataset = Dataset(tidy_table(runs, ids), runs_table(runs, ids), info)
    info["call_outs"] += setting_call_outs(dataset.runs, dataset.view, pool_engines)
    save(dataset, out)
    return dataset


def describe(
    runs: list[RunRecord],
    ids: list[str],
    skipped: list[Skipped],
    wanted: dict[str, Any] | None,
    n_episodes: int,
    pool_engines: bool,
) -> dict[str, Any]:
    """The content of exclusions.json: counts, rule, exclusions, call-outs, repairs."""
    included = [r for r in runs if is_included(r)]
    names = Counter(r.experiment for r in included or runs)
    experiment = wanted.get("experiment") if wanted else None
    exclusions = [
        {
            "run": run_id,
            "path": run.path,
            "map": run.map,
            "alg": run.alg,
            "seed": run.seed,
            "status": run.status,
            "code": run.meta.get("code", run.status.lower()),
            "reason": run.reason or run.status.lower(),
        }
        for run, run_id in zip(runs, ids, strict=True)
        if not is_included(run)
    ]
    return {
        "format": FORMAT,
        "experiment": str(experiment or (names.most_common(1)[0][0] if names else "unknown")),
        "rule": rules.RULE,
        "read": dict(sorted(Counter(r.source for r in runs if r.status != "PENDING").items())),
        "n_found": len(runs),
        "n_complete": len(included),
        "n_expected": len(wanted["runs"]) if wanted else None,
        "n_test_episodes": n_episodes,
        "pooled_engines": pool_engines,
        "exclusions": exclusions,
        "call_outs": rules.call_outs(included, pool_engines),
        "repairs": [
            {"run": run_id, "problems": run.problems[:50]}
            for run, run_id in zip(runs, ids, strict=True)
            if run.problems
        ],
        "skipped": [s._asdict() for s in skipped],
    }


def summary_line(dataset: Dataset) -> str:
    """``12 of 15 runs complete (2 pending, 1 failed)``."""
    info = dataset.info
    codes = Counter(e["code"] for e in info["exclusions"])
    tail = ", ".join(f"{n} {c}" for c, n in sorted(codes.items()))
    line = f"{info['n_complete']} of {info['n_found']} runs complete"
    return f"{line} ({tail})" if tail else line
