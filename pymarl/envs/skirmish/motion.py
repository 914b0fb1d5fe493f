"""Moving: the way around terrain, walking around blockers, air inertia, sliding along walls."""

import math

from pymarl.envs.skirmish import constants as K
from pymarl.envs.skirmish import layout as L
from pymarl.envs.skirmish.state import F64, I64, Cells, Grid, Hops

from pymarl.envs.smac.jit import cold_kernel, kernel  # isort: skip


@kernel
def walkable(P: F64, Q: I64, M: I64, grid: Grid, i: int, x: float, y: float) -> bool:
    """Return whether unit ``i`` may stand at (x, y).

    Its cell is walkable, or it flies inside the playable area.
    """
    if not (P[L.WEST, i] <= x < P[L.EAST, i] and P[L.SOUTH, i] <= y < P[L.NORTH, i]):
        return False
    kind = Q[L.NAV, i]
    return bool(kind == 2 or grid[kind, int(y), int(x)] != 0)


@kernel
def shift(F: F64, P: F64, Q: I64, M: I64, grid: Grid, i: int, dx: float, dy: float) -> None:
    """Move unit ``i`` by (dx, dy), or along the wall when that is blocked, or not at all."""
    x, y = F[L.X, i], F[L.Y, i]
    if walkable(P, Q, M, grid, i, x + dx, y + dy):
        F[L.X, i] = x + dx
        F[L.Y, i] = y + dy
    elif walkable(P, Q, M, grid, i, x + dx, y):
        F[L.X, i] = x + dx
    elif walkable(P, Q, M, grid, i, x, y + dy):
        F[L.Y, i] = y + dy


@cold_kernel
def waypoint(
    F: F64, Z: I64, M: I64, cell: Cells, hops: Hops, kind: int, i: int, gx: float, gy: float
) -> tuple[float, float]:
    """Return the point to walk to next on the way to (gx, gy) on the grid ``kind``."""
    width = M[L.M_WIDTH]
    bx = min(max(int(gx), 0), width - 1)
    by = min(max(int(gy), 0), M[L.M_HEIGHT] - 1)
    a = cell[kind, int(F[L.Y, i]), int(F[L.X, i])]
    b = cell[kind, by, bx]
    if a == b:
        return gx, gy
    stuck = 1 if Z[L.STUCK, i] > 0 else 0
    c = int(hops[kind, stuck, a, b])
    x, y = c % width, c // width
    if cell[kind, y, x] == b:
        return gx, gy
    return x + 0.5, y + 0.5


@kernel
def sidestep(F: F64, Z: I64, i: int, t: int, ux: float, uy: float) -> tuple[float, float]:
    """Return the direction (ux, uy), turned along the last loop's blocker when it is in front.

    The side is the one nearer to the wanted direction and is remembered, so that units flow around
    each other
    instead of trembling.
    """
    b = Z[L.BLK, i]
    if b < 0 or b == t or not Z[L.ALIVE, b]:
        if Z[L.TURN, i] != 0:
            Z[L.TURN, i] += 1 if Z[L.TURN, i] < 0 else -1
        return ux, uy
    nx = F[L.X, b] - F[L.X, i]
    ny = F[L.Y, b] - F[L.Y, i]
    d = math.sqrt(nx * nx + ny * ny)
    if d <= 0.0 or ux * nx + uy * ny <= 0.0:
        return ux, uy
    nx /= d
    ny /= d
    if Z[L.TURN, i] == 0:
        cross = nx * uy - ny * ux
        left = cross > 0.0 or (cross == 0.0 and i % 2 == 0)
        Z[L.TURN, i] = K.TURN_MEMORY if left else -K.TURN_MEMORY
    else:
        Z[L.TURN, i] = K.TURN_MEMORY if Z[L.TURN, i] > 0 else -K.TURN_MEMORY
    if Z[L.TURN, i] > 0:
        return -ny, nx
    return ny, -nx


@kernel
def glide(F: F64, P: F64, Q: I64, M: I64, i: int, wx: float, wy: float) -> None:
    """Change the velocity of an air unit towards (wx, wy), limited by its acceleration."""
    ax = wx - F[L.VX, i]
    ay = wy - F[L.VY, i]
    a = math.sqrt(ax * ax + ay * ay)
    limit = P[L.ACCEL, i]
    share = limit / a if a > limit else 1.0
    F[L.VX, i] += ax * share
    F[L.VY, i] += ay * share


@kernel
def go(
    F: F64,
    Z: I64,
    P: F64,
    Q: I64,
    M: I64,
    cell: Cells,
    hops: Hops,
    i: int,
    t: int,
    gx: float,
    gy: float,
    step: float,
) -> None:
    """Set the displacement of unit ``i`` for this loop.

    ``step`` at most, towards (gx, gy), around what blocks it.

    ``t`` is the unit it walks to (never a blocker of itself), -1 for a point.
    """
    kind = Q[L.NAV, i]
    px, py = gx, gy
    if kind != 2 and not M[L.M_OPEN + kind]:
        px, py = waypoint(F, Z, M, cell, hops, kind, i, gx, gy)
    dx = px - F[L.X, i]
    dy = py - F[L.Y, i]
    d = math.sqrt(dx * dx + dy * dy)
    if d <= 0.0:
        return
    ux, uy = sidestep(F, Z, i, t, dx / d, dy / d)
    Z[L.POSE, i] = L.WALKING
    if P[L.ACCEL, i] > 0.0:
        # Brake in time: v^2 = 2 a s.
        speed = min(P[L.SPEED, i], math.sqrt(2.0 * P[L.ACCEL, i] * d))
        glide(F, P, Q, M, i, ux * speed, uy * speed)
    else:
        F[L.VX, i] = ux * step
        F[L.VY, i] = uy * step


@kernel
def advance(F: F64, Z: I64, P: F64, Q: I64, M: I64, grid: Grid) -> None:
    """Carry out the displacements of all units and note which ones terrain stopped."""
    for i in range(M[L.M_UNITS]):
        if not Z[L.ALIVE, i]:
            continue
        vx, vy = F[L.VX, i], F[L.VY, i]
        if vx == 0.0 and vy == 0.0:
            continue
        x, y = F[L.X, i], F[L.Y, i]
        shift(F, P, Q, M, grid, i, vx, vy)
        mx = F[L.X, i] - x
        my = F[L.Y, i] - y
        wanted = K.STUCK_SHARE * K.STUCK_SHARE * (vx * vx + vy * vy)
        if mx * mx + my * my < wanted:
            Z[L.STUCK, i] = K.STUCK_LOOPS
        elif Z[L.STUCK, i] > 0:
            Z[L.STUCK, i] -= 1
