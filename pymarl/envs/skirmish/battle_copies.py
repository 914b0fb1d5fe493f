"""The part of the vector form that copies it: snapshots, ``copy.deepcopy`` and ``pickle``."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from pymarl.envs.batch_rows import chosen_rows, rows_to_set
from pymarl.envs.own_arrays import deep_copy, own_array, own_arrays
from pymarl.envs.skirmish.engine.batch_step import Batch
from pymarl.envs.skirmish.engine.state import State, World
from pymarl.envs.skirmish.kernel_calls import KernelCalls
from pymarl.envs.skirmish.maps.episode_teams import EpisodeTeams
from pymarl.envs.skirmish.replays.world_hash import world_hash
from pymarl.envs.skirmish.snapshots import (
    Arrays,
    BattleSnapshot,
    check_fits,
    made_with,
    plain_rows,
)
from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.battle_info import BattleCounters
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.rules.episode import EpisodeState, StepOutput
from pymarl.envs.smac.rules.feature_records import Features
from pymarl.envs.smac.rules.observer import TableObserver, make_observer
from pymarl.envs.smac.rules.seeds import SeedStream
from pymarl.envs.smac.smacv2.sightings import SIGHTING_ARRAYS
from pymarl.envs.vector_env import VectorMultiAgentEnv

_NOT_COPIED = {"_batch", "_is_over", "_rows", "observer"}
_OWN_ARRAYS = ("episode_seeds", "_words", "_all", "_actions")


class CopyableBattles(VectorMultiAgentEnv[StepOutput]):
    """B battles as arrays, which can be copied; ``VectorSkirmish`` makes and plays them.

    Everything that changes is in ``state``, ``episode_state``, ``out``, ``episode_seeds``, the
    streams of seeds and the counters; the rest is fixed by the constructor.
    """

    args: SmacArgs
    map: MapSpec
    world: World
    features: Features
    observer: TableObserver | None
    teams: EpisodeTeams | None
    state: State
    episode_state: EpisodeState
    episode_seeds: NDArray[np.uint64]
    battles: BattleCounters
    _streams: list[SeedStream]
    _calls: KernelCalls
    _made_with: dict[str, Any] | None = None

    def _write_to(self, out: StepOutput) -> None:
        """Write to these arrays from now on, and take the views that calls use."""
        self.out = out
        self._batch = Batch(self.state, self.world, self.features, self.episode_state, out)
        self._calls.use_layout(self._batch)
        self._is_over = self.state.episodes["is_over"]
        self._rows: Arrays | None = None

    # --- snapshots
    @override
    def get_snapshot(self, rows: Sequence[int] | None = None) -> BattleSnapshot:
        chosen = chosen_rows(rows, self.n_envs)
        if chosen is None:
            arrays = tuple([array.copy() for array in self._moving()])
            streams = tuple([stream.state for stream in self._streams])
        else:
            arrays = tuple([array[chosen] for array in self._moving()])
            streams = tuple([self._streams[e].state for e in chosen])
        return BattleSnapshot(self.made_with(), arrays, streams)

    @override
    def set_snapshot(self, snapshot: Any, rows: Sequence[int] | None = None) -> StepOutput:
        check_fits(snapshot, self.made_with())
        chosen = rows_to_set(rows, snapshot.n_envs, self.n_envs)
        where: Any = ... if chosen is None else chosen
        for array, saved in zip(self._moving(), snapshot.arrays, strict=True):
            array[where] = saved
        several = snapshot.n_envs > 1
        for k, e in enumerate(range(self.n_envs) if chosen is None else chosen):
            self._streams[e].state = snapshot.streams[k if several else 0]
        return self.out

    def made_with(self) -> dict[str, Any]:
        """Return what decides, beside seeds and actions, what happens here."""
        if self._made_with is None:
            self._made_with = made_with(
                self.args, self.map.name, world_hash(self.world, self.map.scenario)
            )
        return self._made_with

    def _moving(self) -> Arrays:
        """Return all arrays (B, ...) that change, but for scratch."""
        if self._rows is None:
            own = (self.episode_seeds, self.battles.counts)
            moving = [*self._arrays_of(self.state), *self._arrays_of(self.episode_state)]
            moving += [*self.out, *own]
            self._rows = plain_rows(moving)
        return self._rows

    def _arrays_of(self, arrays: State | EpisodeState) -> list[Any]:
        """Return the arrays of a tuple that change here: not scratch, not what is never used."""
        fixed = {"scratch"}
        if self.teams is None:
            fixed |= {"traits", "spawned", "unit_constants", "reward_divisor"}
        if not self.features.options[0].hides_enemies:
            fixed |= set(SIGHTING_ARRAYS)
        return [array for name, array in arrays._asdict().items() if name not in fixed]

    # --- copy.deepcopy and pickle
    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in _NOT_COPIED}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.world, self.features = own_arrays(self.world), own_arrays(self.features)
        self.state, self.episode_state = own_arrays(self.state), own_arrays(self.episode_state)
        for name in _OWN_ARRAYS:
            setattr(self, name, own_array(getattr(self, name)))
        self.battles.counts = own_array(self.battles.counts)
        kinds = self.teams.constants if self.teams else None
        self.observer = make_observer(self.args, self.features, kinds)
        self._write_to(own_arrays(self.out))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return deep_copy(self, memo, (self.world, self.features, self.map, self.args, self.teams))
