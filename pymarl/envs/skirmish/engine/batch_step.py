"""Environment steps of many environments.

Actions in, SMAC's observations, state, availability and reward out.

One loop over environments, each on its own rows: what an environment does never depends on the
others or on the
split over threads.
"""

from typing import Any

import numpy as np

from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.game_loop import begin_episode, game_loop, write_table
from pymarl.envs.skirmish.engine.orders import command
from pymarl.envs.skirmish.engine.state import State, World
from pymarl.envs.smac.rules.episode import (
    EpisodeState,
    StepOutput,
    first_unavailable_action,
    start_episode,
    write_features,
    write_outcome,
)
from pymarl.envs.smac.rules.features import Features
from pymarl.envs.smac.rules.heuristic import write_scripted_actions
from pymarl.envs.smac.rules.unit_table import clear_table
from pymarl.kernels.simulator_jit import cold_kernel, inner_kernel, kernel


@cold_kernel
def observe(s: State, d: Features, m: EpisodeState, out: StepOutput, e: int) -> None:
    """Write availability, observations and state of environment ``e`` from its unit table."""
    write_features(d, m, out, e, s.C[e, L.STEP])


@inner_kernel
def reset_one(
    s: State, w: World, d: Features, m: EpisodeState, out: StepOutput, e: int, seed_word: np.uint64
) -> None:
    """Begin an episode in environment ``e``."""
    begin_episode(s, w, e, seed_word)
    clear_table(m.table[e])
    write_table(s, w, m.table[e], e)
    start_episode(d, m, out, e)


@cold_kernel
def reset_range(
    s: State,
    w: World,
    d: Features,
    m: EpisodeState,
    out: StepOutput,
    mask: Any,
    words: Any,
    low: int,
    high: int,
) -> None:
    """Begin an episode in the environments of ``low..high-1`` whose ``mask`` is set."""
    for e in range(low, high):
        if mask[e]:
            reset_one(s, w, d, m, out, e, words[e])


@kernel
def step_one(
    s: State,
    w: World,
    d: Features,
    m: EpisodeState,
    out: StepOutput,
    actions: Any,
    e: int,
    loops: int,
    scripted: int,
) -> None:
    """One environment step of environment ``e``."""
    n_agents = d.sizes[0].n_agents
    orders = m.orders[e]
    for i in range(n_agents):
        m.last_actions[e, i] = actions[e, i]
        orders[i] = actions[e, i]
    if scripted:
        write_scripted_actions(d, m.table[e], out.avail[e], m.script_targets[e], orders)
    F, Z, C, G, rng = s.F[e], s.Z[e], s.C[e], s.G[e], s.rng
    P, Q, M = w.P, w.Q, w.M
    grid, cell, hops = w.grid, w.cell, w.hops
    table = m.table[e]
    for i in range(n_agents):
        command(F, Z, P, Q, M, table, i, orders[i], d.ground[0].move_amount)
    scratch = m.scratch[e]
    for _ in range(loops):
        game_loop(F, Z, C, G, P, Q, M, grid, cell, hops, rng, e, scratch)
    s.C[e, L.STEP] += 1
    write_table(s, w, m.table[e], e)
    write_outcome(d, m, out, e, s.C[e, L.STEP])
    s.C[e, L.OVER] = out.terminated[e]
    write_features(d, m, out, e, s.C[e, L.STEP])


@cold_kernel
def step_range(
    s: State, w: World, d: Features, m: EpisodeState, out: StepOutput, actions: Any, mask: Any,
    loops: int, scripted: int, low: int, high: int,
) -> int:  # fmt: skip
    """Step the environments of ``low..high-1`` whose ``mask`` is set.

    Returns -1, or ``e * N + i`` of the first unavailable action; then no environment of the range
    was stepped.
    """
    if not scripted:
        for e in range(low, high):
            if mask[e]:
                i = first_unavailable_action(d, out.avail[e], actions[e])
                if i >= 0:
                    return int(e * d.sizes[0].n_agents + i)
    for e in range(low, high):
        if mask[e]:
            step_one(s, w, d, m, out, actions, e, loops, scripted)
    return -1
