"""Teams and places of procedural maps, written into an environment's rows before an episode."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from pymarl.envs.skirmish.engine.state import State, World
from pymarl.envs.skirmish.maps.paths import largest_part
from pymarl.envs.skirmish.maps.placement import DrawnUnits, Kinds, begin_units, fill_uniform
from pymarl.envs.skirmish.maps.spawn import LATTICE
from pymarl.envs.skirmish.maps.world import spawned_units, unit_traits
from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.maps.unit_types import KINDS
from pymarl.envs.smac.rules.episode import EpisodeState
from pymarl.envs.smac.rules.feature_records import UnitConstants
from pymarl.envs.smac.rules.features import reward_bound, reward_divisor, unit_constants
from pymarl.envs.smac.smacv2.draws import BLOCK, Draws
from pymarl.envs.smac.smacv2.scenario import Scenario, agent_order, enemy_points
from pymarl.kernels.records import Records
from pymarl.kernels.simulator_jit import entry_point

_FILL: list[Any] = []


class _CompiledDraws(Draws):
    """``Draws`` whose numbers come from a kernel: the same ones, in a tenth of the time."""

    @override
    def _next_block(self, stream: NDArray[np.uint64]) -> NDArray[np.float64]:
        numbers = np.empty(BLOCK)
        if not _FILL:
            _FILL.append(entry_point(fill_uniform, (stream, numbers)))
        _FILL[0](stream, numbers)
        return numbers


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
        constants: of every type, as an agent (first) and as an enemy, records (2K,), in the order
            of the types' numbers.
    """

    def __init__(
        self,
        spec: MapSpec,
        scenario: Scenario,
        args: SmacArgs,
        world: World,
        delay: tuple[float, float],
    ) -> None:
        self._made_of = spec, scenario, args, world, delay
        self.scenario, self.args = scenario, args
        self.n_agents = scenario.teams.n_units
        types = sorted(scenario.teams.types, key=KINDS.index)
        self.constants: Records[UnitConstants] = unit_constants(spec, args, types, types)
        both = [(name, 0.0, 0.0) for name in types * 2]
        traits = unit_traits(spec, both, len(types), delay)
        order = agent_order(types)
        self._kinds = Kinds(
            traits=traits,
            spawned=spawned_units(both, traits),
            constants=self.constants,
            rank=np.array([order.index(name) for name in types * 2]),
            grids=np.stack([largest_part(grid) for grid in world.walkable]),
            lattice=LATTICE,
        )
        self._row = {name: k for k, name in enumerate(types)}
        self._begin: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        # Compiled entry points cannot be copied.
        return type(self), self._made_of

    def begin(self, state: State, episode_state: EpisodeState, e: int, seed: int) -> None:
        """Write the episode of a seed to environment ``e``; its kernels then begin it.

        The same seed gives the same numbers in every environment, on every machine.
        """
        drawn = self.scenario.draw_from(_CompiledDraws(seed))
        rows = [self._row[name] for name in drawn.allies]
        rows += [len(self._row) + self._row[name] for name in drawn.enemies]
        units = DrawnUnits(
            rows=np.array(rows),
            places=np.array(drawn.ally_points + drawn.enemy_points),
            order=np.empty(len(rows), np.int64),
            traits=state.traits[e],
            spawned=state.spawned[e],
            constants=episode_state.unit_constants[e],
        )
        if self._begin is None:
            self._begin = entry_point(begin_units, (self._kinds, units, self.n_agents))
        self._begin(self._kinds, units, self.n_agents)
        state.episodes["order_phase"][e] = drawn.order_phase
        if self.args.reward_scale_rule == "exact":
            bound = reward_bound(self.args, len(drawn.enemies), [enemy_points(drawn.enemies)])
            episode_state.reward_divisor[e] = reward_divisor(self.args, bound)


def make_teams(
    spec: MapSpec, args: SmacArgs, world: World, delay: tuple[float, float]
) -> EpisodeTeams | None:
    """Return what draws the episodes of a map; None: its teams are always the same."""
    return EpisodeTeams(spec, spec.scenario, args, world, delay) if spec.scenario else None
