"""Per-episode test outcomes: test_episodes.jsonl of all runs to one episodes.parquet."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.json as pj
import pyarrow.parquet as pq

from analysis.dataset.columns import EPISODE_COLUMNS
from analysis.dataset.files import MAX_BYTES, atomic_path, read_bytes
from analysis.dataset.records import RunRecord
from analysis.errors import ResultError

ARROW = {
    "string": pa.string(),
    "int64": pa.int64(),
    "int32": pa.int32(),
    "int8": pa.int8(),
    "float32": pa.float32(),
}
SCHEMA = pa.schema([(name, ARROW[dtype]) for name, (dtype, _) in EPISODE_COLUMNS.items()])
LINE = pa.schema([f for f in SCHEMA if f.name != "run_id"])
OUTCOMES = ("battle_won", "return")  # one is enough: a matrix game has no battles
GROUP_ROWS = 200_000
BAD_LINE = (ValueError, TypeError, AttributeError, RecursionError, OverflowError, pa.ArrowException)


def write_episodes(runs: list[RunRecord], ids: list[str], path: Path) -> int:
    """Write all episodes to ``path`` (atomically, bounded memory); return the row count.

    A run whose file cannot be parsed as a whole is read line by line; unusable
    lines are counted in ``run.problems``.
    """
    total = 0
    with atomic_path(path) as name, pq.ParquetWriter(name, SCHEMA, compression="zstd") as writer:
        batch: list[pa.Table] = []
        for run, run_id in sorted(zip(runs, ids, strict=True), key=lambda x: x[1]):
            table = read_run(run)
            if table is None or not table.num_rows:
                continue
            column = pa.array([run_id] * table.num_rows, pa.string())
            batch.append(table.add_column(0, SCHEMA.field("run_id"), column))
            total += table.num_rows
            if sum(t.num_rows for t in batch) >= GROUP_ROWS:
                writer.write_table(pa.concat_tables(batch))
                batch = []
        if batch:
            writer.write_table(pa.concat_tables(batch))
    return total


def read_run(run: RunRecord) -> pa.Table | None:
    """The episodes of one run as an arrow table, None when there is no file."""
    if run.episodes is None:
        return None
    try:
        data = read_bytes(run.episodes, MAX_BYTES)
    except ResultError as err:
        run.problems.append(str(err))
        return None
    if not data.strip():
        return None
    options = pj.ParseOptions(explicit_schema=LINE, unexpected_field_behavior="ignore")
    try:
        table = pj.read_json(pa.BufferReader(data), parse_options=options)
        known = {name: not table[name].null_count for name in ("t_env", *OUTCOMES)}
        whole = known["t_env"] and any(known[name] for name in OUTCOMES)
        if whole and table.select(LINE.names).schema.equals(LINE):
            return table.select(LINE.names)
    except pa.ArrowInvalid:
        pass  # a damaged line somewhere: slow path below
    return line_by_line(data, run.problems)


def line_by_line(data: bytes, problems: list[str]) -> pa.Table:
    """Keep the lines that are whole objects with numbers in range; count the others."""
    rows: list[dict[str, Any]] = []
    bad = 0
    for line in data.splitlines():
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            row = {f.name: entry.get(f.name) for f in LINE}
            if row["t_env"] is None or all(row[name] is None for name in OUTCOMES):
                raise ValueError("no t_env or outcome")
            pa.Table.from_pylist([row], schema=LINE)
            rows.append(row)
        except BAD_LINE:
            bad += 1
    if bad:
        problems.append(f"test_episodes.jsonl: {bad} lines not usable, left out")
    return pa.Table.from_pylist(rows, schema=LINE)
