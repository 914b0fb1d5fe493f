"""Published results as reference sets: bands per map and algorithm, with their source."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.errors import ResultError
from analysis.files import read_object
from analysis.labels import clean_label
from analysis.readers.meta import real, whole

Quantiles = tuple[float, float, float, float, float]  # q25, median, q75, min, max in percent


@dataclass(slots=True)
class Cell:
    """Published numbers of one algorithm on one map, in percent of test battles won."""

    n: int
    n_found: int
    final: Quantiles  # of per-run means of the last 10 evaluations
    checkpoints: dict[int, Quantiles] = field(default_factory=dict)
    runs: list[float] = field(default_factory=list)  # per-run finals when published


@dataclass(slots=True)
class Reference:
    """One reference set: who measured it, under which protocol, and the cells."""

    name: str
    source: str
    protocol: dict[str, Any]
    cells: dict[tuple[str, str], Cell]

    def cell(self, map_name: str, alg: str) -> Cell | None:
        """The cell of a map and algorithm; algorithm names compare without case."""
        return self.cells.get((map_name, alg.lower()))


def quantiles(value: Any, where: str) -> Quantiles:
    """Five ordered percentages; :class:`ResultError` otherwise."""
    numbers = [real(v) for v in value] if isinstance(value, list) else []
    if len(numbers) != 5 or any(v is None or not 0 <= v <= 100 for v in numbers):
        raise ResultError(f"{where}: expected [q25, median, q75, min, max] in percent")
    low, mid, high, least, most = (float(v) for v in numbers if v is not None)
    if not least <= low <= mid <= high <= most:
        raise ResultError(f"{where}: not ordered min <= q25 <= median <= q75 <= max")
    return (low, mid, high, least, most)


def load_reference(path: Path) -> Reference:
    """Read a reference set (form: docs/analysis.md, "Reference sets").

    Raises:
        ResultError: naming the cell that is wrong.
    """
    data = read_object(path)
    if data.get("format") != "reference-bands" or data.get("version") != 1:
        raise ResultError(f"{path}: expected format 'reference-bands' version 1")
    cells: dict[tuple[str, str], Cell] = {}
    maps = data.get("cells")
    if not isinstance(maps, dict) or not data.get("name") or not data.get("source"):
        raise ResultError(f"{path}: needs 'name', 'source' and 'cells'")
    for map_name, algs in maps.items():
        for alg, entry in (algs if isinstance(algs, dict) else {}).items():
            where = f"{path.name}: {map_name} {alg}"
            if not isinstance(entry, dict):
                raise ResultError(f"{where}: expected an object")
            points = entry.get("checkpoints") or {}
            cells[str(map_name), str(alg).lower()] = Cell(
                n=whole(entry.get("n")) or 0,
                n_found=whole(entry.get("n_found")) or whole(entry.get("n")) or 0,
                final=quantiles(entry.get("final"), where),
                checkpoints={int(t): quantiles(q, f"{where} at {t}") for t, q in points.items()},
                runs=[v for x in entry.get("runs") or [] if (v := real(x)) is not None],
            )
    protocol = data.get("protocol")
    return Reference(
        name=clean_label(data["name"]), source=str(data["source"])[:2000],
        protocol=protocol if isinstance(protocol, dict) else {}, cells=cells,
    )  # fmt: skip
