"""Path finding: shortest paths between all walkable cells, straightened where lines are free.

Computed once per map. Maps whose walkable ground is a rectangle need no table: every straight line
is free there.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pymarl.kernels.simulator_jit import setup_kernel

MAX_CELLS = 4096
"""Most walkable cells of a map that is no rectangle; the tables have their square entries."""
CLEARANCE = 0.3
"""Chosen: a line is free when it and its parallels at this distance stay on walkable cells."""
_SAMPLE = 0.2

Cells = NDArray[np.int32]
Hops = NDArray[np.int16]


class Paths(NamedTuple):
    """Path tables of one grid; cells are numbered 0..K-1.

    Attributes:
        open: True when straight lines never leave the walkable ground (then ``hops`` is empty).
        cell: int32 (H, W), number of the nearest reachable walkable cell.
        hops: uint16 (2, K, K), map cells (y * W + x) on the path from cell [a] to [b]: [0] the
            farthest one that a straight line from a reaches, [1] the next one; b itself where
            there is no path.
    """

    open: bool
    cell: Cells
    hops: NDArray[np.uint16]


def find_paths(grid: NDArray[np.bool_], seeds: list[tuple[int, int]]) -> Paths:
    """Return the path tables of the cells of ``grid`` that connect to the ``seeds`` (y, x).

    Raises:
        ValueError: more than ``MAX_CELLS`` cells, and they are not a rectangle.
    """
    reach = reachable(grid, seeds)
    ys, xs = np.nonzero(reach)
    if len(ys) and len(ys) == (np.ptp(ys) + 1) * (np.ptp(xs) + 1):
        return Paths(True, np.zeros(grid.shape, np.int32), np.zeros((2, 1, 1), np.uint16))
    if len(ys) > MAX_CELLS:
        raise ValueError(f"{len(ys)} reachable cells that are not a rectangle; at most {MAX_CELLS}")
    centre = np.stack([xs + 0.5, ys + 0.5], axis=1)
    index = np.full(grid.shape, -1, np.int32)
    index[ys, xs] = np.arange(len(ys))
    parent = _shortest(index, xs.astype(np.int64), ys.astype(np.int64))
    visible = _visible(reach.astype(np.uint8), centre)
    hop = _tighten(parent, visible)
    code = (ys * grid.shape[1] + xs).astype(np.uint16)
    goal = np.broadcast_to(np.arange(len(ys)), parent.shape)
    hops = np.stack([code[np.where(table < 0, goal, table)] for table in (hop, parent)])
    return Paths(bool(visible.all()), _nearest_cell(index, xs, ys), hops)


def reachable(grid: NDArray[np.bool_], seeds: list[tuple[int, int]]) -> NDArray[np.bool_]:
    """Return the cells of ``grid`` that can be walked to from any of the ``seeds``."""
    reach = np.zeros_like(grid)
    stack = [seed for seed in seeds if grid[seed]]
    while stack:
        y, x = stack.pop()
        if reach[y, x]:
            continue
        reach[y, x] = True
        for ny, nx in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
            inside = 0 <= ny < grid.shape[0] and 0 <= nx < grid.shape[1]
            if inside and grid[ny, nx] and not reach[ny, nx]:
                stack.append((ny, nx))
    return reach


def largest_part(grid: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the largest connected part of a grid (H, W) of 0 and 1; the first of equals."""
    rest, best = grid.astype(np.bool_), np.zeros(grid.shape, np.bool_)
    while rest.any():
        y, x = np.argwhere(rest)[0]
        part = reachable(rest, [(int(y), int(x))])
        rest &= ~part
        if part.sum() > best.sum():
            best = part
    return best.astype(np.uint8)


def _nearest_cell(index: Cells, xs: NDArray[np.intp], ys: NDArray[np.intp]) -> Cells:
    """Return for every map cell the number of the nearest numbered cell (itself when it is one)."""
    out = index.copy()
    for y, x in zip(*np.nonzero(index < 0), strict=True):
        out[y, x] = int(np.argmin((ys - y) ** 2 + (xs - x) ** 2))
    return out


