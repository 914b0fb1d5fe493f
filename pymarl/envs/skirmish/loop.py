"""One game loop and the beginning of an episode.

Order within a loop: what is on its way arrives; every unit decides (in index order) and strikes or
sets its
displacement; displacements, then collisions, are carried out; answers to attacks; regeneration;
deaths.
"""

import numpy as np

from pymarl.envs.skirmish import constants as K
from pymarl.envs.skirmish import layout as L
from pymarl.envs.skirmish.contact import collide
from pymarl.envs.skirmish.damage import deaths, effects
from pymarl.envs.skirmish.motion import advance
from pymarl.envs.skirmish.orders import attack_target, drift, heal, order_enemies, walk
from pymarl.envs.skirmish.rng import Rng, uniform
from pymarl.envs.skirmish.state import F64, I64, Cells, Grid, Hops, State, World
from pymarl.envs.skirmish.targets import acquire, respond
from pymarl.envs.skirmish.weapons import fight

from pymarl.envs.smac import table as T  # isort: skip
from pymarl.envs.smac.jit import cold_kernel, kernel  # isort: skip


@kernel
def decide(
    F: F64,
    Z: I64,
    C: I64,
    P: F64,
    Q: I64,
    M: I64,
    cell: Cells,
    hops: Hops,
    rng: Rng,
    e: int,
    i: int,
) -> None:
    """Let unit ``i`` count its timers, choose a target and act."""
    F[L.CD, i] = max(F[L.CD, i] - 1.0, 0.0)
    F[L.BS, i] = max(F[L.BS, i] - 1.0, 0.0)
    Z[L.POSE, i] = L.STANDING
    if P[L.ACCEL, i] <= 0.0:
        F[L.VX, i] = 0.0
        F[L.VY, i] = 0.0
    if Q[L.HEALER, i]:
        heal(F, Z, P, Q, M, cell, hops, i)
    else:
        order = Z[L.ORDER, i]
        if not Q[L.PASSIVE, i] and (order == L.IDLE or order == L.ATTACK_MOVE):
            acquire(F, Z, C, P, Q, M, i)
        t = attack_target(F, Z, P, Q, M, i)
        if t >= 0:
            fight(F, Z, P, Q, M, cell, hops, rng, e, i, t)
        elif Z[L.PHASE, i] == 1:
            Z[L.PHASE, i] = 0
            F[L.CD, i] = 0.0
        else:
            walk(F, Z, P, Q, M, cell, hops, i)
    if Z[L.POSE, i] != L.WALKING:
        drift(F, P, Q, M, i)


@kernel
def regenerate(F: F64, Z: I64, P: F64, Q: I64, M: I64) -> None:
    """Shields after ten quiet seconds, zerg health and energy always."""
    for i in range(M[L.M_UNITS]):
        if not Z[L.ALIVE, i] or F[L.HP, i] <= 0.0:
            continue
        if F[L.SHT, i] > 0.0:
            F[L.SHT, i] -= 1.0
        elif F[L.SH, i] < P[L.SH_MAX, i]:
            F[L.SH, i] = min(F[L.SH, i] + K.SHIELD_REGEN, P[L.SH_MAX, i])
        if P[L.HP_REGEN, i] > 0.0:
            F[L.HP, i] = min(F[L.HP, i] + P[L.HP_REGEN, i], P[L.HP_MAX, i])
        if P[L.EN_MAX, i] > 0.0:
            F[L.EN, i] = min(F[L.EN, i] + K.ENERGY_REGEN, P[L.EN_MAX, i])


@kernel
def game_loop(
    F: F64,
    Z: I64,
    C: I64,
    G: F64,
    P: F64,
    Q: I64,
    M: I64,
    grid: Grid,
    cell: Cells,
    hops: Hops,
    rng: Rng,
    e: int,
) -> None:
    """Advance one environment by one game loop."""
    if not C[L.ORDERED] and C[L.LOOP] >= M[L.M_AFTER]:
        order_enemies(F, Z, C, G, P, Q, M)
    effects(F, Z, P, Q, M)
    for i in range(M[L.M_UNITS]):
        if Z[L.ALIVE, i]:
            decide(F, Z, C, P, Q, M, cell, hops, rng, e, i)
    advance(F, Z, P, Q, M, grid)
    collide(F, Z, P, Q, M, grid)
    respond(F, Z, P, Q, M)
    regenerate(F, Z, P, Q, M)
    deaths(F, Z, P, Q, M)
    C[L.LOOP] += 1


@cold_kernel
def begin_episode(s: State, w: World, e: int, seed_word: np.uint64) -> None:
    """Put environment ``e`` at the start of an episode.

    Facings and the order's point come from the seed.
    """
    F, Z, C, G = s.F[e], s.Z[e], s.C[e], s.G[e]
    F[:] = 0.0
    Z[:] = 0
    C[:] = 0
    s.rng[e] = seed_word
    for i in range(w.M[L.M_UNITS]):
        F[L.X, i] = w.start[i, 0]
        F[L.Y, i] = w.start[i, 1]
        F[L.HP, i] = w.P[L.HP_MAX, i]
        F[L.SH, i] = w.P[L.SH_MAX, i]
        F[L.EN, i] = w.P[L.EN_START, i]
        k = int(uniform(s.rng, e) * w.facings.shape[0])
        F[L.FX, i] = w.facings[k, 0]
        F[L.FY, i] = w.facings[k, 1]
        Z[L.ALIVE, i] = 1
        Z[L.OT, i] = -1
        Z[L.AT, i] = -1
        Z[L.MT, i] = -1
        Z[L.HTT, i] = -1
        Z[L.BLK, i] = -1
        Z[L.HURT, i] = -1
    share = uniform(s.rng, e) if w.M[L.M_ORDER] == 2 else 0.0
    G[L.TX] = w.order[0, 0] + (w.order[1, 0] - w.order[0, 0]) * share
    G[L.TY] = w.order[0, 1] + (w.order[1, 1] - w.order[0, 1]) * share


@cold_kernel
def write_table(s: State, w: World, table: F64, e: int) -> None:
    """Copy what an observer of the game sees of environment ``e`` to its unit table (U, 6)."""
    F, Z = s.F[e], s.Z[e]
    for i in range(w.M[L.M_UNITS]):
        if Z[L.ALIVE, i]:
            table[i, T.X] = F[L.X, i]
            table[i, T.Y] = F[L.Y, i]
            table[i, T.HEALTH] = F[L.HP, i]
            table[i, T.SHIELD] = F[L.SH, i]
            table[i, T.ENERGY] = F[L.EN, i]
            table[i, T.COOLDOWN] = F[L.CD, i]
        else:
            # The game drops dead units; SMAC keeps their last position and sets health to 0.
            table[i, T.HEALTH] = 0.0
            table[i, T.SHIELD] = 0.0
