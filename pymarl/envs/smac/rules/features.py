"""SMAC's features of one map and one configuration.

Sizes, and the arrays the feature kernels read.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import MapSpec, Side
from pymarl.envs.smac.maps.unit_types import HEALERS, UNIT_TYPES
from pymarl.envs.smac.rules.unit_table import NO_ATTACK

# Entries of ``Features.c``.
N: Final = 0  # agents
E: Final = 1  # enemies
A: Final = 2  # actions
O: Final = 3  # noqa: E741  observation size
S: Final = 4  # state size
BITS: Final = 5
SHIELD_ALLY: Final = 6
SHIELD_ENEMY: Final = 7
ALL_HEALTH: Final = 8
OWN_HEALTH: Final = 9
OBS_LAST: Final = 10
PATHING: Final = 11
HEIGHT: Final = 12
OBS_TIME: Final = 13
STATE_LAST: Final = 14
STATE_TIME: Final = 15
OBS_AS_STATE: Final = 16
LIMIT: Final = 17
WIDTH: Final = 18
TALL: Final = 19  # map height
NF_ALLY: Final = 20  # features per ally in an observation
NF_ENEMY: Final = 21
MEDIC_RULE: Final = 22  # SMAC's map type MMM: a side with nothing but healers has lost
HEAL_RULE: Final = 23  # healers act on agents
REST: Final = 24  # heuristic_rest
N_C: Final = 25
# Entries of ``Features.f``.
MOVE_AMOUNT: Final = 0
EXTENT_X: Final = 1
EXTENT_Y: Final = 2
DEATH_VALUE: Final = 3
WIN: Final = 4
DEFEAT: Final = 5
NEGATIVE: Final = 6
DIVISOR: Final = 7  # of the reward; 1 when it is not scaled
SPARSE: Final = 8
ONLY_POSITIVE: Final = 9
N_F: Final = 10
# Rows of ``Features.u``.
KIND: Final = 0
HEALER: Final = 1
HEALTH_MAX: Final = 2
SHIELD_MAX: Final = 3
COOLDOWN_MAX: Final = 4
N_U: Final = 5


class Features(NamedTuple):
    """Arrays of the feature kernels; U = N + E, agents first.

    Kernels take them one by one: reading a field of a tuple of arrays costs a reference count per
        access.

    Attributes:
        c: int64 (N_C,) sizes and switches. f: float64 (N_F,) numbers.
        u: float64 (N_U, U) per unit: index of its type bit, whether it heals, SMAC's hard-coded
            maxima.
        pathing: uint8 (W, H) indexed [x, y]. height: float64 (W, H), SMAC's flipped terrain
            heights.
    """

    c: NDArray[np.int64]
    f: NDArray[np.float64]
    u: NDArray[np.float64]
    pathing: NDArray[np.uint8]
    height: NDArray[np.float64]


def max_reward(spec: MapSpec, args: SmacArgs) -> float:
    """Return SMAC's largest possible return.

    Kills, the win, and all health and shields of the enemies.
    """
    total = spec.n_enemies * args.reward_death_value + args.reward_win
    for group in spec.enemy.groups:
        unit = UNIT_TYPES[group.unit]
        total += group.count * (unit.health_max + unit.shield_max)
    return float(total)


def ally_features(args: SmacArgs, spec: MapSpec) -> int:
    """Return the features per ally in an observation."""
    shield = int(spec.ally.race == "P")
    size = 4 + spec.unit_type_bits + (1 + shield if args.obs_all_health else 0)
    return size + (NO_ATTACK + spec.n_enemies if args.obs_last_action else 0)


def enemy_features(args: SmacArgs, spec: MapSpec) -> int:
    """Return the features per enemy in an observation."""
    shield = int(spec.enemy.race == "P")
    return 4 + spec.unit_type_bits + (1 + shield if args.obs_all_health else 0)


def move_features(args: SmacArgs) -> int:
    """Return the size of the movement part of an observation."""
    return 4 + 8 * args.obs_pathing_grid + 9 * args.obs_terrain_height


def own_features(args: SmacArgs, spec: MapSpec) -> int:
    """Return the size of the agent's own part of an observation, with the timestep."""
    own_health = args.obs_own_health or args.obs_all_health
    size = spec.unit_type_bits + (1 + int(spec.ally.race == "P") if own_health else 0)
    return size + int(args.obs_timestep_number)


