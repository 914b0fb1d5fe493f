"""The dataset on disk: tidy.parquet, runs.parquet, episodes.parquet, exclusions.json."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.dataset.columns import RUN_COLUMNS, TIDY_COLUMNS
from analysis.dataset.files import read_object, write_bytes, write_json
from analysis.dataset.view.options import View
from analysis.errors import ResultError
from analysis.metrics import Metric, choose_metric


@dataclass(slots=True)
class Dataset:
    """Everything the later stages need; nothing here reads a run folder again."""

    tidy: pd.DataFrame
    runs: pd.DataFrame
    info: dict[str, Any]  # the content of exclusions.json
    view: View = field(default_factory=View)

    @property
    def experiment(self) -> str:
        """Name of the experiment, for titles."""
        return str(self.info.get("experiment", "unknown"))

    def included(self) -> pd.DataFrame:
        """The tidy rows that enter statistics."""
        return self.tidy[self.tidy["included"]]

    @property
    def metric(self) -> Metric:
        """The metric that is shown.

        Raises:
            ResultError: one was asked for that no run in the statistics logged.
        """
        logged = set(map(str, self.included()["metric"].unique()))
        return choose_metric(logged, self.view.metric)

    def series_of(self, metric: str) -> dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """run_id -> (t_env, value) of the runs in the statistics that logged the metric."""
        tidy = self.tidy
        part = tidy.loc[(tidy["metric"] == metric) & tidy["included"], ["run_id", "t_env", "value"]]
        codes = part["run_id"].cat.codes.to_numpy()
        names = part["run_id"].cat.categories
        times, values = part["t_env"].to_numpy(np.int64), part["value"].to_numpy(np.float64)
        order = np.argsort(codes, kind="stable")
        cuts = np.flatnonzero(np.diff(codes[order])) + 1
        blocks = [b for b in np.split(order, cuts) if len(b)]
        return {str(names[codes[b[0]]]): (times[b], values[b]) for b in blocks}


def typed_frame(columns: dict[str, tuple[str, str]], rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A data frame with exactly the documented columns and types."""
    data = {}
    for name, (dtype, _) in columns.items():
        values = [row.get(name) for row in rows]
        if dtype == "bool":
            data[name] = pd.Series([bool(v) for v in values], dtype="bool")
        elif dtype == "string":
            texts = [None if v is None else str(v) for v in values]
            data[name] = pd.Series(texts, dtype="string")
        elif dtype == "float64":
            data[name] = pd.Series([float("nan") if v is None else v for v in values], dtype=dtype)
        else:
            data[name] = pd.Series([pd.NA if v is None else v for v in values], dtype=dtype)
    return pd.DataFrame(data)


def write_parquet(path: Path, table: pd.DataFrame) -> None:
    """Write a parquet file atomically (zstd, no index)."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False, compression="zstd")
    write_bytes(path, buffer.getvalue())


def save(dataset: Dataset, folder: Path) -> list[Path]:
    """Write the three tables of a dataset; episodes are written by ``collect`` itself."""
    write_parquet(folder / "tidy.parquet", dataset.tidy)
    write_parquet(folder / "runs.parquet", dataset.runs)
    write_json(folder / "exclusions.json", dataset.info)
    return [folder / n for n in ("tidy.parquet", "runs.parquet", "exclusions.json")]


def load(folder: Path) -> Dataset:
    """Read what ``collect`` wrote.

    Raises:
        ResultError: when a table is missing, unreadable, or lacks documented columns.
    """
    tables = []
    for name, columns in (("tidy", TIDY_COLUMNS), ("runs", RUN_COLUMNS)):
        path = folder / f"{name}.parquet"
        if not path.is_file():
            raise ResultError(f"{path}: missing; run `python -m analysis collect` first")
        try:
            table = pd.read_parquet(path)
        except Exception as err:  # pyarrow raises many kinds for damaged files
            raise ResultError(f"{path}: not a readable parquet file ({err})") from err
        missing = [c for c in columns if c not in table.columns]
        if missing:
            raise ResultError(f"{path}: lacks columns {', '.join(missing)}; collect again")
        kinds = {c: k for c, (k, _) in columns.items() if str(table[c].dtype) != k}
        tables.append(table.astype(kinds))  # an empty table loses its categories on disk
    return Dataset(tables[0], tables[1], read_object(folder / "exclusions.json"))
