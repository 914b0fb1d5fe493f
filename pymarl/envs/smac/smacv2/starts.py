"""Start distributions: where units are created in an episode (SMACv2's ``start_positions``).

``area`` is the playable area (west, south, east, north) in map cells; SMACv2's is 0, 0, 32, 32. The
points are those of the game's debug commands: how units that are created on one another are spread
is the engine's affair.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from pymarl.envs.smac.smacv2.draws import Draws

Area = tuple[float, float, float, float]
Points = list[tuple[float, float]]
BUFFER: Final = 1.0
"""Reflected agents stay so far from the middle, each side (upstream: the game fails otherwise)."""
INNER: Final = 2.0
"""Enemies of ``surrounded`` come no nearer to the centre than this, in x and in y."""
MAX_GROUPS: Final = 4
"""Of the enemies of ``surrounded``: one per corner."""


class StartDistribution(Protocol):
    """Draws where both sides start."""

    def draw(self, draws: Draws, area: Area, n: int, e: int) -> tuple[Points, Points]:
        """Return the points of the agents (N) and of the enemies (E) in order of creation."""


@dataclass(frozen=True, slots=True)
class Reflect:
    """Agents uniform in the western half; enemy j is agent j mirrored (``reflect_position``).

    Enemies beyond the agents' number are uniform in the eastern half.
    """

    def draw(self, draws: Draws, area: Area, n: int, e: int) -> tuple[Points, Points]:
        """Return the points of both sides."""
        west, south, east, north = area
        middle = (west + east) / 2
        allies = [
            (draws.between(west, middle - BUFFER), draws.between(south, north)) for _ in range(n)
        ]
        enemies = [(west + east - x, y) for x, y in allies[:e]]
        for _ in range(e - n):
            enemies.append((draws.between(middle, east), draws.between(south, north)))
        return allies, enemies


@dataclass(frozen=True, slots=True)
class Surrounded:
    """Agents at the centre, enemies in 1..4 groups on the diagonals (``surrounded``).

    Each enemy joins one of g groups (g uniform in 1..4) with equal chances, each group stands at
    t * inner point + (1 - t) * corner of a diagonal of its own, t uniform in [0, 1). Groups are
    filled in the order of the team.
    """

    def draw(self, draws: Draws, area: Area, n: int, e: int) -> tuple[Points, Points]:
        """Return the points of both sides."""
        west, south, east, north = area
        x, y = (west + east) / 2, (south + north) / 2
        groups = 1 + draws.index(MAX_GROUPS)
        sizes = [0] * groups
        for _ in range(e):
            sizes[draws.index(groups)] += 1
        shares = [draws.uniform() for _ in range(groups)]
        corners = ((west, south), (west, north), (east, north), (east, south))
        enemies: Points = []
        chosen = draws.sample(len(corners), groups)
        for size, t, diagonal in zip(sizes, shares, chosen, strict=True):
            corner_x, corner_y = corners[diagonal]
            inner_x = x + (INNER if corner_x > x else -INNER)
            inner_y = y + (INNER if corner_y > y else -INNER)
            place = inner_x * t + corner_x * (1 - t), inner_y * t + corner_y * (1 - t)
            enemies += [place] * size
        return [(x, y)] * n, enemies


@dataclass(frozen=True, slots=True)
class SurroundedAndReflect:
    """``Reflect`` with probability p, else ``Surrounded`` (``surrounded_and_reflect``).

    Attributes:
        p: probability of ``Reflect``, 0..1, as in upstream's code.
    """

    p: float

    def draw(self, draws: Draws, area: Area, n: int, e: int) -> tuple[Points, Points]:
        """Return the points of both sides."""
        surrounded = draws.uniform() > self.p
        rule: StartDistribution = Surrounded() if surrounded else Reflect()
        return rule.draw(draws, area, n, e)


@dataclass(frozen=True, slots=True)
class FixedPoints:
    """All agents at one point and all enemies at another one.

    Upstream without ``start_positions``: (8, 16) and (24, 16).
    """

    ally: tuple[float, float]
    enemy: tuple[float, float]

    def draw(self, draws: Draws, area: Area, n: int, e: int) -> tuple[Points, Points]:
        """Return the points of both sides."""
        return [self.ally] * n, [self.enemy] * e


@dataclass(frozen=True, slots=True)
class UniformAreas:
    """Each unit uniform in its side's rectangle (SMACv2's ``per_agent_uniform`` of positions)."""

    ally: Area
    enemy: Area

    def draw(self, draws: Draws, area: Area, n: int, e: int) -> tuple[Points, Points]:
        """Return the points of both sides."""
        return _uniform(draws, self.ally, n), _uniform(draws, self.enemy, e)


def _uniform(draws: Draws, area: Area, count: int) -> Points:
    """Return ``count`` points uniform in a rectangle."""
    west, south, east, north = area
    return [(draws.between(west, east), draws.between(south, north)) for _ in range(count)]
