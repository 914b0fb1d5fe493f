"""One game loop and the beginning of an episode.

Order within a loop: what is on its way arrives; every unit decides (in index order) and strikes or
sets its
displacement; displacements, then collisions, are carried out; answers to attacks; regeneration;
deaths.
"""

import numpy as np

from pymarl.envs.skirmish.engine import constants as K
from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.collisions import collide
from pymarl.envs.skirmish.engine.damage import deaths, effects
from pymarl.envs.skirmish.engine.movement import advance
from pymarl.envs.skirmish.engine.orders import attack_target, drift, heal, order_enemies, walk
from pymarl.envs.skirmish.engine.rng import Rng, uniform
from pymarl.envs.skirmish.engine.state import F64, I64, Cells, Grid, Hops, State, World
from pymarl.envs.skirmish.engine.target_selection import acquire, gather, respond
from pymarl.envs.skirmish.engine.weapons import fight

from pymarl.envs.smac.rules.unit_table import UnitTable  # isort: skip
from pymarl.kernels.simulator_jit import cold_kernel, kernel  # isort: skip


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
    scratch: F64,
    rng: Rng,
    e: int,
    i: int,
) -> None:
    """Let unit ``i`` count its timers, choose a target and act."""
    F[i, L.CD] = max(F[i, L.CD] - 1.0, 0.0)
    F[i, L.BS] = max(F[i, L.BS] - 1.0, 0.0)
    Z[i, L.POSE] = L.STANDING
    if P[i, L.ACCEL] <= 0.0:
        F[i, L.VX] = 0.0
        F[i, L.VY] = 0.0
    if Q[i, L.HEALER]:
        heal(F, Z, P, Q, M, cell, hops, i)
    else:
        order = Z[i, L.ORDER]
        if not Q[i, L.PASSIVE] and (order == L.IDLE or order == L.ATTACK_MOVE):
            acquire(F, Z, C, P, Q, M, scratch, i)
        t = attack_target(F, Z, P, Q, M, i)
        if t >= 0:
            fight(F, Z, P, Q, M, cell, hops, rng, e, i, t)
        elif Z[i, L.PHASE] == 1:
            Z[i, L.PHASE] = 0
            F[i, L.CD] = 0.0
        else:
            walk(F, Z, P, Q, M, cell, hops, i)
    if Z[i, L.POSE] != L.WALKING:
        drift(F, P, Q, M, i)


@kernel
def regenerate(F: F64, Z: I64, P: F64, Q: I64, M: I64) -> None:
    """Shields after ten quiet seconds, zerg health and energy always."""
    for i in range(M[L.M_UNITS]):
        if not Z[i, L.ALIVE] or F[i, L.HP] <= 0.0:
            continue
        if F[i, L.SHT] > 0.0:
            F[i, L.SHT] -= 1.0
        elif F[i, L.SH] < P[i, L.SH_MAX]:
            F[i, L.SH] = min(F[i, L.SH] + K.SHIELD_REGEN, P[i, L.SH_MAX])
        if P[i, L.HP_REGEN] > 0.0:
            F[i, L.HP] = min(F[i, L.HP] + P[i, L.HP_REGEN], P[i, L.HP_MAX])
        if P[i, L.EN_MAX] > 0.0:
            F[i, L.EN] = min(F[i, L.EN] + K.ENERGY_REGEN, P[i, L.EN_MAX])


@cold_kernel
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
    scratch: F64,
) -> None:
    """Advance one environment by one game loop; ``scratch`` is float64 (4, U)."""
    if not C[L.ORDERED] and C[L.LOOP] >= M[L.M_AFTER]:
        order_enemies(F, Z, C, G, P, Q, M)
    effects(F, Z, P, Q, M)
    gather(F, Z, P, M, L.RADIUS, scratch)
    for i in range(M[L.M_UNITS]):
        if Z[i, L.ALIVE]:
            decide(F, Z, C, P, Q, M, cell, hops, scratch, rng, e, i)
    advance(F, Z, P, Q, M, grid)
    collide(F, Z, P, Q, M, grid, scratch)
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
        F[i, L.X] = w.start[i, 0]
        F[i, L.Y] = w.start[i, 1]
        F[i, L.HP] = w.P[i, L.HP_MAX]
        F[i, L.SH] = w.P[i, L.SH_MAX]
        F[i, L.EN] = w.P[i, L.EN_START]
        k = int(uniform(s.rng, e) * w.facings.shape[0])
        F[i, L.FX] = w.facings[k, 0]
        F[i, L.FY] = w.facings[k, 1]
        Z[i, L.ALIVE] = 1
        Z[i, L.OT] = -1
        Z[i, L.AT] = -1
        Z[i, L.MT] = -1
        Z[i, L.HTT] = -1
        Z[i, L.BLK] = -1
        Z[i, L.HURT] = -1
    share = uniform(s.rng, e) if w.M[L.M_ORDER] == 2 else 0.0
    G[L.TX] = w.order[0, 0] + (w.order[1, 0] - w.order[0, 0]) * share
    G[L.TY] = w.order[0, 1] + (w.order[1, 1] - w.order[0, 1]) * share


@cold_kernel
def write_table(s: State, w: World, table: UnitTable, e: int) -> None:
    """Copy what an observer of the game sees of environment ``e`` to its unit table (U,)."""
    F, Z = s.F[e], s.Z[e]
    for i in range(w.M[L.M_UNITS]):
        row = table[i]
        if Z[i, L.ALIVE]:
            row.x = F[i, L.X]
            row.y = F[i, L.Y]
            row.health = F[i, L.HP]
            row.shield = F[i, L.SH]
            row.energy = F[i, L.EN]
            row.weapon_cooldown = F[i, L.CD]
        else:
            # The game drops dead units; SMAC keeps their last position and sets health to 0.
            row.health = 0.0
            row.shield = 0.0