class _Search(NamedTuple):
    """The memory of the search for the shortest paths to one goal.

    Attributes:
        numbers: int32 (H, W), number of each cell, -1: not walkable. xs, ys: int64 (K,) cells.
        parent: int16 (K, K), the next cell on the way from [a] to goal [b]; the result.
        cost: float64 (K,), length of the best path that is known.
        queue: int64 (K,), ring of cells whose neighbours have to be looked at.
        waiting: uint8 (K,), which cells are in the queue.
    """

    numbers: Cells
    xs: NDArray[np.int64]
    ys: NDArray[np.int64]
    parent: Hops
    cost: NDArray[np.float64]
    queue: NDArray[np.int64]
    waiting: NDArray[np.uint8]


@setup_kernel
def _shortest(index: Cells, xs: NDArray[np.int64], ys: NDArray[np.int64]) -> Hops:
    """Return parents of the shortest 8-neighbour paths to every goal (no cutting of corners)."""
    count = xs.shape[0]
    parent = np.full((count, count), -1, np.int16)
    cost = np.empty(count)
    queue = np.empty(count, np.int64)
    waiting = np.zeros(count, np.uint8)
    search = _Search(index, xs, ys, parent, cost, queue, waiting)
    for goal in range(count):
        cost[:] = 1e18
        cost[goal] = 0.0
        parent[goal, goal] = goal
        queue[0] = goal
        head, size = 0, 1
        while size > 0:
            a = queue[head]
            head = (head + 1) % count
            size -= 1
            waiting[a] = 0
            size = _relax(search, goal, a, head, size)
    return parent


@setup_kernel
def _relax(search: _Search, goal: int, a: int, head: int, size: int) -> int:
    """Offer the path through cell ``a`` to its neighbours; return the new size of the queue."""
    index, xs, ys, cost = search.numbers, search.xs, search.ys, search.cost
    height, width = index.shape
    for dy in range(-1, 2):
        for dx in range(-1, 2):
            y, x = ys[a] + dy, xs[a] + dx
            if not (0 <= y < height and 0 <= x < width) or index[y, x] < 0:
                continue
            # A diagonal step needs both cells beside it.
            if dx != 0 and dy != 0 and (index[ys[a], x] < 0 or index[y, xs[a]] < 0):
                continue
            b = index[y, x]
            through = cost[a] + math.sqrt(float(dx * dx + dy * dy))
            if through < cost[b] - 1e-9:
                cost[b] = through
                search.parent[b, goal] = a
                if not search.waiting[b]:
                    search.waiting[b] = 1
                    search.queue[(head + size) % search.queue.shape[0]] = b
                    size += 1
    return size


@setup_kernel
def _free_line(grid: NDArray[np.uint8], ax: float, ay: float, bx: float, by: float) -> bool:
    """Return whether the line from a to b and its two parallels stay on walkable cells."""
    dx, dy = bx - ax, by - ay
    d = math.sqrt(dx * dx + dy * dy)
    steps = int(d / _SAMPLE) + 1
    ox, oy = -dy / d * CLEARANCE, dx / d * CLEARANCE
    for k in range(steps + 1):
        px = ax + dx * k / steps
        py = ay + dy * k / steps
        if not grid[int(py + oy), int(px + ox)] or not grid[int(py - oy), int(px - ox)]:
            return False
    return True


@setup_kernel
def _visible(grid: NDArray[np.uint8], centre: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return uint8 (K, K): 1 where the straight line between two cells is free."""
    count = centre.shape[0]
    out = np.ones((count, count), np.uint8)
    for a in range(count):
        for b in range(a + 1, count):
            free = _free_line(grid, centre[a, 0], centre[a, 1], centre[b, 0], centre[b, 1])
            out[a, b] = free
            out[b, a] = free
    return out


@setup_kernel
def _tighten(parent: Hops, visible: NDArray[np.uint8]) -> Hops:
    """Return the farthest visible cell along each path (at least the next one)."""
    count = parent.shape[0]
    hop = np.full((count, count), -1, np.int16)
    for goal in range(count):
        for a in range(count):
            c = parent[a, goal]
            if c < 0:
                continue
            while c != goal and visible[a, parent[c, goal]]:
                c = parent[c, goal]
            hop[a, goal] = c
    return hop
