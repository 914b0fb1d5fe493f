"""What SMAC's rules need to know of one map and one configuration, in named fields."""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import MapSpec, Side
from pymarl.envs.smac.maps.unit_types import HEALERS, UNIT_TYPES
from pymarl.envs.smac.rules import feature_sizes
from pymarl.kernels.records import Record, Records, new_records, single_record

_Record = TypeVar("_Record", bound=Record)


class Sizes(Record):
    """How many of what there are, and how many numbers each is shown with."""

    n_agents: int  # N
    n_enemies: int  # E
    n_units: int  # U = N + E
    n_actions: int  # A
    obs_size: int  # O
    state_size: int  # S
    ally_features: int  # of one ally in an observation
    enemy_features: int  # of one enemy in an observation
    unit_type_bits: int  # of one unit
    ally_shield: int  # 1: agents' features hold a shield
    enemy_shield: int  # 1: enemies' features hold a shield
    episode_limit: int  # environment steps


class Options(Record):
    """Switches, 0 or 1: SMAC's keys of the same names, then what the map's type decides."""

    obs_all_health: int
    obs_own_health: int  # obs_all_health includes it
    obs_last_action: int
    obs_pathing_grid: int
    obs_terrain_height: int
    obs_timestep_number: int
    obs_instead_of_state: int
    state_last_action: int
    state_timestep_number: int
    heuristic_rest: int
    healers_cannot_win: int  # SMAC's map type MMM: a side with nothing but healers has lost
    healers_heal: int  # healers' target actions heal agents; 0: they address enemies like the rest


class Ground(Record):
    """The map's measures, in cells, and the length of a move."""

    width: int  # W
    height: int  # H
    extent_x: float  # of the playable area; positions in the state are divided by it
    extent_y: float
    move_amount: float


class Rewards(Record):
    """SMAC's ``reward_*`` keys."""

    death_value: float
    win: float
    defeat: float
    negative_scale: float
    divisor: float  # of every reward; 1 when it is not scaled
    sparse: int  # 0 or 1
    only_positive: int  # 0 or 1


class UnitConstants(Record):
    """What is fixed of one unit; the maxima are divisors of its features."""

    type_bit: int  # index among its side's type bits
    healer: int  # 0 or 1
    health_max: float
    shield_max: float  # 0: no shield
    cooldown_max: float  # SMAC's; of the energy where healers heal, see ``unit_types.py``


class Features(NamedTuple):
    """The one argument by which kernels know map and configuration; U = N + E units, agents first.

    ``sizes``, ``options``, ``ground`` and ``rewards`` are arrays of one record, read as
    ``features.sizes[0].n_agents``: a call from Python hands an array over in 20 nanoseconds, but a
    record of its own in 500.

    Attributes:
        sizes, options, ground, rewards: one record each.
        units: constants of the units (U,).
        pathing: uint8 (W, H) indexed [x, y], 1 where ground units can walk.
        terrain_height: float64 (W, H) in 0..1, SMAC's flipped terrain heights.
    """

    sizes: Records[Sizes]
    options: Records[Options]
    ground: Records[Ground]
    rewards: Records[Rewards]
    units: Records[UnitConstants]
    pathing: NDArray[np.uint8]
    terrain_height: NDArray[np.float64]


def one_record(record: type[_Record], **values: float) -> Records[_Record]:
    """Return an array (1,) of records with these values; see ``single_record``."""
    records: Records[_Record] = new_records(record, 1)
    records[0] = single_record(record, **values)
    return records


def max_reward(spec: MapSpec, args: SmacArgs) -> float:
    """Return SMAC's largest possible return, unscaled, by the stock units' maxima."""
    points = [
        group.count * (UNIT_TYPES[group.unit].health_max + UNIT_TYPES[group.unit].shield_max)
        for group in spec.enemy.groups
    ]
    return reward_bound(args, spec.n_enemies, points)


def reward_bound(args: SmacArgs, n_enemies: int, points: Iterable[float]) -> float:
    """Return SMAC's largest possible return: all kills, the win, and all damage.

    Args:
        args: SMAC's keys.
        n_enemies: E.
        points: health and shields of the enemies, added one after the other.
    """
    total = n_enemies * args.reward_death_value + args.reward_win
    for part in points:
        total += part
    return float(total)


