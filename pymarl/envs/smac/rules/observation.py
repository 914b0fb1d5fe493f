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

from pymarl.envs.smac.rules import availability as V
from pymarl.envs.smac.rules import features as D
from pymarl.envs.smac.rules import unit_table as T
from pymarl.kernels.simulator_jit import inner_kernel, kernel

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
def write_body(
    c: Array, u: Array, rel: Array, j: int, health: int, shield: int, part: Array, at: int
) -> int:
    """Write [health, [shield]], [type bits] of unit ``j`` from ``at`` on; return the next index."""
    if health:
        part[at] = rel[V.HEALTH, j]
        at += 1
        if shield:
            part[at] = rel[V.SHIELD, j]
            at += 1
    if c[D.BITS]:
        part[at + int(u[D.KIND, j])] = 1.0
        at += c[D.BITS]
    return at


@kernel
def write_enemies(c: Array, u: Array, rel: Array, avail: Array, obs: Array, at: int) -> int:
    """Write the enemies' part of an observation; return the next index."""
    n, size = c[D.N], c[D.NF_ENEMY]
    end = at + c[D.E] * size
    parts = obs[at:end].reshape((c[D.E], size))
    attacks = avail[T.NO_ATTACK :]
    for k in range(c[D.E]):
        j = n + k
        # Dead units are far away, see ``prepare``.
        if rel[V.DISTANCE, j] < T.SIGHT_RANGE:
            part = parts[k]
            part[0] = attacks[k]
            part[1] = rel[V.SHARE, j]
            part[2] = rel[V.DX, j]
            part[3] = rel[V.DY, j]
            write_body(c, u, rel, j, c[D.ALL_HEALTH], c[D.SHIELD_ENEMY], part, 4)
    return int(end)


@kernel
def write_allies(c: Array, u: Array, rel: Array, last: Array, i: int, obs: Array, at: int) -> int:
    """Write the other agents' part of agent ``i``'s observation; return the next index."""
    size = c[D.NF_ALLY]
    end = at + (c[D.N] - 1) * size
    parts = obs[at:end].reshape((c[D.N] - 1, size))
    for j in range(c[D.N]):
        if j != i and rel[V.DISTANCE, j] < T.SIGHT_RANGE:
            part = parts[j if j < i else j - 1]
            part[0] = 1.0
            part[1] = rel[V.SHARE, j]
            part[2] = rel[V.DX, j]
            part[3] = rel[V.DY, j]
            after = write_body(c, u, rel, j, c[D.ALL_HEALTH], c[D.SHIELD_ALLY], part, 4)
            if c[D.OBS_LAST] and last[j] >= 0:
                part[after + last[j]] = 1.0
    return int(end)


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
    """Write availability, uint8 (A,), and observation, float32 (O,), of agent ``i``.

    ``time`` is step / limit; ``rel`` is prepared.
    """
    obs[:] = 0.0
    if c[D.OBS_TIME]:
        obs[c[D.O] - 1] = time
    if table[i, T.HEALTH] <= 0.0:
        avail[:] = 0
        avail[0] = 1
        return
    V.measure(i, rel)
    V.write_avail_agent(c, f, u, pathing, table, rel, i, avail)
    for k in range(4):
        obs[k] = avail[2 + k]
    at = 4
    if c[D.PATHING] or c[D.HEIGHT]:
        at = write_surroundings(c, f, u, pathing, height, table, i, obs)
    at = write_enemies(c, u, rel, avail, obs, at)
    at = write_allies(c, u, rel, last, i, obs, at)
    write_body(c, u, rel, i, c[D.OWN_HEALTH], c[D.SHIELD_ALLY], obs, at)


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
    V.prepare(u, table, rel)
    for i in range(c[D.N]):
        write_obs_agent(c, f, u, pathing, height, table, rel, last, avail[i], time, i, obs[i])
