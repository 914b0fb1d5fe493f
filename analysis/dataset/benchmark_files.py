"""Snakemake benchmark files (one TSV per run) to speed and memory per run."""

import csv
import math
from pathlib import Path

from analysis.dataset.files import read_bytes
from analysis.dataset.records import RunRecord
from analysis.errors import ResultError

COLUMNS = {"max_rss": "max_rss_mib", "cpu_time": "cpu_time_s", "mean_load": "mean_load"}


def attach_benchmarks(runs: list[RunRecord], root: Path) -> None:
    """Fill ``meta`` from ``<root>/<env>/<map>/<alg>/seed=<k>.tsv`` (or ``.../seed=<k>/*.tsv``)."""
    for run in runs:
        # A variant's folder is not called as the variant is.
        folder = Path(run.path).parent.name if run.source == "own" else run.alg
        base = root / run.env / run.map / folder
        if ".." in (run.env, run.map, folder):
            continue
        name = f"seed={run.seed}"
        for path in (base / f"{name}.tsv", base / f"{name}.txt", base / name / "benchmark.tsv"):
            if path.is_file():
                read_benchmark(run, path)
                break


def read_benchmark(run: RunRecord, path: Path) -> None:
    """Read one file; of several repeats the last row counts, ``-`` means not measured."""
    try:
        text = read_bytes(path, 1_000_000).decode("utf-8", "replace")
    except ResultError as err:
        run.problems.append(f"benchmark {err}")
        return
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t"))
    if not rows:
        run.problems.append(f"benchmark {path.name}: no rows")
        return
    for source, target in COLUMNS.items():
        value = number(rows[-1].get(source))
        if value is not None:
            run.meta[target] = value
    if run.meta.get("duration_s") is None:
        run.meta["duration_s"] = number(rows[-1].get("s"))


def number(text: object) -> float | None:
    """A finite float from a TSV cell."""
    try:
        value = float(str(text))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
