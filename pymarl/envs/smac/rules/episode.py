"""One episode of SMAC's definition over successive unit tables.

Every engine fills the unit table; from there on all is the same: these kernels write what agents
see, the reward, the end and the info of a step. They work on row ``e`` of arrays that may hold many
environments.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules.feature_records import Features, UnitConstants
from pymarl.envs.smac.rules.observation import write_observations
from pymarl.envs.smac.rules.relative_positions import N_SCRATCH_ROWS
from pymarl.envs.smac.rules.reward import (
    RUNNING,
    WON,
    battle_outcome,
    damage_reward,
    health_left,
    with_outcome,
)
from pymarl.envs.smac.rules.state import write_state
from pymarl.envs.smac.rules.unit_table import UnitTables, new_tables
from pymarl.envs.smac.smacv2.sightings import new_sightings, start_sightings, update_sightings
from pymarl.kernels.records import Record, RecordBatch, Records, new_records
from pymarl.kernels.simulator_jit import cold_kernel, kernel


class EpisodeState(NamedTuple):
    """What SMAC's definition remembers of the running episodes of B environments.

    Attributes:
        table: unit tables (B, U).
        health_before: float64 (B, U), health + shield one step ago.
        death_counted: uint8 (B, U), 1 for units whose death has been paid for.
        last_actions: int64 (B, N), as given by the caller; -1: none yet.
        orders: int64 (B, N), the actions carried out in the last step: scripted agents' or the
            caller's.
        script_targets: int64 (B, N), whom scripted agents follow; -1: nobody.
        unit_of_row: int64 (B, U), which of the engine's units stands in each row of the table;
            agents in rows 0..N-1, for the enemies see ``enemy_order.py``. An engine that fills the
            table in its own order leaves it as it is: 0..U-1.
        unit_constants: records (B, U), or (1, U) where teams never change.
        reward_divisor: float64 (B,), or (1,) where it never changes.
        shown: uint8 (B, N, E), or (1, N, E) where nothing is hidden; the rest is of
            ``smacv2/sightings.py`` and has no rows where nothing is hidden:
        sight_words: uint64 (B,), first state of the episode's stream; an engine sets it.
        sight_streams: uint64 (B,), the stream's state.
        tagged_by: int64 (B, E). flagged, masked: uint8 (B, N, E). look_order: int64 (B, N).
        scratch: float64 (B, N_SCRATCH_ROWS, U), of no meaning between calls: kernels allocate
            nothing.
    """

    table: UnitTables
    health_before: NDArray[np.float64]
    death_counted: NDArray[np.uint8]
    last_actions: NDArray[np.int64]
    script_targets: NDArray[np.int64]
    orders: NDArray[np.int64]
    unit_of_row: NDArray[np.int64]
    unit_constants: RecordBatch[UnitConstants]
    reward_divisor: NDArray[np.float64]
    shown: NDArray[np.uint8]
    sight_words: NDArray[np.uint64]
    sight_streams: NDArray[np.uint64]
    tagged_by: NDArray[np.int64]
    flagged: NDArray[np.uint8]
    masked: NDArray[np.uint8]
    look_order: NDArray[np.int64]
    scratch: NDArray[np.float64]


class StepInfo(Record):
    """The numbers in SMAC's info of a step."""

    battle_won: int  # 0 or 1
    dead_allies: int
    dead_enemies: int
    timeout: int  # 1: the episode limit ended the episode, not the battle


class HealthLeft(Record):
    """Fractions of all health and shield that are left, 0..1."""

    allies: float
    enemies: float


class StepOutput(NamedTuple):
    """What callers receive; the arrays are theirs.

    Attributes:
        obs: float32 (B, N, O).
        state: float32 (B, S).
        avail: uint8 (B, N, A).
        reward: float64 (B,).
        terminated: uint8 (B,).
        info: records (B,).
        health_left: records (B,).
    """

    obs: NDArray[np.float32]
    state: NDArray[np.float32]
    avail: NDArray[np.uint8]
    reward: NDArray[np.float64]
    terminated: NDArray[np.uint8]
    info: Records[StepInfo]
    health_left: Records[HealthLeft]


