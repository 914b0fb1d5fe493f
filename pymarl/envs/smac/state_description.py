"""The state's features by name, and the state in SMAC's dictionary form."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.rules.feature_records import Features
from pymarl.envs.smac.rules.feature_sizes import shield_features


def ally_state_names(spec: MapSpec) -> list[str]:
    """Return SMAC's names of an agent's features in the state, in order."""
    shield = ["shield"] if shield_features(spec.ally) else []
    return ["health", "energy/cooldown", "rel_x", "rel_y", *shield, *_type_names(spec)]


def enemy_state_names(spec: MapSpec) -> list[str]:
    """Return SMAC's names of an enemy's features in the state, in order."""
    shield = ["shield"] if shield_features(spec.enemy) else []
    return ["health", "rel_x", "rel_y", *shield, *_type_names(spec)]


def _type_names(spec: MapSpec) -> list[str]:
    """Return the names of the type bits."""
    return [f"type_{k}" for k in range(spec.unit_type_bits)]


def state_dict(features: Features, state: NDArray[np.float32], args: SmacArgs) -> dict[str, Any]:
    """Return allies (N, .), enemies (E, .), [last_action (N, A)] and [timestep] of a state vector.

    Raises:
        ValueError: with ``obs_instead_of_state`` the vector holds observations, which have no such
            form.
    """
    if args.obs_instead_of_state:
        raise ValueError("obs_instead_of_state=True: the state is made of observations")
    sizes = features.sizes[0]
    shape = sizes.n_agents, 4 + sizes.ally_shield + sizes.unit_type_bits
    allies = state[: shape[0] * shape[1]].reshape(shape)
    rest = state[allies.size :]
    shape = sizes.n_enemies, 3 + sizes.enemy_shield + sizes.unit_type_bits
    enemies = rest[: shape[0] * shape[1]].reshape(shape)
    out: dict[str, Any] = {"allies": allies.copy(), "enemies": enemies.copy()}
    if args.state_last_action:
        shape = sizes.n_agents, sizes.n_actions
        actions = rest[enemies.size :][: shape[0] * shape[1]].reshape(shape)
        out["last_action"] = actions.copy()
    if args.state_timestep_number:
        out["timestep"] = float(state[-1])
    return out
