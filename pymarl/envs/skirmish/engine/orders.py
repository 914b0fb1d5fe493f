"""Orders: agents' commands, the enemies' order, and what they do when nothing is attacked."""

import math

import numpy as np

from pymarl.envs.skirmish.engine import constants as K
from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.movement import glide, go
from pymarl.envs.skirmish.engine.state import F64, I64, Cells, Hops
from pymarl.envs.skirmish.engine.target_selection import can_hit

from pymarl.envs.smac.rules.actions import (  # isort: skip
    FIRST_TARGET, MOVE_EAST, MOVE_NORTH, MOVE_SOUTH, NO_OP, STOP,
)  # fmt: skip
from pymarl.envs.smac.rules.unit_table import UnitTable  # isort: skip
from pymarl.kernels.simulator_jit import inner_kernel, kernel  # isort: skip


@inner_kernel
def give(F: F64, Z: I64, i: int, order: int, target: int, x: float, y: float) -> None:
    """Replace the order of unit ``i``; the same attack or heal order again changes nothing.

    A new order cancels a wind-up (and its cooldown) and ends a backswing.
    """
    if order == Z[i, L.ORDER] and target == Z[i, L.OT] and (target >= 0 or order == L.IDLE):
        return
    if Z[i, L.PHASE] == 1:
        Z[i, L.PHASE] = 0
        F[i, L.CD] = 0.0
    F[i, L.BS] = 0.0
    Z[i, L.ORDER] = order
    Z[i, L.OT] = target
    Z[i, L.AT] = -1
    F[i, L.OX] = x
    F[i, L.OY] = y
    Z[i, L.STUCK] = 0


@inner_kernel
def command(
    F: F64, Z: I64, P: F64, Q: I64, M: I64, table: UnitTable, i: int, action: int, amount: float
) -> None:
    """Turn SMAC's action of agent ``i`` into an order; orders the game would refuse change nothing.

    Move goals are ``amount`` from the position of the last observation, in float32 as a protobuf
    carries them.
    """
    if action <= NO_OP or not Z[i, L.ALIVE]:
        return
    if action == STOP:
        give(F, Z, i, L.IDLE, -1, 0.0, 0.0)
    elif action < FIRST_TARGET:
        x, y = np.float64(table[i].x), np.float64(table[i].y)
        if action == MOVE_NORTH:
            y += amount
        elif action == MOVE_SOUTH:
            y -= amount
        elif action == MOVE_EAST:
            x += amount
        else:
            x -= amount
        give(F, Z, i, L.MOVE, -1, np.float64(np.float32(x)), np.float64(np.float32(y)))
    elif Q[i, L.HEALER]:
        heal_order(F, Z, P, Q, M, i, action - FIRST_TARGET)
    else:
        t = action - FIRST_TARGET + M[L.M_AGENTS]
        if Z[t, L.ALIVE] and can_hit(P, Q, M, i, t):
            give(F, Z, i, L.ATTACK, t, 0.0, 0.0)


@inner_kernel
def can_heal(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int, t: int) -> bool:
    """Return whether ``t`` is a living, damaged, biological unit on the ground other than ``i``."""
    return (
        t != i
        and Z[t, L.ALIVE] != 0
        and (Q[t, L.ATTRS] & L.BIOLOGICAL) != 0
        and F[t, L.HP] < P[t, L.HP_MAX]
        and Q[t, L.STRUCTURE] == 0
    )


@inner_kernel
def heal_order(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int, t: int) -> None:
    """Order unit ``i`` to heal ``t`` when the game would accept it."""
    if can_heal(F, Z, P, Q, M, i, t) and F[i, L.EN] > 0.0:
        give(F, Z, i, L.HEAL, t, 0.0, 0.0)


@inner_kernel
def next_victim(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int) -> int:
    """Return the nearest living agent to enemy ``i`` (the "attack these units" order), or -1."""
    best = -1
    best_d2 = 1e18
    for j in range(M[L.M_AGENTS]):
        dx = F[j, L.X] - F[i, L.X]
        dy = F[j, L.Y] - F[i, L.Y]
        d2 = dx * dx + dy * dy
        if Z[j, L.ALIVE] and d2 < best_d2 and can_hit(P, Q, M, i, j):
            best_d2 = d2
            best = j
    return best


@inner_kernel
def order_enemies(F: F64, Z: I64, C: I64, G: F64, P: F64, Q: I64, M: I64) -> None:
    """Give the map's order to all armed enemies.

    For others (medivacs) it is invalid and they stay idle.
    """
    C[L.ORDERED] = 1
    kind = M[L.M_ORDER]
    for i in range(M[L.M_AGENTS], M[L.M_UNITS]):
        if kind == 0 or not Z[i, L.ALIVE] or Q[i, L.WEAPON] == L.UNARMED:
            continue
        if kind == 3:
            t = next_victim(F, Z, P, Q, M, i)
            if t >= 0:
                give(F, Z, i, L.ATTACK, t, 0.0, 0.0)
        elif P[i, L.SPEED] > 0.0:
            give(F, Z, i, L.ATTACK_MOVE, -1, G[L.TX], G[L.TY])


