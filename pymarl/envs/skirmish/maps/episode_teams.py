"""Teams and places of procedural maps, written into an environment's rows before an episode."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.engine.records import Unit, UnitTraits
from pymarl.envs.skirmish.engine.state import State, World
from pymarl.envs.skirmish.maps.paths import largest_part
from pymarl.envs.skirmish.maps.placement import place_created
from pymarl.envs.skirmish.maps.spawn import LATTICE
from pymarl.envs.skirmish.maps.world import spawned_units, unit_traits
from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.maps.unit_types import KINDS
from pymarl.envs.smac.rules.episode import EpisodeState
from pymarl.envs.smac.rules.feature_records import UnitConstants
from pymarl.envs.smac.rules.features import reward_bound, reward_divisor, unit_constants
from pymarl.envs.smac.smacv2.scenario import DrawnEpisode, Scenario, creation_rank, enemy_points
from pymarl.kernels.records import Records


@dataclass(frozen=True, slots=True)
class PlacedEpisode:
    """One episode on its ground.

    Attributes:
        rows: int64 (U,), row of each unit's type in ``EpisodeTeams.kinds``; agents in SMAC's
            order, then the enemies in order of creation.
        places: float64 (U, 2).
        drawn: what it came from.
    """

    rows: NDArray[np.int64]
    places: NDArray[np.float64]
    drawn: DrawnEpisode


class EpisodeTeams:
    """Draws the episodes of a procedural map and puts their units into an environment's arrays.

    Args:
        spec: the map.
        scenario: of the map.
        args: SMAC's keys.
        world: of the map.
        delay: range of the random weapon delay in loops.

    Attributes:
        scenario: of the map.
        kinds: constants of every type, as an agent (first) and as an enemy, records (2K,).
    """

    def __init__(
        self,
        spec: MapSpec,
        scenario: Scenario,
        args: SmacArgs,
        world: World,
        delay: tuple[float, float],
    ) -> None:
        self.scenario, self.args = scenario, args
        # By number, as ``TableObserver`` looks them up.
        types = sorted(scenario.teams.types, key=KINDS.index)
        self.kinds: Records[UnitConstants] = unit_constants(spec, args, types, types)
        both = [(name, 0.0, 0.0) for name in types * 2]
        self._traits: Records[UnitTraits] = unit_traits(spec, both, len(types), delay)
        self._templates: Records[Unit] = spawned_units(both, self._traits)
        self._row = {name: k for k, name in enumerate(types)}
        self._grids = np.stack([largest_part(grid) for grid in world.walkable])

    def place(self, seed: int) -> PlacedEpisode:
        """Return the episode of a seed; the same for the same seed, on every machine."""
        drawn = self.scenario.draw(seed)
        n = len(drawn.allies)
        agents = [self._row[name] for name in drawn.allies]
        enemies = [len(self._row) + self._row[name] for name in drawn.enemies]
        rows = np.array(agents + enemies)
        places = np.array(drawn.ally_points + drawn.enemy_points)
        place_created(self._grids, LATTICE, self._traits, rows, places)
        # The protocol's numbers are float32, and SMAC sorts by them.
        seen = places[:n].astype(np.float32).tolist()
        order = sorted(range(n), key=lambda i: (creation_rank(drawn.allies[i]), *seen[i]))
        order += range(n, len(rows))
        return PlacedEpisode(rows[order], places[order], drawn)

    def write_units(self, state: State, e: int, placed: PlacedEpisode) -> None:
        """Write the engine's part of an episode to environment ``e``."""
        spawned = np.asarray(self._templates)[placed.rows]
        spawned["x"], spawned["y"] = placed.places.T
        np.asarray(state.spawned)[e] = spawned
        np.asarray(state.traits)[e] = np.asarray(self._traits)[placed.rows]
        state.episodes[e].order_phase = placed.drawn.order_phase

    def begin(self, state: State, episode_state: EpisodeState, e: int, seed: int) -> None:
        """Write the episode of a seed to environment ``e``; its kernels then begin it."""
        placed = self.place(seed)
        self.write_units(state, e, placed)
        np.asarray(episode_state.unit_constants)[e] = np.asarray(self.kinds)[placed.rows]
        if self.args.reward_scale_rule == "exact":
            enemies = placed.drawn.enemies
            bound = reward_bound(self.args, len(enemies), [enemy_points(enemies)])
            episode_state.reward_divisor[e] = reward_divisor(self.args, bound)
