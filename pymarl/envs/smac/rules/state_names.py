"""SMAC's names of the state's features."""

from pymarl.envs.smac.maps.map_spec import MapSpec


def ally_state_names(spec: MapSpec) -> list[str]:
    """Return the names of an agent's state features in order."""
    names = ["health", "energy/cooldown", "rel_x", "rel_y"]
    return names + (["shield"] if spec.ally.race == "P" else []) + _type_names(spec)


def enemy_state_names(spec: MapSpec) -> list[str]:
    """Return the names of an enemy's state features in order."""
    names = ["health", "rel_x", "rel_y"]
    return names + (["shield"] if spec.enemy.race == "P" else []) + _type_names(spec)


def _type_names(spec: MapSpec) -> list[str]:
    """Return the names of the type bits."""
    return [f"type_{k}" for k in range(spec.unit_type_bits)]