def new_episode_state(
    batch: int, features: Features, *, changing_teams: bool = False
) -> EpisodeState:
    """Return zeroed arrays for ``batch`` environments.

    Args:
        batch: B.
        features: of the map.
        changing_teams: each environment has unit constants and a reward divisor of its own, which
            an engine sets before an episode starts; False: those of ``features`` are used by all.
    """
    agents, units = features.sizes[0].n_agents, features.sizes[0].n_units
    enemies, own = features.sizes[0].n_enemies, batch if changing_teams else 1
    hides = batch if features.options[0].hides_enemies else 0
    # A view where teams do not change: what is changed in the features counts.
    constants = np.asarray(features.units)[None]
    return EpisodeState(
        table=new_tables(batch, units),
        health_before=np.zeros((batch, units)),
        death_counted=np.zeros((batch, units), np.uint8),
        last_actions=np.full((batch, agents), -1, np.int64),
        script_targets=np.full((batch, agents), -1, np.int64),
        orders=np.zeros((batch, agents), np.int64),
        unit_of_row=np.tile(np.arange(units, dtype=np.int64), (batch, 1)),
        scratch=np.zeros((batch, N_SCRATCH_ROWS, units)),
        unit_constants=np.repeat(constants, batch, 0) if changing_teams else constants,
        reward_divisor=np.full(own, features.rewards[0].divisor),
        **new_sightings(hides, agents, enemies),
    )


def use_features(state: EpisodeState, e: int, features: Features) -> None:
    """Take units' constants and the scale of rewards from other features of the same map."""
    np.asarray(state.unit_constants)[e] = features.units
    state.reward_divisor[e] = features.rewards[0].divisor


@kernel
def episode_features(features: Features, state: EpisodeState, e: int) -> Features:
    """Return the features of the episode that environment ``e`` plays."""
    return Features(
        features.sizes,
        features.options,
        features.ground,
        features.rewards,
        features.sight,
        state.unit_constants[e % state.unit_constants.shape[0]],
        features.pathing,
        features.terrain_height,
    )


def new_step_output(batch: int, features: Features) -> StepOutput:
    """Return zeroed arrays for ``batch`` environments."""
    sizes = features.sizes[0]
    return StepOutput(
        obs=np.zeros((batch, sizes.n_agents, sizes.obs_size), np.float32),
        state=np.zeros((batch, sizes.state_size), np.float32),
        avail=np.zeros((batch, sizes.n_agents, sizes.n_actions), np.uint8),
        reward=np.zeros(batch),
        terminated=np.zeros(batch, np.uint8),
        info=new_records(StepInfo, batch),
        health_left=new_records(HealthLeft, batch),
    )


@cold_kernel
def write_features(
    features: Features, state: EpisodeState, out: StepOutput, e: int, step: int
) -> None:
    """Write availability, observations and state after ``step`` steps of the episode."""
    time = step / features.sizes[0].episode_limit
    table, last_actions, obs = state.table[e], state.last_actions[e], out.obs[e]
    own = episode_features(features, state, e)
    update_sightings(own, table, state, e)
    shown, scratch = state.shown[e % state.shown.shape[0]], state.scratch[e]
    write_observations(own, table, last_actions, time, scratch, shown, out.avail[e], obs)
    write_state(own, table, last_actions, obs, time, out.state[e])


@cold_kernel
def start_episode(features: Features, state: EpisodeState, out: StepOutput, e: int) -> None:
    """Start an episode: the unit table holds its first moment."""
    for i in range(features.sizes[0].n_units):
        unit = state.table[e][i]
        state.health_before[e, i] = np.float64(unit.health) + np.float64(unit.shield)
    state.death_counted[e] = 0
    state.last_actions[e] = -1
    state.script_targets[e] = -1
    start_sightings(features, state, e)
    write_features(features, state, out, e, 0)


@cold_kernel
def first_unavailable_action(
    features: Features, avail: NDArray[np.uint8], actions: NDArray[np.int64]
) -> int:
    """Return the first agent whose action is not available, or -1.

    Args:
        features: of the map.
        avail: uint8 (N, A).
        actions: int64 (N,), of any value.
    """
    for i in range(features.sizes[0].n_agents):
        action = actions[i]
        if action < 0 or action >= features.sizes[0].n_actions or not avail[i, action]:
            return i
    return -1


@cold_kernel
def write_outcome(
    features: Features, state: EpisodeState, out: StepOutput, e: int, step: int
) -> None:
    """Write reward, end and info of the episode's step number ``step`` from the new unit table."""
    table = state.table[e]
    n, units = features.sizes[0].n_agents, features.sizes[0].n_units
    own = episode_features(features, state, e)
    outcome = battle_outcome(own, table)
    reward = damage_reward(own, table, state.health_before[e], state.death_counted[e])
    divisor = state.reward_divisor[e % state.reward_divisor.shape[0]]
    timeout = outcome == RUNNING and step >= features.sizes[0].episode_limit
    out.reward[e] = with_outcome(own, outcome, reward) / divisor
    out.terminated[e] = outcome != RUNNING or timeout
    info = out.info[e]
    info.battle_won = outcome == WON
    info.timeout = timeout
    info.dead_allies = 0
    info.dead_enemies = 0
    for i in range(units):
        if table[i].health <= 0.0:
            if i < n:
                info.dead_allies += 1
            else:
                info.dead_enemies += 1
    out.health_left[e].allies = health_left(own, table, 0, n)
    out.health_left[e].enemies = health_left(own, table, n, units)
