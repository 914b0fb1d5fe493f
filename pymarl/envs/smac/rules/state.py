"""The global state: SMAC's features of all units over the unit table.

Layout: per agent (health, cooldown or the healer's energy, x, y, [shield], [type bits]) | per
enemy (health, x, y,
[shield], [type bits]) | [last actions, one-hot (N, A)] | [timestep]. Positions are relative to the
map's centre in
units of the playable area's extent; dead units are zeros. With ``obs_instead_of_state`` it is all
observations.
"""

from typing import Any

import numpy as np

from pymarl.envs.smac.rules import features as D
from pymarl.envs.smac.rules import unit_table as T
from pymarl.kernels.simulator_jit import inner_kernel, kernel

Array = Any


@kernel
def write_unit(
    c: Array, f: Array, u: Array, table: Array, i: int, agent: int, shield: int, out: Array, at: int
) -> None:
    """Write the features of one living unit."""
    out[at] = table[i, T.HEALTH] / u[D.HEALTH_MAX, i]
    at += 1
    if agent:
        column = T.ENERGY if u[D.HEALER, i] != 0.0 and c[D.HEAL_RULE] else T.COOLDOWN
        out[at] = table[i, column] / u[D.COOLDOWN_MAX, i]
        at += 1
    out[at] = (np.float64(table[i, T.X]) - c[D.WIDTH] / 2) / f[D.EXTENT_X]
    out[at + 1] = (np.float64(table[i, T.Y]) - c[D.TALL] / 2) / f[D.EXTENT_Y]
    at += 2
    if shield:
        if u[D.SHIELD_MAX, i] > 0.0:
            out[at] = table[i, T.SHIELD] / u[D.SHIELD_MAX, i]
        at += 1
    if c[D.BITS]:
        out[at + int(u[D.KIND, i])] = 1.0


@inner_kernel
def copy_rows(rows: Array, out: Array) -> None:
    """Copy a matrix to a vector, row after row."""
    width = rows.shape[1]
    for i in range(rows.shape[0]):
        for k in range(width):
            out[i * width + k] = rows[i, k]


@inner_kernel
def write_state(
    c: Array, f: Array, u: Array, table: Array, last: Array, obs: Array, time: float, out: Array
) -> None:
    """Write the state, float32 (S,); ``obs`` (N, O) must be written already."""
    n = c[D.N]
    if c[D.OBS_AS_STATE]:
        copy_rows(obs, out)
        return
    out[:] = 0.0
    at = 0
    shield = c[D.SHIELD_ALLY]
    for i in range(n):
        if table[i, T.HEALTH] > 0.0:
            write_unit(c, f, u, table, i, 1, shield, out, at)
        at += 4 + shield + c[D.BITS]
    shield = c[D.SHIELD_ENEMY]
    for i in range(n, n + c[D.E]):
        if table[i, T.HEALTH] > 0.0:
            write_unit(c, f, u, table, i, 0, shield, out, at)
        at += 3 + shield + c[D.BITS]
    if c[D.STATE_LAST]:
        for i in range(n):
            if last[i] >= 0:
                out[at + last[i]] = 1.0
            at += c[D.A]
    if c[D.STATE_TIME]:
        out[at] = time