def obs_size(args: SmacArgs, spec: MapSpec) -> int:
    """Return O."""
    return (
        move_features(args)
        + spec.n_enemies * enemy_features(args, spec)
        + (spec.n_agents - 1) * ally_features(args, spec)
        + own_features(args, spec)
    )


def state_size(args: SmacArgs, spec: MapSpec) -> int:
    """Return S."""
    if args.obs_instead_of_state:
        return spec.n_agents * obs_size(args, spec)
    ally = 4 + int(spec.ally.race == "P") + spec.unit_type_bits
    enemy = 3 + int(spec.enemy.race == "P") + spec.unit_type_bits
    size = spec.n_agents * ally + spec.n_enemies * enemy
    size += spec.n_agents * (NO_ATTACK + spec.n_enemies) if args.state_last_action else 0
    return size + int(args.state_timestep_number)


def build_features(
    spec: MapSpec, args: SmacArgs, agents: list[str], enemies: list[str]
) -> Features:
    """Return the feature arrays; ``agents`` and ``enemies`` are unit names in table order."""
    units = [*agents, *enemies]
    c = np.zeros(N_C, np.int64)
    c[N], c[E], c[A] = len(agents), len(enemies), NO_ATTACK + len(enemies)
    c[O], c[S] = obs_size(args, spec), state_size(args, spec)
    c[BITS] = spec.unit_type_bits
    c[SHIELD_ALLY], c[SHIELD_ENEMY] = spec.ally.race == "P", spec.enemy.race == "P"
    c[ALL_HEALTH], c[OWN_HEALTH] = args.obs_all_health, args.obs_own_health or args.obs_all_health
    c[OBS_LAST], c[PATHING] = args.obs_last_action, args.obs_pathing_grid
    c[HEIGHT], c[OBS_TIME] = args.obs_terrain_height, args.obs_timestep_number
    c[STATE_LAST], c[STATE_TIME] = args.state_last_action, args.state_timestep_number
    c[OBS_AS_STATE], c[LIMIT] = args.obs_instead_of_state, spec.limit
    c[WIDTH], c[TALL] = spec.terrain.width, spec.terrain.height
    c[NF_ALLY], c[NF_ENEMY] = ally_features(args, spec), enemy_features(args, spec)
    c[MEDIC_RULE] = spec.map_type == "MMM"
    c[HEAL_RULE] = spec.map_type in ("MMM", "custom")
    c[REST] = args.heuristic_rest
    x0, y0, x1, y1 = spec.terrain.playable
    f = np.zeros(N_F)
    f[MOVE_AMOUNT], f[EXTENT_X], f[EXTENT_Y] = args.move_amount, x1 - x0, y1 - y0
    f[DEATH_VALUE], f[WIN], f[DEFEAT] = args.reward_death_value, args.reward_win, args.reward_defeat
    f[NEGATIVE], f[SPARSE] = args.reward_negative_scale, args.reward_sparse
    f[ONLY_POSITIVE] = args.reward_only_positive
    f[DIVISOR] = max_reward(spec, args) / args.reward_scale_rate if args.reward_scale else 1.0
    kinds = _kinds(spec.ally, agents) + _kinds(spec.enemy, enemies)
    return Features(
        c=c,
        f=f,
        u=np.array(
            [
                kinds,
                [float(unit in HEALERS) for unit in units],
                [UNIT_TYPES[unit].health_max for unit in units],
                [UNIT_TYPES[unit].shield_max for unit in units],
                [UNIT_TYPES[unit].smac_cooldown_max for unit in units],
            ],
            dtype=np.float64,
        ),
        pathing=np.ascontiguousarray(spec.terrain.pathing.T).astype(np.uint8),
        height=spec.terrain.smac_heights(),
    )


def _kinds(side: Side, units: list[str]) -> list[int]:
    """Return the type bit index of each unit."""
    return [side.type_bits.index(unit) if unit in side.type_bits else 0 for unit in units]
