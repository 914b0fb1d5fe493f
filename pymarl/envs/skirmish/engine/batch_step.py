"""Environment steps of many environments.

Actions in; SMAC's observations, state, availability and reward out.

One loop over environments, each on its own rows: what an environment does never depends on the
others or on the split over threads.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.engine.game_loop import begin_episode, game_loop, write_unit_table
from pymarl.envs.skirmish.engine.orders import apply_action
from pymarl.envs.skirmish.engine.state import State, World, battle_of
from pymarl.envs.smac.rules.actions import FIRST_TARGET, NO_OP
from pymarl.envs.smac.rules.availability import can_reach
from pymarl.envs.smac.rules.episode import (
    EpisodeState,
    StepOutput,
    episode_features,
    first_unavailable_action,
    start_episode,
    write_features,
    write_outcome,
)
from pymarl.envs.smac.rules.feature_records import Features
from pymarl.envs.smac.rules.heuristic import write_scripted_actions
from pymarl.envs.smac.rules.unit_table import clear_table
from pymarl.kernels.simulator_jit import cold_kernel, inner_kernel, kernel

Actions = NDArray[np.int64]
Mask = NDArray[np.uint8]


class Batch(NamedTuple):
    """B environments with all their arrays.

    Attributes:
        state, world: of the engine.
        features, episode_state, out: of SMAC's rules.
    """

    state: State
    world: World
    features: Features
    episode_state: EpisodeState
    out: StepOutput


@cold_kernel
def observe(batch: Batch, e: int) -> None:
    """Write availability, observations and state of environment ``e`` from its unit table."""
    steps = batch.state.episodes[e].steps
    write_features(batch.features, batch.episode_state, batch.out, e, steps)


@inner_kernel
def reset_one(batch: Batch, e: int, seed_word: np.uint64) -> None:
    """Begin an episode in environment ``e``."""
    table, unit_of_row = batch.episode_state.table[e], batch.episode_state.unit_of_row[e]
    begin_episode(batch.state, batch.world, e, seed_word)
    clear_table(table)
    write_unit_table(batch.state, batch.world, e, unit_of_row, table)
    start_episode(batch.features, batch.episode_state, batch.out, e)


@cold_kernel
def reset_range(
    batch: Batch, mask: Mask, seed_words: NDArray[np.uint64], low: int, high: int
) -> None:
    """Begin an episode in the environments of ``low..high-1`` whose ``mask`` is set."""
    for e in range(low, high):
        if mask[e]:
            reset_one(batch, e, seed_words[e])


@kernel
def engine_action(batch: Batch, e: int, i: int, action: int) -> int:
    """Return SMAC's action of agent ``i`` with the enemy it attacks named as the engine does."""
    traits = batch.state.traits[e % batch.state.traits.shape[0]]
    if action < FIRST_TARGET or traits[i].is_healer:
        return action
    n_agents = batch.features.sizes[0].n_agents
    row = n_agents + action - FIRST_TARGET
    return int(FIRST_TARGET + batch.episode_state.unit_of_row[e, row] - n_agents)


@kernel
def step_one(batch: Batch, actions: Actions, e: int, loops: int, scripted: int) -> None:
    """One environment step of environment ``e``."""
    features, episode_state, out = batch.features, batch.episode_state, batch.out
    n_agents, move_amount = features.sizes[0].n_agents, features.ground[0].move_amount
    orders, table = episode_state.orders[e], episode_state.table[e]
    own = episode_features(features, episode_state, e)
    for i in range(n_agents):
        episode_state.last_actions[e, i] = actions[e, i]
        orders[i] = actions[e, i]
    if scripted:
        targets = episode_state.script_targets[e]
        write_scripted_actions(own, table, out.avail[e], targets, orders)
    elif not features.options[0].action_mask:
        for i in range(n_agents):
            # A command beyond the range is not given: the unit goes on with what it does.
            if not can_reach(own, table, i, orders[i]):
                orders[i] = NO_OP
    # Orders start from the table, which is what the agents saw, not from the engine's float64.
    battle = battle_of(batch.state, batch.world, e)
    for i in range(n_agents):
        action = engine_action(batch, e, i, orders[i])
        apply_action(battle, table, i, action, move_amount)
    for _ in range(loops):
        game_loop(battle)
    battle.episode.steps += 1
    write_unit_table(batch.state, batch.world, e, episode_state.unit_of_row[e], table)
    write_outcome(features, episode_state, out, e, battle.episode.steps)
    battle.episode.is_over = out.terminated[e]
    write_features(features, episode_state, out, e, battle.episode.steps)


@cold_kernel
def step_range(
    batch: Batch, actions: Actions, mask: Mask, loops: int, scripted: int, low: int, high: int
) -> int:
    """Step the environments of ``low..high-1`` whose ``mask`` is set.

    Returns -1, or ``e * N + i`` of the first unavailable action; then no environment of the range
    was stepped.
    """
    # All actions are looked at before anything moves; scripted agents ignore theirs.
    if not scripted:
        for e in range(low, high):
            if mask[e]:
                i = first_unavailable_action(batch.features, batch.out.avail[e], actions[e])
                if i >= 0:
                    return int(e * batch.features.sizes[0].n_agents + i)
    for e in range(low, high):
        if mask[e]:
            step_one(batch, actions, e, loops, scripted)
    return -1
