"""Reading terrain: inline in a map file, or a file of ``terrains/`` that several maps share."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.maps.map_reader import MapReader, read_yaml
from pymarl.envs.smac.maps.maps_folder import maps_dir
from pymarl.envs.smac.maps.terrain import BLOCKED, CLIFF, GROUND, Terrain
from pymarl.utils.suggest import did_you_mean

MAX_CELLS = 256
"""Longest side of a map, StarCraft II's own limit."""


def read_terrain(reader: MapReader, folder: Path) -> Terrain:
    """Return the terrain of a map.

    The key ``terrain`` names a file of ``folder/terrains`` or holds it inline.

    Raises:
        MapError: the terrain is unknown or not well-formed.
    """
    value = reader.raw("terrain")
    if isinstance(value, dict):
        return _parse(reader.child("terrain"), "inline")
    # A map of your own may use the built-in terrains.
    places = [folder / "terrains", maps_dir() / "terrains"]
    for place in places:
        path = place / f"{value}.yaml"
        if isinstance(value, str) and path.is_file():
            return _parse(MapReader(read_yaml(path), str(path)), value)
    known = sorted({path.stem for place in places for path in place.glob("*.yaml")})
    raise reader.fail(
        "terrain",
        f"unknown terrain {value!r}; known: {', '.join(known)}{did_you_mean(value, known)}",
    )


def _parse(reader: MapReader, name: str) -> Terrain:
    """Return the terrain described by ``reader``."""
    size = reader.numbers("size", 2)
    width, height = int(size[0]), int(size[1])
    whole = width == size[0] and height == size[1]
    if not (whole and 1 <= width <= MAX_CELLS and 1 <= height <= MAX_CELLS):
        raise reader.fail("size", f"expected two integers in 1..{MAX_CELLS}, got {list(size)}")
    x0, y0, x1, y1 = reader.numbers("playable", 4)
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise reader.fail(
            "playable",
            f"expected [x0, y0, x1, y1] inside 0..{width}, 0..{height}, got {[x0, y0, x1, y1]}",
        )
    pathing, cliff = _pathing(reader, width, height, (x0, y0, x1, y1))
    corners = _heights(reader, width, height)
    source = reader.text("source", "not stated")
    reader.done()
    return Terrain(name, width, height, (x0, y0, x1, y1), pathing, cliff, corners, source)


def _pathing(
    reader: MapReader, width: int, height: int, playable: tuple[float, float, float, float]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the (pathing, cliff) grids, row 0 in the south."""
    value = reader.raw("pathing")
    if value == "playable":
        y, x = np.mgrid[0:height, 0:width]
        x0, y0, x1, y1 = playable
        inside = (x >= x0) & (x + 1 <= x1) & (y >= y0) & (y + 1 <= y1)
        return inside, inside.copy()
    if not isinstance(value, list) or len(value) != height:
        got = f"{len(value)} rows" if isinstance(value, list) else repr(value)
        raise reader.fail(
            "pathing", f"expected {height} rows (north first) or the word playable, got {got}"
        )
    for i, row in enumerate(value):
        if not isinstance(row, str) or len(row) != width or set(row) - {GROUND, BLOCKED, CLIFF}:
            raise reader.fail(
                f"pathing[{i}]",
                f"expected {width} characters of '{GROUND}{BLOCKED}{CLIFF}', got {row!r}",
            )
    cells = np.array([list(row) for row in value[::-1]])
    return np.ascontiguousarray(cells == GROUND), np.ascontiguousarray(cells != BLOCKED)


def _heights(reader: MapReader, width: int, height: int) -> NDArray[np.float64]:
    """Return world heights at the cell corners in length units, row 0 in the south."""
    value = reader.raw("heights", 0)
    if isinstance(value, int) and not isinstance(value, bool):
        return np.full((height + 1, width + 1), value / 256.0)
    if not isinstance(value, list) or len(value) != height + 1:
        raise reader.fail(
            "heights", f"expected one integer or {height + 1} rows of integers (1/256)"
        )
    rows = []
    for i, row in enumerate(value):
        try:
            numbers = [int(entry) for entry in str(row).split()]
        except ValueError:
            numbers = []
        if len(numbers) != width + 1:
            raise reader.fail(f"heights[{i}]", f"expected {width + 1} integers separated by spaces")
        rows.append(numbers)
    return np.array(rows[::-1], dtype=np.float64) / 256.0
