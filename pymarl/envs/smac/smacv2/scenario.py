"""Scenarios: what is drawn at the beginning of every episode of a procedural map."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pymarl.envs.smac.maps.unit_types import HEALERS, UNIT_TYPES
from pymarl.envs.smac.smacv2.draws import Draws
from pymarl.envs.smac.smacv2.starts import Area, Points, StartDistribution
from pymarl.envs.smac.smacv2.teams import Team, TeamDistribution

ORDER_EVERY: Final = 8
"""Game loops from order to order of SMACv2's opponent: half a "normal" game second."""


@dataclass(frozen=True, slots=True)
class DrawnEpisode:
    """The teams and start points of one episode, all in order of creation.

    Attributes:
        allies, enemies: unit types, N and E.
        ally_points, enemy_points: where each is created, map cells.
        order_phase: game loops until the opponent's first order.
    """

    allies: Team
    enemies: Team
    ally_points: Points
    enemy_points: Points
    order_phase: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """The procedural part of a map.

    Attributes:
        teams: distribution of both teams.
        starts: distribution of the start points.
        area: playable area of the terrain (west, south, east, north).
        order_every: game loops from order to order of the opponent.
        mask_probability: of an enemy's health, shield and type being hidden from an agent for the
            episode (SMACv2's ``mask``); 0: never.
        types_shown: whether agents see the types of other agents (SMACv2's ``observe``).
    """

    teams: TeamDistribution
    starts: StartDistribution
    area: Area
    order_every: int = ORDER_EVERY
    mask_probability: float = 0.0
    types_shown: bool = True

    def draw(self, episode_seed: int) -> DrawnEpisode:
        """Return the episode of a seed; the same seed gives the same episode everywhere."""
        return self.draw_from(Draws(episode_seed))

    def draw_from(self, draws: Draws) -> DrawnEpisode:
        """Return the episode of a stream that nothing was drawn from yet.

        The opponent's clock runs through all episodes of a game, so that its first order comes at
        any of its loops; here each is equally likely.
        """
        allies, enemies = self.teams.draw(draws)
        ally_points, enemy_points = self.starts.draw(draws, self.area, len(allies), len(enemies))
        phase = draws.index(self.order_every)
        return DrawnEpisode(allies, enemies, ally_points, enemy_points, phase)

    @property
    def healers(self) -> bool:
        """Return whether a team may have healers."""
        return not HEALERS.isdisjoint(self.teams.types)

    def mean_enemy_points(self) -> float:
        """Return the expected health and shields of all enemies."""
        points = {unit: UNIT_TYPES[unit].health_max + UNIT_TYPES[unit].shield_max
                  for unit in self.teams.types}  # fmt: skip  # one mapping
        return self.teams.mean_points(points)

    def enemy_points(self, episode_seed: int) -> float:
        """Return the health and shields of all enemies of the episode with this seed."""
        return enemy_points(self.draw(episode_seed).enemies)


def enemy_points(enemies: Team) -> float:
    """Return the health and shields of a team at its start."""
    total = 0.0
    for unit in enemies:
        total += UNIT_TYPES[unit].health_max + UNIT_TYPES[unit].shield_max
    return total


def agent_order(types: Sequence[str]) -> list[str]:
    """Return unit types in the order by which agents are sorted, before x and y.

    SMACv2's maps have copies of the stock types for the agents, whose ids ascend by the
    alphabet: baneling, colossus, hydralisk, marauder, marine, medivac, stalker, zealot, zergling.
    """
    return sorted(types)
