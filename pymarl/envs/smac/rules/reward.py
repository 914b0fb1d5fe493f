"""Reward and end of a battle: SMAC's rules over two successive unit tables."""

from typing import Any, Final

import numpy as np

from pymarl.envs.smac.rules import features as D
from pymarl.envs.smac.rules import unit_table as T
from pymarl.kernels.simulator_jit import inner_kernel

Array = Any
RUNNING: Final = 2
WON: Final = 1
DRAW: Final = 0
LOST: Final = -1


@inner_kernel
def alive_units(
    c: Array, f: Array, u: Array, table: Array, low: int, high: int, skip_healers: int
) -> int:
    """Return the number of living units in ``low..high-1``, healers left out on request."""
    count = 0
    for i in range(low, high):
        if table[i, T.HEALTH] > 0.0 and not (skip_healers and u[D.HEALER, i] != 0.0):
            count += 1
    return count


@inner_kernel
def outcome(c: Array, f: Array, u: Array, table: Array) -> int:
    """Return LOST, DRAW, WON or RUNNING.

    SMAC's medivac rule (map type MMM): agents with nothing but medivacs have lost; enemies have
    lost when exactly
    one unit lives and it is a medivac. The loss is looked at first, so both at once is a loss.
    """
    n = c[D.N]
    units = n + c[D.E]
    allies = alive_units(c, f, u, table, 0, n, 0)
    enemies = alive_units(c, f, u, table, n, units, 0)
    medic = c[D.MEDIC_RULE]
    if (allies == 0 and enemies > 0) or (medic and alive_units(c, f, u, table, 0, n, 1) == 0):
        return LOST
    lone_medic = medic and enemies == 1 and alive_units(c, f, u, table, n, units, 1) == 0
    if (allies > 0 and enemies == 0) or lone_medic:
        return WON
    if allies == 0 and enemies == 0:
        return DRAW
    return RUNNING


@inner_kernel
def damage_reward(
    c: Array, f: Array, u: Array, table: Array, before: Array, buried: Array
) -> float:
    """Return SMAC's dense reward of one step, unscaled, and update ``before`` and ``buried``.

    Positive: |damage dealt + death value per enemy killed|; the absolute value is SMAC's answer to
        regenerating
    shields. Otherwise: minus the scaled damage taken and deaths, too.

    Args:
        c: sizes and switches.
        f: numbers.
        u: per unit.
        table: unit table after the step.
        before: float64 (U,), health + shield before the step.
        buried: uint8 (U,), 1 for units whose death was counted.
    """
    deaths, dealt, taken = 0.0, 0.0, 0.0
    n = c[D.N]
    scale = f[D.NEGATIVE]
    for i in range(n + c[D.E]):
        if buried[i]:
            continue
        health, shield = np.float64(table[i, T.HEALTH]), np.float64(table[i, T.SHIELD])
        died = health <= 0.0
        lost = before[i] if died else before[i] - health - shield
        before[i] = health + shield
        if died:
            buried[i] = 1
        if i >= n:
            dealt += lost
            if died:
                deaths += f[D.DEATH_VALUE]
        else:
            taken += lost * scale
            if died and not f[D.ONLY_POSITIVE]:
                deaths -= f[D.DEATH_VALUE] * scale
    if f[D.SPARSE]:
        return 0.0
    if f[D.ONLY_POSITIVE]:
        return abs(dealt + deaths)
    return dealt + deaths - taken


@inner_kernel
def end_reward(c: Array, f: Array, u: Array, code: int, reward: float) -> float:
    """Return the step's reward with the end of the battle added, and scaled."""
    sparse = f[D.SPARSE] != 0.0
    if code == WON:
        reward = 1.0 if sparse else reward + f[D.WIN]
    elif code == LOST:
        reward = -1.0 if sparse else reward + f[D.DEFEAT]
    return float(reward / f[D.DIVISOR])


@inner_kernel
def health_share(c: Array, f: Array, u: Array, table: Array, low: int, high: int) -> float:
    """Return the share of health and shield left in units ``low..high-1``, 0..1."""
    left, total = 0.0, 0.0
    for i in range(low, high):
        total += u[D.HEALTH_MAX, i] + u[D.SHIELD_MAX, i]
        left += np.float64(table[i, T.HEALTH]) + np.float64(table[i, T.SHIELD])
    return left / total
