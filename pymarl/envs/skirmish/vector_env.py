"""The vector form: B environments stepped in one call, written into the caller's arrays."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from pymarl.envs.multiagentenv import Info
from pymarl.envs.skirmish.engine.batch_step import Batch, reset_range, step_range
from pymarl.envs.skirmish.engine.constants import DELAY_HIGH, DELAY_LOW
from pymarl.envs.skirmish.engine.state import State, new_state
from pymarl.envs.skirmish.engine_version import ENGINE_VERSION
from pymarl.envs.skirmish.maps.episode_teams import EpisodeTeams
from pymarl.envs.skirmish.maps.spawn import place_units
from pymarl.envs.skirmish.maps.world import build_world, sort_agents
from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.battle_info import BattleCounters, episode_info, feature_names
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.maps.unit_types import KINDS
from pymarl.envs.smac.rules.actions import first_unavailable
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
from pymarl.envs.vector_env import StepArrays, VectorMultiAgentEnv, unavailable_action
from pymarl.errors import EnvError
from pymarl.kernels.simulator_jit import entry_point

Words = NDArray[np.uint64]


class VectorSkirmish(VectorMultiAgentEnv[StepOutput]):
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
        changing, kinds = self.map.scenario is not None, None
        self.teams: EpisodeTeams | None = None
        if self.map.scenario is not None:
            self.teams = EpisodeTeams(self.map, self.map.scenario, self.args, self.world, delays)
            kinds = self.teams.constants
        self.observer: TableObserver | None = make_observer(self.args, self.features, kinds)
        self.state: State = new_state(n_envs, self.world, changing_teams=changing)
        self.episode_state: EpisodeState = new_episode_state(
            n_envs, self.features, changing_teams=changing
        )
        self.battles = BattleCounters()
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
        self._is_over = self.state.episodes["is_over"]
        self._layouts: dict[tuple[Any, ...], int] = {}
        self._steps: dict[int, Callable[..., int]] = {}
        self._resets: dict[int, Callable[..., None]] = {}
        self._write_to(self.out)
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._bounds = [n_envs * k // threads for k in range(threads + 1)]

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
        arguments = (self._batch, chosen, self._words, 0, self.n_envs)
        if self._layout not in self._resets:
            self._resets[self._layout] = entry_point(reset_range, arguments)
        self._resets[self._layout](*arguments)
        return self.out

    @override
    def step(
        self,
        actions: NDArray[Any],
        mask: NDArray[Any] | None = None,
        out: StepOutput | None = None,
    ) -> StepOutput:
        if out is not None and out is not self.out:
            # Availability is read from the arrays of the last call.
            np.copyto(out.avail, self.out.avail)
            self._write_to(out)
        chosen = self._all if mask is None else np.ascontiguousarray(mask, dtype=np.uint8)
        if self._is_over.any() and bool((self._is_over & chosen).any()):
            e = int(np.flatnonzero(self._is_over & chosen)[0])
            raise EnvError(f"environment {e}: the battle is over; call reset before step")
        np.copyto(self._actions, actions)
        bad = self._run(chosen)
        if bad >= 0:
            e, i = divmod(bad, self.n_agents)
            action, available = int(self._actions[e, i]), self.out.avail[e, i]
            raise unavailable_action(e, i, action, available)
        if self.args.heuristic_ai:
            # The caller gets what SMAC's scripted agents did.
            rows = np.flatnonzero(chosen)
            actions[rows] = self.episode_state.orders[rows]
        if 1 in self.out.terminated.tobytes():  # a sixth of the time of any()
            self._end_episodes(self.out.terminated & chosen)
        return self.out

    def _end_episodes(self, ended: NDArray[np.uint8]) -> None:
        """Count the battles of ``ended`` (B,) and, where asked for, begin the next ones."""
        rows = cast(NDArray[Any], self.out.info)[ended.view(np.bool_)].tolist()
        for battle_won, _, _, timeout in rows:
            self.battles.count(won=battle_won, timeout=timeout)
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
        return {**super().get_env_info(), **feature_names(self.map)}

    @override
    def write_units(self, mask: NDArray[Any], units: NDArray[np.float32]) -> None:
        if self.observer is not None:
            self.observer.record(self.episode_state, mask, units)

    def _write_to(self, out: StepOutput) -> None:
        """Write to these arrays from now on."""
        self.out = out
        self._batch = Batch(self.state, self.world, self.features, self.episode_state, out)
        # Entry points look at no types, so there is one for each memory layout of ``out``. For
        # numba to look at all arrays in every call would take 15 microseconds instead of a half.
        arrays = cast(tuple[NDArray[Any], ...], out)
        layout = tuple((array.dtype, array.ndim, array.flags.num) for array in arrays)
        self._layout = self._layouts.setdefault(layout, len(self._layouts))

    def _run(self, chosen: NDArray[np.uint8]) -> int:
        """Step all ranges, on threads when asked for; return the first bad action or -1."""
        fixed = (self._batch, self._actions, chosen)
        loops, scripted = self.step_mul, int(self.args.heuristic_ai)
        if self._layout not in self._steps:
            arguments = (*fixed, loops, scripted, 0, self.n_envs)
            self._steps[self._layout] = entry_point(step_range, arguments)
        step = self._steps[self._layout]
        if self._pool is None:
            return int(step(*fixed, loops, scripted, 0, self.n_envs))
        # A range checks its actions before it steps, but does not wait for the checks of others.
        bad = -1 if scripted else first_unavailable(self._actions, self.out.avail, chosen)
        if bad >= 0:
            return bad
        jobs = [
            self._pool.submit(step, *fixed, loops, scripted, low, high)
            for low, high in zip(self._bounds[:-1], self._bounds[1:], strict=True)
        ]
        for job in jobs:
            job.result()
        return -1

    @override
    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
