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
from pymarl.envs.smac.rules import features as D
from pymarl.envs.smac.rules.episode import Memory, Out, begin, conclude, refused, show
from pymarl.envs.smac.rules.heuristic import script
from pymarl.kernels.simulator_jit import cold_kernel, inner_kernel, kernel


@cold_kernel
def observe(s: State, d: D.Features, m: Memory, out: Out, e: int) -> None:
    """Write availability, observations and state of environment ``e`` from its unit table."""
    show(d, m, out, e, s.C[e, L.STEP])


@inner_kernel
def reset_one(
    s: State, w: World, d: D.Features, m: Memory, out: Out, e: int, seed_word: np.uint64
) -> None:
    """Begin an episode in environment ``e``."""
    begin_episode(s, w, e, seed_word)
    m.table[e] = 0.0
    write_table(s, w, m.table[e], e)
    begin(d, m, out, e)


@cold_kernel
def reset_range(
    s: State,
    w: World,
    d: D.Features,
    m: Memory,
    out: Out,
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
    d: D.Features,
    m: Memory,
    out: Out,
    actions: Any,
    e: int,
    loops: int,
    scripted: int,
) -> None:
    """One environment step of environment ``e``."""
    c, f = d.c, d.f
    orders = m.orders[e]
    for i in range(c[D.N]):
        m.last[e, i] = actions[e, i]
        orders[i] = actions[e, i]
    if scripted:
        script(c, f, d.u, m.table[e], out.avail[e], m.targets[e], orders)
    F, Z, C, G, rng = s.F[e], s.Z[e], s.C[e], s.G[e], s.rng
    P, Q, M = w.P, w.Q, w.M
    grid, cell, hops = w.grid, w.cell, w.hops
    table = m.table[e]
    for i in range(c[D.N]):
        command(F, Z, P, Q, M, table, i, orders[i], f[D.MOVE_AMOUNT])
    scratch = m.scratch[e]
    for _ in range(loops):
        game_loop(F, Z, C, G, P, Q, M, grid, cell, hops, rng, e, scratch)
    s.C[e, L.STEP] += 1
    write_table(s, w, m.table[e], e)
    conclude(d, m, out, e, s.C[e, L.STEP])
    s.C[e, L.OVER] = out.terminated[e]
    show(d, m, out, e, s.C[e, L.STEP])


@cold_kernel
def step_range(
    s: State, w: World, d: D.Features, m: Memory, out: Out, actions: Any, mask: Any,
    loops: int, scripted: int, low: int, high: int,
) -> int:  # fmt: skip
    """Step the environments of ``low..high-1`` whose ``mask`` is set.

    Returns -1, or ``e * N + i`` of the first unavailable action; then no environment of the range
    was stepped.
    """
    if not scripted:
        for e in range(low, high):
            if mask[e]:
                i = refused(m, out, d, actions, e)
                if i >= 0:
                    return int(e * d.c[D.N] + i)
    for e in range(low, high):
        if mask[e]:
            step_one(s, w, d, m, out, actions, e, loops, scripted)
    return -1
