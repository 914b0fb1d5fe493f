"""The slow twin, part 2: movement and collisions."""

from math import sqrt

from pymarl.envs.skirmish.engine import constants as K
from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.state import World
from pymarl.envs.skirmish.twin_unit import TICKS, Fighter


class Moves:
    """How units move.

    Attributes:
        world: the map's arrays; only terrain, paths and the enemies' order are read from it.
        units: the fighters, agents first.
    """

    world: World
    units: list[Fighter]

    def allowed(self, unit: Fighter, x: float, y: float) -> bool:
        """Return whether the unit may stand at (x, y)."""
        p, i = self.world.P, unit.index
        if not (p[i, L.WEST] <= x < p[i, L.EAST] and p[i, L.SOUTH] <= y < p[i, L.NORTH]):
            return False
        return unit.kind.nav == 2 or bool(self.world.grid[unit.kind.nav, int(y), int(x)])

    def shift(self, unit: Fighter, dx: float, dy: float) -> None:
        """Move, or slide along a wall."""
        for mx, my in ((dx, dy), (dx, 0.0), (0.0, dy)):
            if self.allowed(unit, unit.x + mx, unit.y + my):
                unit.x, unit.y = unit.x + mx, unit.y + my
                return

    def waypoint(self, unit: Fighter, goal: tuple[float, float]) -> tuple[float, float]:
        """Return the next point on the way."""
        w, kind = self.world, unit.kind.nav
        if kind == 2 or w.M[L.M_OPEN + kind]:
            return goal
        height, width = w.grid.shape[1:]
        bx, by = (min(max(int(goal[0]), 0), width - 1), min(max(int(goal[1]), 0), height - 1))
        a, b = w.cell[kind, int(unit.y), int(unit.x)], w.cell[kind, by, bx]
        if a == b:
            return goal
        y, x = divmod(int(w.hops[kind, int(unit.stuck > 0), a, b]), width)
        return goal if w.cell[kind, y, x] == b else (x + 0.5, y + 0.5)

    def sidestep(
        self, unit: Fighter, target: Fighter | None, ux: float, uy: float
    ) -> tuple[float, float]:
        """Turn the direction along a blocker."""
        other = unit.blocker
        if other is None or other is target or not other.alive:
            unit.around -= (unit.around > 0) - (unit.around < 0)
            return ux, uy
        nx, ny, d = unit.way_to(other)
        if d <= 0 or ux * nx + uy * ny <= 0:
            return ux, uy
        nx, ny = nx / d, ny / d
        if unit.around == 0:
            cross = nx * uy - ny * ux
            left = cross > 0 or (cross == 0 and unit.index % 2 == 0)
        else:
            left = unit.around > 0
        unit.around = K.TURN_MEMORY if left else -K.TURN_MEMORY
        return (-ny, nx) if left else (ny, -nx)

    def glide(self, unit: Fighter, wx: float, wy: float) -> None:
        """Approach a wanted velocity (at once on the ground)."""
        if unit.kind.accel <= 0:
            unit.velocity = (wx, wy)
            return
        vx, vy = unit.velocity
        ax, ay = wx - vx, wy - vy
        a = sqrt(ax * ax + ay * ay)
        limit = unit.kind.accel / (TICKS * TICKS)
        share = limit / a if a > limit else 1.0
        unit.velocity = (vx + ax * share, vy + ay * share)

    def go(
        self, unit: Fighter, target: Fighter | None, goal: tuple[float, float], step: float
    ) -> None:
        """Set the displacement towards ``goal``."""
        px, py = self.waypoint(unit, goal)
        dx, dy = px - unit.x, py - unit.y
        d = sqrt(dx * dx + dy * dy)
        if d <= 0:
            return
        ux, uy = self.sidestep(unit, target, dx / d, dy / d)
        unit.pose = "walking"
        if unit.kind.accel > 0:
            limit = unit.kind.accel / (TICKS * TICKS)
            step = min(unit.speed, sqrt(2.0 * limit * d))
        self.glide(unit, ux * step, uy * step)

    def advance(self) -> None:
        """Carry out the displacements."""
        for unit in self.units:
            vx, vy = unit.velocity
            if not unit.alive or (vx == 0 and vy == 0):
                continue
            x, y = unit.x, unit.y
            self.shift(unit, vx, vy)
            mx, my = unit.x - x, unit.y - y
            slow = mx * mx + my * my < K.STUCK_SHARE * K.STUCK_SHARE * (vx * vx + vy * vy)
            unit.stuck = K.STUCK_LOOPS if slow else max(unit.stuck - 1, 0)

    def collide(self) -> None:
        """Push overlapping units apart and note blockers."""
        nearest = dict.fromkeys(self.units, K.CONTACT)
        for unit in self.units:
            unit.push, unit.blocker = [0.0, 0.0], None
        for k, one in enumerate(self.units):
            for two in self.units[k + 1 :]:
                if one.alive and two.alive and one.kind.space == two.kind.space:
                    self._touch(one, two, nearest)
        for unit in self.units:
            px, py = unit.push
            if unit.alive and (px != 0 or py != 0):
                p = sqrt(px * px + py * py)
                if p > K.PUSH_MAX:
                    px, py = px * (K.PUSH_MAX / p), py * (K.PUSH_MAX / p)
                self.shift(unit, px, py)

    def _touch(self, one: Fighter, two: Fighter, nearest: dict[Fighter, float]) -> None:
        """Handle one pair."""
        dx, dy = two.x - one.x, two.y - one.y
        reach = one.kind.separation + two.kind.separation
        near = (one.kind.separation + K.CONTACT) + two.kind.separation
        if dx * dx + dy * dy - near * near >= 0:
            return
        d = sqrt(dx * dx + dy * dy)
        gap = d - reach
        yields = [self._yields(one, two), self._yields(two, one)]
        for unit, other, gives in ((one, two, yields[1]), (two, one, yields[0])):
            if not gives and unit.pose == "walking" and gap < nearest[unit]:
                nearest[unit] = gap
                unit.blocker = other
        if gap >= 0:
            return
        share = 0.5 if yields[0] == yields[1] else float(yields[0])
        if one.speed == 0:
            share = 0.0
        elif two.speed == 0:
            share = 1.0
        nx, ny = (dx / d, dy / d) if d > 0 else (1.0, 0.0)
        one.push[0] += nx * gap * share
        one.push[1] += ny * gap * share
        two.push[0] -= nx * gap * (1.0 - share)
        two.push[1] -= ny * gap * (1.0 - share)

    @staticmethod
    def _yields(unit: Fighter, other: Fighter) -> bool:
        """Return whether ``unit`` gives way to ``other``."""
        return unit.pose != "anchored" and (unit.pose == "walking" or unit.side == other.side)
