"""Environment steps of many environments.

Actions in, SMAC's observations, state, availability and reward out.

One loop over environments, each on its own rows: what an environment does never depends on the
others or on the
split over threads.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish import layout as L
from pymarl.envs.skirmish.loop import begin_episode, game_loop, write_table
from pymarl.envs.skirmish.orders import command
from pymarl.envs.skirmish.state import State, World
from pymarl.envs.smac import spec as D
from pymarl.envs.smac import table as T
from pymarl.envs.smac.heuristic import script
from pymarl.envs.smac.jit import cold_kernel, kernel
from pymarl.envs.smac.observation import look
from pymarl.envs.smac.reward import RUNNING, WON, damage_reward, end_reward, health_share, outcome
from pymarl.envs.smac.state import write_state

# Columns of Out.info.
BATTLE_WON, DEAD_ALLIES, DEAD_ENEMIES, TIMEOUT = 0, 1, 2, 3


class Memory(NamedTuple):
    """What SMAC's definition remembers of B environments.

    Attributes:
        table: float32 (B, U, 6) unit tables. before: float64 (B, U) health + shield one step ago.
        buried: uint8 (B, U). last: int64 (B, N) last actions, -1: none. targets: int64 (B, N) of
            scripted agents.
        orders: int64 (B, N), the actions carried out in the last step.
    """

    table: NDArray[np.float32]
    before: NDArray[np.float64]
    buried: NDArray[np.uint8]
    last: NDArray[np.int64]
    targets: NDArray[np.int64]
    orders: NDArray[np.int64]


class Out(NamedTuple):
    """What callers receive; the arrays are theirs.

    Attributes:
        obs: float32 (B, N, O). state: float32 (B, S). avail: uint8 (B, N, A).
        reward: float64 (B,). terminated: uint8 (B,). info: int64 (B, 4), columns named above.
        left: float64 (B, 2), share of health and shield left of agents and enemies.
    """

    obs: NDArray[np.float32]
    state: NDArray[np.float32]
    avail: NDArray[np.uint8]
    reward: NDArray[np.float64]
    terminated: NDArray[np.uint8]
    info: NDArray[np.int64]
    left: NDArray[np.float64]


@cold_kernel
def observe(s: State, d: D.Features, m: Memory, out: Out, e: int) -> None:
    """Write availability, observations and state of environment ``e`` from its unit table."""
    time = s.C[e, L.STEP] / d.c[D.LIMIT]
    c, f, u = d.c, d.f, d.u
    table = m.table[e]
    look(c, f, u, d.pathing, d.height, table, m.last[e], time, out.avail[e], out.obs[e])
    write_state(c, f, u, table, m.last[e], out.obs[e], time, out.state[e])


@cold_kernel
def reset_one(
    s: State, w: World, d: D.Features, m: Memory, out: Out, e: int, seed_word: np.uint64
) -> None:
    """Begin an episode in environment ``e``."""
    begin_episode(s, w, e, seed_word)
    m.table[e] = 0.0
    write_table(s, w, m.table[e], e)
    for i in range(w.M[L.M_UNITS]):
        m.before[e, i] = np.float64(m.table[e, i, T.HEALTH]) + np.float64(m.table[e, i, T.SHIELD])
    m.buried[e] = 0
    m.last[e] = -1
    m.targets[e] = -1
    observe(s, d, m, out, e)


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


@cold_kernel
def refused(m: Memory, out: Out, d: D.Features, actions: Any, e: int) -> int:
    """Return the first agent of environment ``e`` whose action is not available, or -1."""
    for i in range(d.c[D.N]):
        a = actions[e, i]
        if a < 0 or a >= d.c[D.A] or not out.avail[e, i, a]:
            return i
    return -1


@cold_kernel
def close_step(s: State, d: D.Features, m: Memory, out: Out, e: int) -> None:
    """Write reward, end and info of environment ``e`` from its new unit table."""
    c, f, u = d.c, d.f, d.u
    table = m.table[e]
    n = c[D.N]
    units = n + c[D.E]
    code = outcome(c, f, u, table)
    reward = damage_reward(c, f, u, table, m.before[e], m.buried[e])
    timeout = code == RUNNING and s.C[e, L.STEP] >= c[D.LIMIT]
    out.reward[e] = end_reward(c, f, u, code, reward)
    out.terminated[e] = code != RUNNING or timeout
    out.info[e, BATTLE_WON] = code == WON
    out.info[e, TIMEOUT] = timeout
    out.info[e, DEAD_ALLIES] = 0
    out.info[e, DEAD_ENEMIES] = 0
    for i in range(units):
        if table[i, T.HEALTH] <= 0.0:
            out.info[e, DEAD_ALLIES if i < n else DEAD_ENEMIES] += 1
    out.left[e, 0] = health_share(c, f, u, table, 0, n)
    out.left[e, 1] = health_share(c, f, u, table, n, units)
    s.C[e, L.OVER] = out.terminated[e]


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
    m.last[e] = actions[e]
    orders = m.orders[e]
    orders[:] = actions[e]
    if scripted:
        script(c, f, d.u, m.table[e], out.avail[e], m.targets[e], orders)
    F, Z, C, G, rng = s.F[e], s.Z[e], s.C[e], s.G[e], s.rng
    P, Q, M = w.P, w.Q, w.M
    grid, cell, hops = w.grid, w.cell, w.hops
    table = m.table[e]
    for i in range(c[D.N]):
        command(F, Z, P, Q, M, table, i, orders[i], f[D.MOVE_AMOUNT])
    scratch = np.empty((4, M[L.M_UNITS]))
    for _ in range(loops):
        game_loop(F, Z, C, G, P, Q, M, grid, cell, hops, rng, e, scratch)
    s.C[e, L.STEP] += 1
    write_table(s, w, m.table[e], e)
    close_step(s, d, m, out, e)
    observe(s, d, m, out, e)


@kernel
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
