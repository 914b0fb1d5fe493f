"""Team distributions: which units both sides have in an episode (SMACv2's ``team_gen``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations_with_replacement, pairwise
from math import comb
from typing import Protocol

from pymarl.envs.smac.smacv2.draws import Draws

Team = list[str]
MAX_TEAMS = 1_000_000
"""Most different teams of ``all``."""


class TeamDistribution(Protocol):
    """Draws both teams.

    Attributes:
        n_units, n_enemies: N, E. types: unit types in the order of their type ids.
    """

    @property
    def n_units(self) -> int:
        """Return N."""

    @property
    def n_enemies(self) -> int:
        """Return E."""

    @property
    def types(self) -> tuple[str, ...]:
        """Return the unit types in the order of their type ids."""

    def draw(self, draws: Draws) -> tuple[Team, Team]:
        """Return the unit types of the agents (N) and of the enemies (E) in order of creation."""

    def mean_points(self, points: Mapping[str, float]) -> float:
        """Return the expected sum of ``points`` over the enemies, exactly."""


@dataclass(frozen=True, slots=True)
class WeightedTeams:
    """Every slot independently by weight (SMACv2's ``weighted_teams``).

    A team of ``not_alone`` types only is drawn again. The enemies are the agents' team; more of
    them are a draw of their own, redrawn by the same rule; fewer are its first ones. Upstream
    shuffles the team after drawing it, which changes nothing about independent slots.

    Attributes:
        types: unit types in the order of their type ids.
        weights: probability of each, adding up to 1.
        not_alone: types that cannot be a whole team (SMACv2's ``exception_unit_types``).
        n_units, n_enemies: N, E.
    """

    types: tuple[str, ...]
    weights: tuple[float, ...]
    not_alone: tuple[str, ...]
    n_units: int
    n_enemies: int

    def draw(self, draws: Draws) -> tuple[Team, Team]:
        """Return both teams."""
        # The last sum is rounded: no draw must lie beyond it.
        cumulative = [*accumulate(self.weights)][:-1]
        allies = self._group(draws, cumulative, self.n_units)
        extra = self.n_enemies - self.n_units
        if extra <= 0:
            return allies, allies[: self.n_enemies]
        return allies, allies + self._group(draws, cumulative, extra)

    def _group(self, draws: Draws, cumulative: Sequence[float], count: int) -> Team:
        """Return ``count`` units that are not all of the ``not_alone`` types."""
        while True:
            group = [self.types[draws.weighted(cumulative)] for _ in range(count)]
            if not all(unit in self.not_alone for unit in group):
                return group

    def mean_points(self, points: Mapping[str, float]) -> float:
        """Return the expected sum of ``points`` over the enemies.

        Of a group of n with mean m per slot, of which a share q is not_alone types of mean points
        v (weighted, not divided by q): (n m - q**(n-1) n v) / (1 - q**n).
        """
        rest = max(self.n_enemies - self.n_units, 0)
        shown = min(self.n_enemies, self.n_units)
        first = self._mean_of_group(self.n_units, points) * shown / self.n_units
        return first + (self._mean_of_group(rest, points) if rest else 0.0)

    def _mean_of_group(self, n: int, points: Mapping[str, float]) -> float:
        """Return the expected points of a group of ``n``."""
        pairs = list(zip(self.types, self.weights, strict=True))
        mean = sum(weight * points[unit] for unit, weight in pairs)
        q = sum(weight for unit, weight in pairs if unit in self.not_alone)
        lone = sum(weight * points[unit] for unit, weight in pairs if unit in self.not_alone)
        return n * (mean - q ** (n - 1) * lone) / (1.0 - q**n)


@dataclass(frozen=True, slots=True)
class AllTeams:
    """Every multiset of types equally likely, in random order (SMACv2's ``all_teams``).

    The enemies are the agents' team, in the same order; teams of ``not_alone`` types only are drawn
    again.

    Attributes:
        types, not_alone: as in ``WeightedTeams``. n_units: N = E.
    """

    types: tuple[str, ...]
    not_alone: tuple[str, ...]
    n_units: int

    @property
    def n_enemies(self) -> int:
        """Return E."""
        return self.n_units

    @property
    def count(self) -> int:
        """Return the number of multisets, those that are drawn again among them."""
        return comb(self.n_units + len(self.types) - 1, self.n_units)

    def draw(self, draws: Draws) -> tuple[Team, Team]:
        """Return both teams."""
        while True:
            # Stars and bars: which of the places hold the bars between the types.
            places = self.n_units + len(self.types) - 1
            bars = [-1, *sorted(draws.sample(places, len(self.types) - 1)), places]
            counts = [high - low - 1 for low, high in pairwise(bars)]
            team = [unit for unit, n in zip(self.types, counts, strict=True) for _ in range(n)]
            if not all(unit in self.not_alone for unit in team):
                team = draws.shuffled(team)
                return team, list(team)

    def mean_points(self, points: Mapping[str, float]) -> float:
        """Return the expected sum of ``points`` over the enemies."""
        sums = [
            sum(points[unit] for unit in team)
            for team in combinations_with_replacement(self.types, self.n_units)
            if not all(unit in self.not_alone for unit in team)
        ]
        return sum(sums) / len(sums)


@dataclass(frozen=True, slots=True)
class FixedTeams:
    """One pair of teams of a list, uniformly, each in random order (SMACv2's ``fixed``).

    Deviation: upstream goes through the list in order when it tests, so that an episode depends on
        those before it; here the episode's seed chooses (``held_out_tests`` fixes the seeds of
        tests).

    Attributes:
        types: as in ``WeightedTeams``. items: (agents, enemies), all of the same sizes.
    """

    types: tuple[str, ...]
    items: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]

    @property
    def n_units(self) -> int:
        """Return N."""
        return len(self.items[0][0])

    @property
    def n_enemies(self) -> int:
        """Return E."""
        return len(self.items[0][1])

    def draw(self, draws: Draws) -> tuple[Team, Team]:
        """Return both teams."""
        allies, enemies = self.items[draws.index(len(self.items))]
        return draws.shuffled(allies), draws.shuffled(enemies)

    def mean_points(self, points: Mapping[str, float]) -> float:
        """Return the expected sum of ``points`` over the enemies."""
        sums = [sum(points[unit] for unit in enemies) for _, enemies in self.items]
        return sum(sums) / len(sums)
