"""Reward and end of a battle: SMAC's rules over two successive unit tables."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules.feature_records import MEDIVACS_LOSE, Features
from pymarl.envs.smac.rules.unit_table import UnitTable
from pymarl.kernels.simulator_jit import inner_kernel

LOST: Final = -1
DRAW: Final = 0
WON: Final = 1
RUNNING: Final = 2


@inner_kernel
def count_alive(
    features: Features, table: UnitTable, low: int, high: int, without_healers: int
) -> int:
    """Return the number of living units in ``low..high-1``, healers left out on request."""
    count = 0
    for i in range(low, high):
        if table[i].health > 0.0 and not (without_healers and features.units[i].healer):
            count += 1
    return count


@inner_kernel
def battle_outcome(features: Features, table: UnitTable) -> int:
    """Return LOST, DRAW, WON or RUNNING.

    SMAC's medivac rule (map type MMM): agents with nothing but medivacs have lost; enemies have
    lost when exactly one unit lives and it is a medivac. SMACv2's: a side with nothing but medivacs
    has lost, however many; nobody counts as nothing, so that there is no draw. The loss is looked
    at first, so both at once is a loss.
    """
    n, units = features.sizes[0].n_agents, features.sizes[0].n_units
    medivac_rule = features.options[0].healers_cannot_win
    allies = count_alive(features, table, 0, n, 0)
    enemies = count_alive(features, table, n, units, 0)
    if allies == 0 and enemies > 0:
        return LOST
    if medivac_rule and count_alive(features, table, 0, n, 1) == 0:
        return LOST
    only_medivacs = medivac_rule and count_alive(features, table, n, units, 1) == 0
    if medivac_rule == MEDIVACS_LOSE:
        only_medivacs = only_medivacs and enemies == 1
    if (allies > 0 and enemies == 0) or only_medivacs:
        return WON
    if allies == 0 and enemies == 0:
        return DRAW
    return RUNNING


@inner_kernel
def damage_reward(
    features: Features,
    table: UnitTable,
    health_before: NDArray[np.float64],
    death_counted: NDArray[np.uint8],
) -> float:
    """Return SMAC's dense reward of one step, unscaled, and prepare for the next step.

    Positive: |damage dealt + death value per enemy killed|; the absolute value is SMAC's answer to
    regenerating shields, SMACv2's is max(..., 0). Otherwise: minus the scaled damage taken and
    deaths, too.

    Args:
        features: of the map.
        table: unit table after the step (U,).
        health_before: float64 (U,), health + shield before the step; updated.
        death_counted: uint8 (U,), 1 for units whose death has been paid for; updated.
    """
    sizes, rewards = features.sizes[0], features.rewards[0]
    deaths, dealt, taken = 0.0, 0.0, 0.0
    for i in range(sizes.n_units):
        if death_counted[i]:
            continue
        health, shield = np.float64(table[i].health), np.float64(table[i].shield)
        died = health <= 0.0
        # The dead lose all they had, whatever their row says of a shield.
        lost = health_before[i] if died else health_before[i] - health - shield
        health_before[i] = health + shield
        if died:
            death_counted[i] = 1
        if i >= sizes.n_agents:
            dealt += lost
            if died:
                deaths += rewards.death_value
        else:
            taken += lost * rewards.negative_scale
            if died and not rewards.only_positive:
                deaths -= rewards.death_value * rewards.negative_scale
    if rewards.sparse:
        return 0.0
    if rewards.only_positive:
        stops = features.options[0].reward_stops_at_zero
        return max(dealt + deaths, 0.0) if stops else abs(dealt + deaths)
    return dealt + deaths - taken


@inner_kernel
def with_outcome(features: Features, outcome: int, reward: float) -> float:
    """Return the step's reward with that of the battle's outcome added, before scaling."""
    rewards = features.rewards[0]
    if outcome == WON:
        reward = 1.0 if rewards.sparse else reward + rewards.win
    elif outcome == LOST:
        reward = -1.0 if rewards.sparse else reward + rewards.defeat
    return float(reward)


@inner_kernel
def health_left(features: Features, table: UnitTable, low: int, high: int) -> float:
    """Return the fraction of health and shield left in units ``low..high-1``, 0..1."""
    left, total = 0.0, 0.0
    for i in range(low, high):
        total += features.units[i].health_max + features.units[i].shield_max
        left += np.float64(table[i].health) + np.float64(table[i].shield)
    return left / total
