"""Moving: the way around terrain, walking around blockers, air inertia, sliding along walls."""

import math

from pymarl.envs.skirmish.engine import constants as K
from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.state import F64, I64, Cells, Grid, Hops

from pymarl.kernels.simulator_jit import inner_kernel, kernel  # isort: skip


@kernel
def walkable(P: F64, Q: I64, M: I64, grid: Grid, i: int, x: float, y: float) -> bool:
    """Return whether unit ``i`` may stand at (x, y).

    Its cell is walkable, or it flies inside the playable area.
    """
    if not (P[i, L.WEST] <= x < P[i, L.EAST] and P[i, L.SOUTH] <= y < P[i, L.NORTH]):
        return False
    kind = Q[i, L.NAV]
    return bool(kind == 2 or grid[kind, int(y), int(x)] != 0)


@kernel
def shift(F: F64, P: F64, Q: I64, M: I64, grid: Grid, i: int, dx: float, dy: float) -> None:
    """Move unit ``i`` by (dx, dy), or along the wall when that is blocked, or not at all."""
    x, y = F[i, L.X], F[i, L.Y]
    if walkable(P, Q, M, grid, i, x + dx, y + dy):
        F[i, L.X] = x + dx
        F[i, L.Y] = y + dy
    elif walkable(P, Q, M, grid, i, x + dx, y):
        F[i, L.X] = x + dx
    elif walkable(P, Q, M, grid, i, x, y + dy):
        F[i, L.Y] = y + dy


@inner_kernel
def waypoint(
    F: F64, Z: I64, M: I64, cell: Cells, hops: Hops, kind: int, i: int, gx: float, gy: float
) -> tuple[float, float]:
    """Return the point to walk to next on the way to (gx, gy) on the grid ``kind``."""
    width = M[L.M_WIDTH]
    bx = min(max(int(gx), 0), width - 1)
    by = min(max(int(gy), 0), M[L.M_HEIGHT] - 1)
    a = cell[kind, int(F[i, L.Y]), int(F[i, L.X])]
    b = cell[kind, by, bx]
    if a == b:
        return gx, gy
    stuck = 1 if Z[i, L.STUCK] > 0 else 0
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
    b = Z[i, L.BLK]
    if b < 0 or b == t or not Z[b, L.ALIVE]:
        if Z[i, L.TURN] != 0:
            Z[i, L.TURN] += 1 if Z[i, L.TURN] < 0 else -1
        return ux, uy
    nx = F[b, L.X] - F[i, L.X]
    ny = F[b, L.Y] - F[i, L.Y]
    d = math.sqrt(nx * nx + ny * ny)
    if d <= 0.0 or ux * nx + uy * ny <= 0.0:
        return ux, uy
    nx /= d
    ny /= d
    if Z[i, L.TURN] == 0:
        cross = nx * uy - ny * ux
        left = cross > 0.0 or (cross == 0.0 and i % 2 == 0)
        Z[i, L.TURN] = K.TURN_MEMORY if left else -K.TURN_MEMORY
    else:
        Z[i, L.TURN] = K.TURN_MEMORY if Z[i, L.TURN] > 0 else -K.TURN_MEMORY
    if Z[i, L.TURN] > 0:
        return -ny, nx
    return ny, -nx


@kernel
def glide(F: F64, P: F64, Q: I64, M: I64, i: int, wx: float, wy: float) -> None:
    """Change the velocity of an air unit towards (wx, wy), limited by its acceleration."""
    ax = wx - F[i, L.VX]
    ay = wy - F[i, L.VY]
    a = math.sqrt(ax * ax + ay * ay)
    limit = P[i, L.ACCEL]
    share = limit / a if a > limit else 1.0
    F[i, L.VX] += ax * share
    F[i, L.VY] += ay * share


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
    kind = Q[i, L.NAV]
    px, py = gx, gy
    if kind != 2 and not M[L.M_OPEN + kind]:
        px, py = waypoint(F, Z, M, cell, hops, kind, i, gx, gy)
    dx = px - F[i, L.X]
    dy = py - F[i, L.Y]
    d = math.sqrt(dx * dx + dy * dy)
    if d <= 0.0:
        return
    ux, uy = sidestep(F, Z, i, t, dx / d, dy / d)
    Z[i, L.POSE] = L.WALKING
    if P[i, L.ACCEL] > 0.0:
        # Brake in time: v^2 = 2 a s.
        speed = min(P[i, L.SPEED], math.sqrt(2.0 * P[i, L.ACCEL] * d))
        glide(F, P, Q, M, i, ux * speed, uy * speed)
    else:
        F[i, L.VX] = ux * step
        F[i, L.VY] = uy * step


@kernel
def advance(F: F64, Z: I64, P: F64, Q: I64, M: I64, grid: Grid) -> None:
    """Carry out the displacements of all units and note which ones terrain stopped."""
    for i in range(M[L.M_UNITS]):
        if not Z[i, L.ALIVE]:
            continue
        vx, vy = F[i, L.VX], F[i, L.VY]
        if vx == 0.0 and vy == 0.0:
            continue
        x, y = F[i, L.X], F[i, L.Y]
        shift(F, P, Q, M, grid, i, vx, vy)
        mx = F[i, L.X] - x
        my = F[i, L.Y] - y
        wanted = K.STUCK_SHARE * K.STUCK_SHARE * (vx * vx + vy * vy)
        if mx * mx + my * my < wanted:
            Z[i, L.STUCK] = K.STUCK_LOOPS
        elif Z[i, L.STUCK] > 0:
            Z[i, L.STUCK] -= 1
