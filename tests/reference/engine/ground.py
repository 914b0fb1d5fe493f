"""The ground of a map: where units can be, and the way around walls."""

from pymarl.envs.skirmish.maps.paths import Paths, find_paths
from pymarl.envs.skirmish.maps.spawn import Placed
from pymarl.envs.smac.maps.terrain import Terrain
from tests.reference.engine.traits import Mover, traits_of
from tests.reference.engine.unit import Unit


class Ground:
    """Terrain, and path tables for the kinds of walkers among the units.

    Args:
        terrain: the map's terrain.
        placed: (type, x, y) of all units at spawn; paths lead over all cells that are connected
            with the place of a walking unit.
    """

    def __init__(self, terrain: Terrain, placed: list[Placed]) -> None:
        self._whole_map = (0.0, 0.0, float(terrain.width), float(terrain.height))
        self._playable = terrain.playable
        self._walkable = {Mover.GROUND: terrain.pathing, Mover.CLIFFS: terrain.cliff}
        walkers = [(name, x, y) for name, x, y in placed if traits_of(name).mover is not Mover.AIR]
        cells = sorted({(int(y), int(x)) for _, x, y in walkers})
        self._paths: dict[Mover, Paths] = {
            mover: find_paths(self._walkable[mover], cells)
            for mover in {traits_of(name).mover for name, _, _ in walkers}
        }

    def may_stand(self, unit: Unit, x: float, y: float) -> bool:
        """Return whether the unit may be at (x, y).

        Flying units stay in the playable area, others on the cells that they can walk on; the
        centre of the unit decides.
        """
        mover = unit.traits.mover
        west, south, east, north = self._playable if mover is Mover.AIR else self._whole_map
        if not (west <= x < east and south <= y < north):
            return False
        return mover is Mover.AIR or bool(self._walkable[mover][int(y), int(x)])

    def move(self, unit: Unit, dx: float, dy: float) -> None:
        """Move the unit by (dx, dy), or along the wall when that is blocked, or not at all."""
        for step_x, step_y in ((dx, dy), (dx, 0.0), (0.0, dy)):
            if self.may_stand(unit, unit.x + step_x, unit.y + step_y):
                unit.x, unit.y = unit.x + step_x, unit.y + step_y
                return

    def next_point(self, unit: Unit, goal: tuple[float, float]) -> tuple[float, float]:
        """Return the point to walk to next on the way to ``goal``.

        The farthest cell of the shortest path that a straight line reaches; a unit that got stuck
        goes from cell to cell.
        """
        paths = self._paths.get(unit.traits.mover)
        if paths is None or paths.open:
            return goal
        height, width = paths.cell.shape
        goal_x = min(max(int(goal[0]), 0), width - 1)
        goal_y = min(max(int(goal[1]), 0), height - 1)
        here, there = paths.cell[int(unit.y), int(unit.x)], paths.cell[goal_y, goal_x]
        if here == there:
            return goal
        cell_by_cell = int(unit.stuck_loops > 0)
        y, x = divmod(int(paths.hops[cell_by_cell, here, there]), width)
        return goal if paths.cell[y, x] == there else (x + 0.5, y + 0.5)
