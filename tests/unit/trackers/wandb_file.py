"""Reads what wandb wrote offline: records of its protocol in LevelDB's log format."""

import json
import struct
from pathlib import Path

BLOCK, HEADER, FILE_HEADER = 32768, 7, 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def records(path: Path):
    """Yield the records of a ``run-*.wandb`` file."""
    from wandb.proto import wandb_internal_pb2

    data, at, whole = path.read_bytes(), FILE_HEADER, b""
    while at + HEADER <= len(data):
        left = BLOCK - at % BLOCK
        if left < HEADER:
            at += left
            continue
        _, length, kind = struct.unpack_from("<IHB", data, at)
        chunk = data[at + HEADER : at + HEADER + length]
        at += HEADER + length
        whole = chunk if kind in (FULL, FIRST) else whole + chunk
        if kind in (FULL, LAST):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(whole)
            yield record


def history(path: Path) -> list[dict]:
    """Return the rows that were logged, as wandb's table of the run's history has them."""
    rows = []
    for record in records(path):
        if record.WhichOneof("record_type") == "history":
            items = record.history.item
            rows.append({(i.key or i.nested_key[0]): json.loads(i.value_json) for i in items})
    return rows


def run_of(path: Path):
    """Return the record that describes the run."""
    return next(r.run for r in records(path) if r.WhichOneof("record_type") == "run")
