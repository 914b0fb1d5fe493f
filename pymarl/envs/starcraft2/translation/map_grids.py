"""The game's grids as SMAC reads them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules.feature_records import Features, Ground, one_record
from pymarl.errors import EnvError


def pathing(image: Any) -> NDArray[np.uint8]:
    """Return walkable cells, uint8 (W, H) indexed [x, y], from the game's pathing grid.

    One bit per cell (4.8 and later): 1 is walkable, first bit first, row 0 in the south. Eight bits
    (before): 0 is walkable, row 0 in the north.
    """
    width, height = int(image.size.x), int(image.size.y)
    data = np.frombuffer(image.data, np.uint8)
    if image.bits_per_pixel == 1:
        cells = np.unpackbits(data)
        _check_size("pathing grid", cells, width * height)
        return np.ascontiguousarray(cells[: width * height].reshape(height, width).T)
    _check_size("pathing grid", data, width * height)
    blocked = data[: width * height].reshape(height, width).T
    return np.ascontiguousarray(np.flip(blocked == 0, axis=1)).astype(np.uint8)


def heights(image: Any) -> NDArray[np.float64]:
    """Return terrain heights, float64 (W, H) in 0..1, flipped along y as SMAC does."""
    width, height = int(image.size.x), int(image.size.y)
    data = np.frombuffer(image.data, np.uint8)
    _check_size("height grid", data, width * height)
    grid = data[: width * height].reshape(height, width).T
    return np.ascontiguousarray(np.flip(grid, axis=1) / 255.0)


def with_grids(features: Features, info: Any) -> Features:
    """Return ``features`` with the ground of ``ResponseGameInfo``: size, extent and both grids."""
    raw = info.start_raw
    size, area = (raw.map_size.x, raw.map_size.y), raw.playable_area
    extent = area.p1.x - area.p0.x, area.p1.y - area.p0.y
    walkable, high = pathing(raw.pathing_grid), heights(raw.terrain_height)
    if min(extent) <= 0 or walkable.shape != size or high.shape != size:
        raise EnvError(
            f"the game's map: size {size}, playable area {extent[0]:g} x {extent[1]:g}, "
            f"pathing grid {walkable.shape}, height grid {high.shape}: these do not fit together"
        )
    ground = one_record(
        Ground,
        width=size[0],
        height=size[1],
        extent_x=extent[0],
        extent_y=extent[1],
        move_amount=features.ground[0].move_amount,
    )
    return features._replace(ground=ground, pathing=walkable, terrain_height=high)


def _check_size(grid: str, data: NDArray[np.uint8], cells: int) -> None:
    """Refuse a grid with too few cells."""
    if data.size < cells:
        raise EnvError(f"the game's {grid} has {data.size} cells, expected {cells}")
