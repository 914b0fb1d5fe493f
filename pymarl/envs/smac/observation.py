"""Observations: SMAC's features of every agent over the unit table.

Layout of one observation: move (4 directions, [8 pathing], [9 heights]) | per enemy (attackable,
distance, x, y,
[health, [shield]], [type bits]) | per other ally (visible, distance, x, y, [health, [shield]],
[type bits],
[last action]) | own ([health, [shield]], [type bits]) | [timestep]. Units beyond 9 or dead are
zeros; a dead agent
sees zeros only. Values are computed in float64 and stored as float32.
"""

from typing import Any

from pymarl.envs.smac import spec as D
from pymarl.envs.smac import table as T
from pymarl.envs.smac.availability import measure, write_avail_agent
from pymarl.envs.smac.jit import inner_kernel, kernel

Array = Any


@inner_kernel
def write_surroundings(
    c: Array, f: Array, u: Array, pathing: Array, height: Array, table: Array, i: int, obs: Array
) -> int:
    """Write the pathing and height points around agent ``i``.

    Return where the enemies' part begins.

    Eight points, at twice the move amount along the axes and once along the diagonals, from the
    cut position; then,
    for heights, the position itself. Points off the map count as 1.
    """
    x, y = int(table[i, T.X]), int(table[i, T.Y])
    m = int(f[D.MOVE_AMOUNT])
    at = 4
    paths, heights = c[D.PATHING], c[D.HEIGHT]
    for k in range(9):
        dx, dy = 0, 0
        if k < 4:
            step = 2 * m if k % 2 == 0 else -2 * m
            dx, dy = (0, step) if k < 2 else (step, 0)
        elif k < 8:
            dx = m if k % 2 == 0 else -m
            dy = m if k == 4 or k == 7 else -m
        cx, cy = x + dx, y + dy
        inside = 0 <= cx < c[D.WIDTH] and 0 <= cy < c[D.TALL]
        if paths and k < 8:
            obs[at + k] = pathing[cx, cy] if inside else 1
        if heights:
            obs[at + 8 * paths + k] = height[cx, cy] if inside else 1.0
    return int(at + 8 * paths + 9 * heights)


@kernel
def write_relative(rel: Array, j: int, first: float, obs: Array, at: int) -> None:
    """Write (first, distance, x, y) of unit ``j`` in units of the sight range."""
    obs[at] = first
    obs[at + 1] = rel[1, j]
    obs[at + 2] = rel[2, j]
    obs[at + 3] = rel[3, j]


@kernel
def write_body(
    c: Array,
    f: Array,
    u: Array,
    table: Array,
    j: int,
    health: int,
    shield: int,
    obs: Array,
    at: int,
) -> int:
    """Write [health, [shield]], [type bits] of unit ``j``; return the next index."""
    if health:
        obs[at] = table[j, T.HEALTH] / u[D.HEALTH_MAX, j]
        at += 1
        if shield:
            if u[D.SHIELD_MAX, j] > 0.0:
                obs[at] = table[j, T.SHIELD] / u[D.SHIELD_MAX, j]
            at += 1
    if c[D.BITS]:
        obs[at + int(u[D.KIND, j])] = 1.0
        at += c[D.BITS]
    return at


@kernel
def write_enemies(
    c: Array, f: Array, u: Array, table: Array, rel: Array, avail: Array, obs: Array, at: int
) -> int:
    """Write the enemies' part of an observation; return the next index."""
    n = c[D.N]
    for j in range(n, n + c[D.E]):
        if rel[0, j] < T.SIGHT_RANGE and table[j, T.HEALTH] > 0.0:
            write_relative(rel, j, float(avail[T.NO_ATTACK + j - n]), obs, at)
            write_body(c, f, u, table, j, c[D.ALL_HEALTH], c[D.SHIELD_ENEMY], obs, at + 4)
        at += c[D.NF_ENEMY]
    return at


@kernel
def write_allies(
    c: Array, f: Array, u: Array, table: Array, rel: Array, last: Array, i: int, obs: Array, at: int
) -> int:
    """Write the other agents' part of agent ``i``'s observation; return the next index."""
    for j in range(c[D.N]):
        if j == i:
            continue
        if rel[0, j] < T.SIGHT_RANGE and table[j, T.HEALTH] > 0.0:
            write_relative(rel, j, 1.0, obs, at)
            end = write_body(c, f, u, table, j, c[D.ALL_HEALTH], c[D.SHIELD_ALLY], obs, at + 4)
            if c[D.OBS_LAST] and last[j] >= 0:
                obs[end + last[j]] = 1.0
        at += c[D.NF_ALLY]
    return at


@inner_kernel
def write_obs_agent(
    c: Array,
    f: Array,
    u: Array,
    pathing: Array,
    height: Array,
    table: Array,
    rel: Array,
    last: Array,
    avail: Array,
    time: float,
    i: int,
    obs: Array,
) -> None:
    """Write the observation of agent ``i``, float32 (O,).

    ``avail`` is its availability, ``time`` step / limit.
    """
    obs[:] = 0.0
    if c[D.OBS_TIME]:
        obs[c[D.O] - 1] = time
    if table[i, T.HEALTH] <= 0.0:
        return
    for k in range(4):
        obs[k] = avail[2 + k]
    at = 4
    if c[D.PATHING] or c[D.HEIGHT]:
        at = write_surroundings(c, f, u, pathing, height, table, i, obs)
    at = write_enemies(c, f, u, table, rel, avail, obs, at)
    at = write_allies(c, f, u, table, rel, last, i, obs, at)
    write_body(c, f, u, table, i, c[D.OWN_HEALTH], c[D.SHIELD_ALLY], obs, at)


@inner_kernel
def look(
    c: Array,
    f: Array,
    u: Array,
    pathing: Array,
    height: Array,
    table: Array,
    last: Array,
    time: float,
    rel: Array,
    avail: Array,
    obs: Array,
) -> None:
    """Write availability, uint8 (N, A), and observations, float32 (N, O), of all agents."""
    for i in range(c[D.N]):
        measure(table, i, rel)
        write_avail_agent(c, f, u, pathing, table, rel, i, avail[i])
        write_obs_agent(c, f, u, pathing, height, table, rel, last, avail[i], time, i, obs[i])