def reward_divisor(args: SmacArgs, bound: float) -> float:
    """Return what rewards are divided by, so that ``bound`` becomes ``reward_scale_rate``."""
    return bound / args.reward_scale_rate if args.reward_scale else 1.0


def build_features(
    spec: MapSpec, args: SmacArgs, agents: list[str], enemies: list[str]
) -> Features:
    """Return the features of a map; ``agents`` and ``enemies`` are unit names in table order."""
    x0, y0, x1, y1 = spec.terrain.playable
    return Features(
        sizes=_sizes(spec, args),
        options=_options(spec, args),
        ground=one_record(
            Ground,
            width=spec.terrain.width,
            height=spec.terrain.height,
            extent_x=x1 - x0,
            extent_y=y1 - y0,
            move_amount=args.move_amount,
        ),
        rewards=one_record(
            Rewards,
            death_value=args.reward_death_value,
            win=args.reward_win,
            defeat=args.reward_defeat,
            negative_scale=args.reward_negative_scale,
            divisor=reward_divisor(args, max_reward(spec, args)),
            sparse=args.reward_sparse,
            only_positive=args.reward_only_positive,
        ),
        units=_units(spec, agents, enemies),
        pathing=np.ascontiguousarray(spec.terrain.pathing.T).astype(np.uint8),
        terrain_height=spec.terrain.smac_heights(),
    )


def _sizes(spec: MapSpec, args: SmacArgs) -> Records[Sizes]:
    """Return the record ``Sizes``."""
    return one_record(
        Sizes,
        n_agents=spec.n_agents,
        n_enemies=spec.n_enemies,
        n_units=spec.n_agents + spec.n_enemies,
        n_actions=feature_sizes.n_actions(spec),
        obs_size=feature_sizes.obs_size(args, spec),
        state_size=feature_sizes.state_size(args, spec),
        ally_features=feature_sizes.ally_features(args, spec),
        enemy_features=feature_sizes.enemy_features(args, spec),
        unit_type_bits=spec.unit_type_bits,
        ally_shield=feature_sizes.shield_features(spec.ally),
        enemy_shield=feature_sizes.shield_features(spec.enemy),
        episode_limit=spec.limit,
    )


def _options(spec: MapSpec, args: SmacArgs) -> Records[Options]:
    """Return the record ``Options``."""
    return one_record(
        Options,
        obs_all_health=args.obs_all_health,
        obs_own_health=feature_sizes.shows_own_health(args),
        obs_last_action=args.obs_last_action,
        obs_pathing_grid=args.obs_pathing_grid,
        obs_terrain_height=args.obs_terrain_height,
        obs_timestep_number=args.obs_timestep_number,
        obs_instead_of_state=args.obs_instead_of_state,
        state_last_action=args.state_last_action,
        state_timestep_number=args.state_timestep_number,
        heuristic_rest=args.heuristic_rest,
        healers_cannot_win=spec.map_type == "MMM",
        healers_heal=spec.map_type in ("MMM", "custom"),
    )


def _units(spec: MapSpec, agents: list[str], enemies: list[str]) -> Records[UnitConstants]:
    """Return the constants of all units, records (U,)."""
    units: Records[UnitConstants] = new_records(UnitConstants, len(agents) + len(enemies))
    names = [*agents, *enemies]
    types = [UNIT_TYPES[name] for name in names]
    units["type_bit"] = _type_bits(spec.ally, agents) + _type_bits(spec.enemy, enemies)
    units["healer"] = [name in HEALERS for name in names]
    units["health_max"] = [unit.health_max for unit in types]
    units["shield_max"] = [unit.shield_max for unit in types]
    units["cooldown_max"] = [unit.smac_cooldown_max for unit in types]
    return units


def _type_bits(side: Side, units: list[str]) -> list[int]:
    """Return the index of each unit's type bit; 0 where the side has none."""
    return [side.type_bits.index(unit) if unit in side.type_bits else 0 for unit in units]
