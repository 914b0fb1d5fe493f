"""How many numbers SMAC's observations and state have, by options and map."""

from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import MapSpec, Side
from pymarl.envs.smac.rules.actions import FIRST_TARGET


def n_actions(spec: MapSpec) -> int:
    """Return A: the actions without a target, and one per enemy (SMACv2: per agent, too).

    Healers address agents by the same actions; where a procedural map may have them, there are as
    many actions as the larger side has units.
    """
    if spec.scenario and spec.scenario.healers:
        return FIRST_TARGET + max(spec.n_agents, spec.n_enemies)
    return FIRST_TARGET + spec.n_enemies


def shield_features(side: Side) -> int:
    """Return 1 where the units of a side show a shield (Protoss), else 0."""
    return int(side.race == "P")


def ally_features(args: SmacArgs, spec: MapSpec) -> int:
    """Return the features per ally in an observation.

    Visible, distance, x, y, [health, [shield]], [type bits], [last action].
    """
    health = 1 + shield_features(spec.ally) if args.obs_all_health else 0
    return 4 + health + spec.unit_type_bits + (n_actions(spec) if args.obs_last_action else 0)


def enemy_features(args: SmacArgs, spec: MapSpec) -> int:
    """Return the features per enemy in an observation.

    Attackable, distance, x, y, [health, [shield]], [type bits].
    """
    health = 1 + shield_features(spec.enemy) if args.obs_all_health else 0
    return 4 + health + spec.unit_type_bits


def move_features(args: SmacArgs) -> int:
    """Return the size of an observation's move part: 4 directions, [8 cells], [9 heights]."""
    return 4 + 8 * args.obs_pathing_grid + 9 * args.obs_terrain_height


def shows_own_health(args: SmacArgs) -> bool:
    """Return whether an agent sees its own health; ``obs_all_health`` includes it."""
    return args.obs_own_health or args.obs_all_health


def shows_own_position(args: SmacArgs, spec: MapSpec) -> bool:
    """Return whether agents see where they are on the map; by default where teams change."""
    return spec.scenario is not None if args.obs_own_pos is None else args.obs_own_pos


def own_features(args: SmacArgs, spec: MapSpec) -> int:
    """Return the size of the agent's own part of an observation, with the timestep."""
    health = 1 + shield_features(spec.ally) if shows_own_health(args) else 0
    position = 2 * shows_own_position(args, spec)
    return spec.unit_type_bits + health + position + int(args.obs_timestep_number)


def obs_size(args: SmacArgs, spec: MapSpec) -> int:
    """Return O, the numbers in one agent's observation."""
    if not args.obs_starcraft:
        return int(args.obs_timestep_number)
    return (
        move_features(args)
        + spec.n_enemies * enemy_features(args, spec)
        + (spec.n_agents - 1) * ally_features(args, spec)
        + own_features(args, spec)
    )


def state_size(args: SmacArgs, spec: MapSpec) -> int:
    """Return S, the numbers in the state; see ``state.py`` for its parts."""
    if args.obs_instead_of_state:
        return spec.n_agents * obs_size(args, spec)
    ally = 4 + shield_features(spec.ally) + spec.unit_type_bits
    enemy = 3 + shield_features(spec.enemy) + spec.unit_type_bits
    size = spec.n_agents * ally + spec.n_enemies * enemy
    size += spec.n_agents * n_actions(spec) if args.state_last_action else 0
    return size + int(args.state_timestep_number)
