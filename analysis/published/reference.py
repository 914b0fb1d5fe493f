"""Published results as reference sets: per-run values or bands, with source and protocol."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.dataset.files import check_format, read_object
from analysis.dataset.json_values import real, whole
from analysis.dataset.labels import clean_label
from analysis.errors import ResultError
from analysis.metrics import WIN_RATE, metric_of

Floats = NDArray[np.float64]
CHECKPOINTS = (250_000, 500_000, 1_000_000, 1_500_000, 2_000_000)
HALF_WINDOW = 50_000  # a checkpoint is the mean of the evaluations within +- this many env steps
REFERENCE_FOLDERS = ("configs/reference", "pymarl/_configs/reference")  # checkout, installed wheel


@dataclass(slots=True)
class PublishedSample:
    """Values as shown (win rates in percent): one per run when published, else five quantiles."""

    quantiles: tuple[float, float, float, float, float]  # q25, median, q75, min, max
    runs: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The middle quantile."""
        return self.quantiles[1]


@dataclass(slots=True)
class PublishedCell:
    """Published numbers of one algorithm on one map."""

    n: int
    n_found: int
    final: PublishedSample
    checkpoints: dict[int, PublishedSample]


@dataclass(slots=True)
class ReferenceSet:
    """One reference set: who measured it, under which protocol, and the cells."""

    name: str
    source: str
    protocol: dict[str, Any]
    cells: dict[tuple[str, str], PublishedCell]
    metric: str = WIN_RATE

    def cell(self, map_name: str, alg: str) -> PublishedCell | None:
        """The cell of a map and algorithm; algorithm names compare without case."""
        return self.cells.get((map_name, alg.lower()))


def sample_of(values: Floats) -> PublishedSample:
    """Quantiles of per-run percentages (linear interpolation)."""
    q25, median, q75 = (float(q) for q in np.percentile(values, (25, 50, 75)))
    spread = (q25, median, q75, float(values.min()), float(values.max()))
    return PublishedSample(spread, [float(v) for v in values])


def parse_sample(value: Any, where: str, *, is_rate: bool = True) -> PublishedSample:
    """``[v, v, ...]`` per-run percentages, or ``{"quantiles": [q25, median, q75, min, max]}``.

    With ``is_rate`` off the values are in the metric's own unit.
    """
    listed = value.get("quantiles") if isinstance(value, dict) else value
    numbers = [real(v) for v in listed] if isinstance(listed, list) else []
    if not numbers or any(v is None or (is_rate and not 0 <= v <= 100) for v in numbers):
        wanted = "win rates in percent" if is_rate else "finite numbers"
        raise ResultError(f"{where}: expected {wanted}, got {str(value)[:60]}")
    array = np.array(numbers, dtype=np.float64)
    if not isinstance(value, dict):
        return sample_of(array)
    if len(array) != 5 or not array[3] <= array[0] <= array[1] <= array[2] <= array[4]:
        raise ResultError(f"{where}: expected [q25, median, q75, min, max] in order, got {listed}")
    return PublishedSample((array[0], array[1], array[2], array[3], array[4]))


def load_reference(path: Path) -> ReferenceSet:
    """Read a reference set (form: docs/pipeline/analysis.md, "Reference sets").

    Raises:
        ResultError: naming the cell that is wrong.
    """
    data = read_object(path)
    check_format(data, str(path), "reference-runs")
    maps = data.get("cells")
    if not isinstance(maps, dict) or not data.get("name") or not data.get("source"):
        raise ResultError(f"{path}: needs 'name', 'source' and 'cells'")
    metric = str(data.get("metric") or WIN_RATE)
    is_rate = metric_of(metric).is_rate
    cells: dict[tuple[str, str], PublishedCell] = {}
    for map_name, algs in maps.items():
        for alg, entry in (algs if isinstance(algs, dict) else {}).items():
            where = f"{path.name}: {clean_label(map_name)} {clean_label(alg)}"
            cells[str(map_name), str(alg).lower()] = parse_cell(entry, where, is_rate)
    protocol = data.get("protocol")
    return ReferenceSet(
        name=clean_label(data["name"]),
        source=str(data["source"])[:2000],
        protocol=protocol if isinstance(protocol, dict) else {},
        cells=cells,
        metric=metric,
    )


def parse_cell(entry: Any, where: str, is_rate: bool) -> PublishedCell:
    """One cell: ``{"n_found": k, "final": sample, "checkpoints": {t: sample}}``."""
    if not isinstance(entry, dict):
        raise ResultError(f"{where}: expected an object")
    final = parse_sample(entry.get("final"), where, is_rate=is_rate)
    points = entry.get("checkpoints") or {}
    if not isinstance(points, dict) or not all(str(t).isdigit() for t in points):
        raise ResultError(
            f"{where}: checkpoints must map env steps to samples, got {str(points)[:60]}"
        )
    n = len(final.runs) or whole(entry.get("n")) or 0
    return PublishedCell(
        n=n,
        n_found=whole(entry.get("n_found")) or n,
        final=final,
        checkpoints={
            int(t): parse_sample(q, f"{where} at {t}", is_rate=is_rate) for t, q in points.items()
        },
    )


def default_references() -> list[Path]:
    """The reference files of papers that ship with the project: SMAC's, and SMACv2's."""
    first = default_reference()
    return [first, first.with_name("smacv2_2023.json")]


def default_reference() -> Path:
    """The SMAC paper's reference file that ships with the project."""
    root = Path(__file__).resolve().parents[2]
    for folder in REFERENCE_FOLDERS:
        path = root / folder / "smac_2019.json"
        if path.is_file():
            return path
    folders = " or ".join(REFERENCE_FOLDERS)
    raise ResultError(f"smac_2019.json: not found in {folders}; give a file with --reference")


def window_mean(
    t_env: NDArray[np.int64], value: Floats, at: int, half_window: int = HALF_WINDOW
) -> float:
    """Mean of the evaluations with ``|T - at| <= half_window``; NaN when there are none."""
    inside = np.abs(t_env - at) <= half_window
    return float(value[inside].mean()) if inside.any() else float("nan")


def tail_mean(t_env: NDArray[np.int64], value: Floats, steps: int) -> float:
    """Mean of a run's evaluations in its last ``steps`` environment steps."""
    return float(value[t_env > t_env[-1] - steps].mean())
