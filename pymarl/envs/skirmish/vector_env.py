"""The vector form: B environments stepped in one call, written into the caller's arrays."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from pymarl.envs.joint_actions import joint_actions, not_running, unavailable
from pymarl.envs.multiagentenv import Info
from pymarl.envs.skirmish.battle_copies import CopyableBattles
from pymarl.envs.skirmish.engine.constants import DELAY_HIGH, DELAY_LOW
from pymarl.envs.skirmish.engine.state import State, new_state
from pymarl.envs.skirmish.engine_version import ENGINE_VERSION
from pymarl.envs.skirmish.kernel_calls import KernelCalls
from pymarl.envs.skirmish.maps.episode_teams import EpisodeTeams, make_teams
from pymarl.envs.skirmish.maps.spawn import place_units
from pymarl.envs.skirmish.maps.world import build_world, sort_agents
from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.battle_info import BattleCounters, episode_info, feature_names
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.maps.unit_types import KINDS
from pymarl.envs.smac.rules.enemy_order import shuffled_enemies
from pymarl.envs.smac.rules.episode import (
    EpisodeState,
    StepOutput,
    new_episode_state,
    new_step_output,
)
from pymarl.envs.smac.rules.feature_sizes import n_actions, obs_size, state_size
from pymarl.envs.smac.rules.features import build_features
from pymarl.envs.smac.rules.observer import TableObserver, make_observer
from pymarl.envs.smac.rules.seeds import SeedStream, seed_word
from pymarl.envs.smac.smacv2.draws import SIGHTINGS, stream_word
from pymarl.envs.vector_env import StepArrays
from pymarl.errors import EnvError

Words = NDArray[np.uint64]


class VectorSkirmish(CopyableBattles):
    """B independent battles of one map in structure-of-arrays form.

    Observation, state, availability and reward are SMAC's; see ``envs/smac``. Environment ``e`` is
    a function of its own seeds and actions: not of B, of the other environments, or of
    ``threads``.

    Args:
        n_envs: B, the number of environments.
        seeds: first seed of each environment's own stream of episode seeds; None: 0..B-1 by
            ``env_args.seed`` + e.
        auto_reset: begin a new episode in the step that ended one; obs, state and avail are then
            the new episode's, reward, terminated, info and health_left still describe the step
            that ended the old one.
        threads: worker threads; the kernels release the GIL. Results do not depend on it.
        spec: a map to use instead of ``map_name``/``map_file``.
        delay: range of the random weapon delay in loops, for experiments; None: the game's.
        env_args: SMAC's keys, see ``SmacArgs``.

    Attributes:
        n_envs, n_agents, n_enemies, n_actions, obs_size, state_size, episode_limit: sizes B, N, E,
            A, O, S.
        out: the arrays the last call wrote, see ``StepOutput``.
        episode_state: what SMAC's definition remembers, unit tables among it.
        episode_seeds: uint64 (B,), seed of the running episode of each environment.
        teams: draws the episodes of a procedural map; None: teams are always the same.
        observer: rebuilds obs, state and avail from ``episode_state.table`` and the actions, or
            None.

    Raises:
        ConfigError: an argument or the map is wrong.
    """

    def __init__(
        self,
        n_envs: int,
        *,
        seeds: Sequence[int] | None = None,
        auto_reset: bool = False,
        threads: int = 1,
        spec: MapSpec | None = None,
        delay: tuple[float, float] | None = None,
        **env_args: Any,
    ) -> None:
        if n_envs < 1 or threads < 1:
            raise EnvError(f"n_envs={n_envs}, threads={threads}: expected at least 1 of each")
        self.args = SmacArgs.parse(env_args)
        self.map = spec or self.args.load_map()
        self.n_envs, self.auto_reset, self.threads = n_envs, auto_reset, threads
        self.step_mul = self.args.step_mul or self.map.step_mul
        self.episode_limit = self.map.limit
        placed, enemies = place_units(self.map)
        agents = [name for name, _, _ in sort_agents(self.map, placed)]
        self.n_agents, self.n_enemies = len(agents), len(enemies)
        self.n_actions = n_actions(self.map)
        self.obs_size = obs_size(self.args, self.map)
        self.state_size = state_size(self.args, self.map)
        delays = delay or (DELAY_LOW, DELAY_HIGH)
        self.world = build_world(self.map, delays)
        enemy_names = [name for name, _, _ in enemies]
        self.features = build_features(self.map, self.args, agents, enemy_names)
        self.teams: EpisodeTeams | None = make_teams(self.map, self.args, self.world, delays)
        changing, kinds = self.teams is not None, self.teams.constants if self.teams else None
        self.observer: TableObserver | None = make_observer(self.args, self.features, kinds)
        self.state: State = new_state(n_envs, self.world, changing_teams=changing)
        self.episode_state: EpisodeState = new_episode_state(
            n_envs, self.features, changing_teams=changing
        )
        self.battles = BattleCounters(n_envs)
        self.out = new_step_output(n_envs, self.features)
        first = self.args.seed or 0
        starts = seeds if seeds is not None else range(first, first + n_envs)
        if len(starts) != n_envs:
            raise EnvError(f"seeds: expected {n_envs} numbers, got {len(starts)}")
        self._streams = [SeedStream(int(seed)) for seed in starts]
        self.episode_seeds: Words = np.zeros(n_envs, np.uint64)
        self._words: Words = np.zeros(n_envs, np.uint64)
        self._all = np.ones(n_envs, np.uint8)
        self._actions = np.zeros((n_envs, self.n_agents), np.int64)
        # Nothing runs before the first reset.
        self.state.episodes["is_over"] = 1
        self._calls = KernelCalls(n_envs, threads)
        self._write_to(self.out)

    @property
    def unit_names(self) -> list[str]:
        """Return the unit types of environment 0, see ``names_of``."""
        return self.names_of(0)

    def names_of(self, e: int) -> list[str]:
        """Return the unit types of environment ``e``: agents in SMAC's order, then enemies."""
        constants = self.episode_state.unit_constants
        kinds = constants["kind"][e % len(constants)]
        return [KINDS[kind] for kind in kinds.tolist()]

    @override
    def new_out(self, arrays: StepArrays | None = None) -> StepOutput:
        if arrays is None:
            return new_step_output(self.n_envs, self.features)
        return new_step_output(self.n_envs, self.features)._replace(**arrays._asdict())

    def next_seed(self, e: int) -> int:
        """Return (and use up) the next seed of environment ``e``'s own stream, 0..2**32-1."""
        return self._streams[e].next()

    @override
    def reset(
        self,
        mask: NDArray[Any] | None = None,
        seeds: Sequence[int] | None = None,
        out: StepOutput | None = None,
    ) -> StepOutput:
        if out is not None:
            self._write_to(out)
        chosen = self._all if mask is None else np.ascontiguousarray(mask, dtype=np.uint8)
        for e in np.flatnonzero(chosen):
            seed = self.next_seed(int(e)) if seeds is None else int(seeds[int(e)])
            self.episode_seeds[e] = seed
            self._words[e] = seed_word(seed)
            if self.teams is not None:
                self.teams.begin(self.state, self.episode_state, int(e), seed)
            if self.episode_state.sight_words.size:
                self.episode_state.sight_words[e] = stream_word(seed, SIGHTINGS)
            if self.args.enemy_order == "shuffled":
                order = shuffled_enemies(self.names_of(int(e))[self.n_agents :], seed)
                self.episode_state.unit_of_row[e, self.n_agents :] = np.add(order, self.n_agents)
        self._calls.reset(self._batch, chosen, self._words)
        return self.out

    @override
    def step(
        self,
        actions: NDArray[Any],
        mask: NDArray[Any] | None = None,
        out: StepOutput | None = None,
    ) -> StepOutput:
        given = joint_actions(actions, self.n_envs, self.n_agents)
        if out is not None and out is not self.out:
            # Availability is read from the arrays of the last call.
            np.copyto(out.avail, self.out.avail)
            self._write_to(out)
        chosen = self._all if mask is None else np.ascontiguousarray(mask, dtype=np.uint8)
        if self._is_over.any() and bool((self._is_over & chosen).any()):
            e = int(np.flatnonzero(self._is_over & chosen)[0])
            raise not_running(bool(self.state.episodes[e].steps), self._name(e), "battle")
        self._actions[...] = given
        scripted = int(self.args.heuristic_ai)
        bad = self._calls.step(self._batch, self._actions, chosen, self.step_mul, scripted)
        if bad >= 0:
            e, i = divmod(bad, self.n_agents)
            action, available = int(self._actions[e, i]), self.out.avail[e, i]
            raise unavailable(i, action, available, self._name(e))
        if scripted:
            # The caller gets what SMAC's scripted agents did, in the memory it gave.
            rows = np.flatnonzero(chosen)
            callers = actions if isinstance(actions, np.ndarray) else given
            callers[rows] = self.episode_state.orders[rows]
        if 1 in self.out.terminated.tobytes():  # a sixth of the time of any()
            self._end_episodes(self.out.terminated & chosen)
        return self.out

    def _name(self, e: int) -> str:
        """Return how messages begin that are about environment ``e``."""
        return f"environment {e}: " if self.n_envs > 1 else ""

    def _end_episodes(self, ended: NDArray[np.uint8]) -> None:
        """Count the battles of ``ended`` (B,) and, where asked for, begin the next ones."""
        rows = np.flatnonzero(ended).tolist()
        infos = cast(NDArray[Any], self.out.info)[rows].tolist()
        for e, (battle_won, _, _, timeout) in zip(rows, infos, strict=True):
            self.battles.count(e, won=battle_won, timeout=timeout)
        if self.auto_reset and rows:
            self.reset(ended)

    @override
    def episode_info(self, e: int) -> Info:
        return episode_info(self.out, e, continuing_episode=self.args.continuing_episode)

    @override
    def get_stats(self) -> Info:
        return self.battles.stats()

    @override
    def provenance(self) -> Info:
        """Return the version of the engine; the rest is known without an environment."""
        return {"engine_version": ENGINE_VERSION}

    @override
    def get_env_info(self) -> Info:
        return {**super().get_env_info(), **feature_names(self.map, self.args)}

    @override
    def write_units(self, mask: NDArray[Any], units: NDArray[np.float32]) -> None:
        if self.observer is not None:
            self.observer.record(self.episode_state, mask, units)

    @override
    def close(self) -> None:
        self._calls.close()
