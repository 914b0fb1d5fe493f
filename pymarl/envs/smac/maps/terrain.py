"""Terrain of a map: size, playable area, pathing cells and corner heights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GROUND, BLOCKED, CLIFF = ".", "#", "^"


@dataclass(frozen=True, slots=True)
class Terrain:
    """The ground of a map; all grids are indexed ``[y, x]`` with row 0 in the south.

    Attributes:
        name: name of the terrain file, or ``inline``.
        width: map width in cells (1 cell = 1 length unit).
        height: map height in cells.
        playable: (x0, y0, x1, y1) of the playable area; SMAC's state divides positions by its
            extent.
        pathing: bool (height, width), True where ground units can walk.
        cliff: bool (height, width), True where cliff walkers can walk as well.
        corners: float (height + 1, width + 1), world height at the cell corners in length units.
        source: where the numbers come from.
    """

    name: str
    width: int
    height: int
    playable: tuple[float, float, float, float]
    pathing: NDArray[np.bool_]
    cliff: NDArray[np.bool_]
    corners: NDArray[np.float64]
    source: str

    def height_bytes(self) -> NDArray[np.uint8]:
        """Return the API's terrain height grid, uint8 (height, width): (z + 16) * 255 / 32.

        Source: 8 bits per cell spanning z = -16..16. Deviation: the mean of the four corners
            stands for the cell.
        """
        corner = self.corners
        mean = (corner[:-1, :-1] + corner[1:, :-1] + corner[:-1, 1:] + corner[1:, 1:]) / 4
        return np.clip(np.rint((mean + 16.0) * 255.0 / 32.0), 0, 255).astype(np.uint8)

    def smac_heights(self) -> NDArray[np.float64]:
        """Return SMAC's terrain heights, float (width, height) indexed ``[x, y]``, in 0..1.

        Deviation: none. SMAC flips the y axis, a leftover from top-down grids: the value at (x, y)
            is that of (x, height - 1 - y). Kept, as published results contain it.
        """
        return np.ascontiguousarray(np.flip(self.height_bytes().T, axis=1) / 255.0)