@kernel
def attack_target(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int) -> int:
    """Return whom ``i`` attacks: its order's target, else the one it acquired, else -1."""
    if Z[i, L.ORDER] != L.ATTACK:
        return int(Z[i, L.AT])
    t = int(Z[i, L.OT])
    if Z[t, L.ALIVE]:
        return t
    t = next_victim(F, Z, P, Q, M, i) if M[L.M_ORDER] == 3 and Q[i, L.SIDE] == 1 else -1
    if t >= 0:
        give(F, Z, i, L.ATTACK, t, 0.0, 0.0)
    else:
        give(F, Z, i, L.IDLE, -1, 0.0, 0.0)
    return t


@kernel
def walk(F: F64, Z: I64, P: F64, Q: I64, M: I64, cell: Cells, hops: Hops, i: int) -> None:
    """Follow a move or attack-move order.

    The unit becomes idle at its goal or where a crowd has arrived.
    """
    order = Z[i, L.ORDER]
    if order != L.MOVE and order != L.ATTACK_MOVE:
        return
    dx = F[i, L.OX] - F[i, L.X]
    dy = F[i, L.OY] - F[i, L.Y]
    d = math.sqrt(dx * dx + dy * dy)
    done = d <= (K.ARRIVE_MOVE if order == L.MOVE else K.ARRIVE_ATTACK)
    if not done and order == L.ATTACK_MOVE and d <= K.CROWD_RADIUS:
        b = Z[i, L.BLK]
        done = b >= 0 and Z[b, L.ORDER] == L.IDLE and Q[b, L.SIDE] == Q[i, L.SIDE]
    if done:
        give(F, Z, i, L.IDLE, -1, 0.0, 0.0)
        return
    go(F, Z, P, Q, M, cell, hops, i, -1, F[i, L.OX], F[i, L.OY], min(P[i, L.SPEED], d))


@inner_kernel
def heal(F: F64, Z: I64, P: F64, Q: I64, M: I64, cell: Cells, hops: Hops, i: int) -> None:
    """A healer's loop: choose a patient (not when passive), close in, heal for energy."""
    t = Z[i, L.OT] if Z[i, L.ORDER] == L.HEAL else -1
    if t >= 0 and (not can_heal(F, Z, P, Q, M, i, t) or F[i, L.EN] <= 0.0):
        give(F, Z, i, L.IDLE, -1, 0.0, 0.0)
        t = -1
    if t < 0 and Z[i, L.ORDER] == L.IDLE and not Q[i, L.PASSIVE]:
        t = patient(F, Z, P, Q, M, i)
        if t >= 0:
            give(F, Z, i, L.HEAL, t, 0.0, 0.0)
    if t < 0:
        walk(F, Z, P, Q, M, cell, hops, i)
        return
    dx = F[t, L.X] - F[i, L.X]
    dy = F[t, L.Y] - F[i, L.Y]
    gap = math.sqrt(dx * dx + dy * dy) - P[i, L.RADIUS] - P[t, L.RADIUS]
    if gap > K.HEAL_RANGE + K.REACH:
        go(F, Z, P, Q, M, cell, hops, i, t, F[t, L.X], F[t, L.Y], P[i, L.SPEED])
    elif F[t, L.HP] > 0.0:
        missing = P[t, L.HP_MAX] - F[t, L.HP]
        points = min(min(K.HEAL_PER_LOOP, missing), F[i, L.EN] / K.ENERGY_PER_HP)
        F[t, L.HP] += points
        F[i, L.EN] -= points * K.ENERGY_PER_HP


@inner_kernel
def patient(F: F64, Z: I64, P: F64, Q: I64, M: I64, i: int) -> int:
    """Return the nearest friend that unit ``i`` would heal by itself, or -1."""
    if F[i, L.EN] < K.AUTOCAST_ENERGY:
        return -1
    low, high = (0, M[L.M_AGENTS]) if Q[i, L.SIDE] == 0 else (M[L.M_AGENTS], M[L.M_UNITS])
    best = -1
    best_gap = K.AUTOCAST_RANGE + K.REACH
    for j in range(low, high):
        if can_heal(F, Z, P, Q, M, i, j):
            dx = F[j, L.X] - F[i, L.X]
            dy = F[j, L.Y] - F[i, L.Y]
            gap = math.sqrt(dx * dx + dy * dy) - P[i, L.RADIUS] - P[j, L.RADIUS]
            if gap < best_gap:
                best_gap = gap
                best = j
    return best


@kernel
def drift(F: F64, P: F64, Q: I64, M: I64, i: int) -> None:
    """Stop a unit that goes nowhere: at once on the ground, by braking in the air."""
    if P[i, L.ACCEL] > 0.0:
        glide(F, P, Q, M, i, 0.0, 0.0)
    else:
        F[i, L.VX] = 0.0
        F[i, L.VY] = 0.0
