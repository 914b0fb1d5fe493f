"""The global state: SMAC's features of all units over the unit table.

Layout::

    per agent  health, cooldown (a healer: energy), x, y, [shield], [type bits]
    per enemy  health, x, y, [shield], [type bits]
    [last actions, one-hot (N, A)]
    [timestep]

Positions are relative to the map's centre, in units of the playable area's extent; dead units are
zeros. With ``obs_instead_of_state`` it is all observations.
"""

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules.feature_records import Features
from pymarl.envs.smac.rules.unit_table import UnitTable
from pymarl.kernels.simulator_jit import inner_kernel, kernel


@kernel
def write_unit(
    features: Features,
    table: UnitTable,
    i: int,
    is_agent: int,
    with_shield: int,
    out: NDArray[np.float32],
    at: int,
) -> None:
    """Write the features of one living unit from ``at`` on."""
    ground, unit, constants = features.ground[0], table[i], features.units[i]
    out[at] = unit.health / constants.health_max
    at += 1
    if is_agent:
        heals = constants.healer and features.options[0].healers_heal
        out[at] = (unit.energy if heals else unit.weapon_cooldown) / constants.cooldown_max
        at += 1
    out[at] = (unit.x - ground.width / 2) / ground.extent_x
    out[at + 1] = (unit.y - ground.height / 2) / ground.extent_y
    at += 2
    if with_shield:
        if constants.shield_max > 0.0:
            out[at] = unit.shield / constants.shield_max
        at += 1
    if features.sizes[0].unit_type_bits:
        out[at + constants.type_bit] = 1.0


@inner_kernel
def copy_rows(rows: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Copy a matrix to a vector, row after row."""
    width = rows.shape[1]
    for i in range(rows.shape[0]):
        for k in range(width):
            out[i * width + k] = rows[i, k]


@inner_kernel
def write_state(
    features: Features,
    table: UnitTable,
    last_actions: NDArray[np.int64],
    obs: NDArray[np.float32],
    time: float,
    out: NDArray[np.float32],
) -> None:
    """Write the state, float32 (S,).

    Args:
        features: of the map.
        table: the unit table (U,).
        last_actions: int64 (N,), -1: none yet.
        obs: float32 (N, O), this moment's observations, written already.
        time: step / episode limit.
        out: output, float32 (S,).
    """
    sizes, options = features.sizes[0], features.options[0]
    if options.obs_instead_of_state:
        copy_rows(obs, out)
        return
    out[:] = 0.0
    at = 0
    shield = sizes.ally_shield
    for i in range(sizes.n_agents):
        if table[i].health > 0.0:
            write_unit(features, table, i, 1, shield, out, at)
        at += 4 + shield + sizes.unit_type_bits
    shield = sizes.enemy_shield
    for i in range(sizes.n_agents, sizes.n_units):
        if table[i].health > 0.0:
            write_unit(features, table, i, 0, shield, out, at)
        at += 3 + shield + sizes.unit_type_bits
    if options.state_last_action:
        for i in range(sizes.n_agents):
            if last_actions[i] >= 0:
                out[at + last_actions[i]] = 1.0
            at += sizes.n_actions
    if options.state_timestep_number:
        out[at] = time
