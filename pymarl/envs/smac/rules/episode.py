"""One episode of SMAC's definition over successive unit tables.

Every engine fills the unit table; from there on all is the same: these kernels write what agents
see, the reward, the end and the info of a step. They work on row ``e`` of arrays that may hold many
environments.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules import features as D
from pymarl.envs.smac.rules import unit_table as T
from pymarl.envs.smac.rules.availability import N_REL
from pymarl.envs.smac.rules.observation import look
from pymarl.envs.smac.rules.reward import (
    RUNNING,
    WON,
    damage_reward,
    end_reward,
    health_share,
    outcome,
)
from pymarl.envs.smac.rules.state import write_state
from pymarl.kernels.simulator_jit import cold_kernel

# Columns of Out.info.
BATTLE_WON: Final = 0
DEAD_ALLIES: Final = 1
DEAD_ENEMIES: Final = 2
TIMEOUT: Final = 3

N_SCRATCH: Final = N_REL
"""Rows of the kernels' work space."""


class Memory(NamedTuple):
    """What SMAC's definition remembers of B environments.

    Attributes:
        table: float32 (B, U, 6) unit tables. before: float64 (B, U) health + shield one step ago.
        buried: uint8 (B, U). last: int64 (B, N) last actions, -1: none. targets: int64 (B, N) of
            scripted agents.
        orders: int64 (B, N), the actions carried out in the last step.
        scratch: float64 (B, N_SCRATCH, U), of no meaning between calls: kernels allocate nothing.
    """

    table: NDArray[np.float32]
    before: NDArray[np.float64]
    buried: NDArray[np.uint8]
    last: NDArray[np.int64]
    targets: NDArray[np.int64]
    orders: NDArray[np.int64]
    scratch: NDArray[np.float64]


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


def new_memory(batch: int, d: D.Features) -> Memory:
    """Return zeroed memory arrays of ``batch`` environments."""
    n = int(d.c[D.N])
    units = n + int(d.c[D.E])
    return Memory(
        table=np.zeros((batch, units, T.N_COLUMNS), np.float32),
        before=np.zeros((batch, units)),
        buried=np.zeros((batch, units), np.uint8),
        last=np.full((batch, n), -1, np.int64),
        targets=np.full((batch, n), -1, np.int64),
        orders=np.zeros((batch, n), np.int64),
        scratch=np.zeros((batch, N_SCRATCH, units)),
    )


def new_out(batch: int, d: D.Features) -> Out:
    """Return zeroed output arrays of ``batch`` environments."""
    n = int(d.c[D.N])
    return Out(
        obs=np.zeros((batch, n, int(d.c[D.O])), np.float32),
        state=np.zeros((batch, int(d.c[D.S])), np.float32),
        avail=np.zeros((batch, n, int(d.c[D.A])), np.uint8),
        reward=np.zeros(batch),
        terminated=np.zeros(batch, np.uint8),
        info=np.zeros((batch, 4), np.int64),
        left=np.zeros((batch, 2)),
    )


@cold_kernel
def show(d: D.Features, m: Memory, out: Out, e: int, step: int) -> None:
    """Write availability, observations and state after ``step`` steps of the episode."""
    time = step / d.c[D.LIMIT]
    c, f, u = d.c, d.f, d.u
    table = m.table[e]
    rel = m.scratch[e]
    look(c, f, u, d.pathing, d.height, table, m.last[e], time, rel, out.avail[e], out.obs[e])
    write_state(c, f, u, table, m.last[e], out.obs[e], time, out.state[e])


@cold_kernel
def begin(d: D.Features, m: Memory, out: Out, e: int) -> None:
    """Begin an episode: the unit table holds its first moment."""
    for i in range(d.c[D.N] + d.c[D.E]):
        m.before[e, i] = np.float64(m.table[e, i, T.HEALTH]) + np.float64(m.table[e, i, T.SHIELD])
    m.buried[e] = 0
    m.last[e] = -1
    m.targets[e] = -1
    show(d, m, out, e, 0)


@cold_kernel
def refused(m: Memory, out: Out, d: D.Features, actions: Any, e: int) -> int:
    """Return the first agent of environment ``e`` whose action is not available, or -1."""
    for i in range(d.c[D.N]):
        a = actions[e, i]
        if a < 0 or a >= d.c[D.A] or not out.avail[e, i, a]:
            return i
    return -1


@cold_kernel
def conclude(d: D.Features, m: Memory, out: Out, e: int, step: int) -> None:
    """Write reward, end and info of the episode's step number ``step`` from the new unit table."""
    c, f, u = d.c, d.f, d.u
    table = m.table[e]
    n = c[D.N]
    units = n + c[D.E]
    code = outcome(c, f, u, table)
    reward = damage_reward(c, f, u, table, m.before[e], m.buried[e])
    timeout = code == RUNNING and step >= c[D.LIMIT]
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
