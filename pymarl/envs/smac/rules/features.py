"""What SMAC's rules need to know of one map and one configuration, worked out from both."""

from collections.abc import Iterable

import numpy as np

from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import MapSpec, Side
from pymarl.envs.smac.maps.unit_types import HEALERS, KINDS, UNIT_TYPES
from pymarl.envs.smac.rules import feature_sizes
from pymarl.envs.smac.rules.feature_records import (
    MEDIVACS_LOSE,
    MEDIVACS_LOSE_V2,
    Features,
    Ground,
    Options,
    Rewards,
    Sight,
    Sizes,
    UnitConstants,
    one_record,
)
from pymarl.envs.smac.rules.unit_table import SHOOT_RANGE, SIGHT_RANGE
from pymarl.envs.smac.smacv2.reward_scale import scaling_points
from pymarl.kernels.records import Records, new_records


def max_reward(spec: MapSpec, args: SmacArgs) -> float:
    """Return SMAC's largest possible return, unscaled, by the stock units' maxima.

    Where teams change it is the one that rewards are scaled by, see ``smacv2/reward_scale.py``.
    """
    if spec.scenario:
        return reward_bound(args, spec.n_enemies, [scaling_points(spec.scenario, args)])
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
        sight=one_record(
            Sight,
            prob_obs_enemy=args.prob_obs_enemy,
            mask_probability=spec.scenario.mask_probability if spec.scenario else 0.0,
        ),
        units=unit_constants(spec, args, agents, enemies),
        pathing=np.ascontiguousarray(spec.terrain.pathing.T).astype(np.uint8),
        terrain_height=spec.terrain.smac_heights(),
    )


def uses_unit_ranges(args: SmacArgs, spec: MapSpec) -> bool:
    """Return whether ranges are those of the unit types; by default where teams change."""
    if args.use_unit_ranges is None:
        return spec.scenario is not None
    return args.use_unit_ranges


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
        obs_own_pos=feature_sizes.shows_own_position(args, spec),
        obs_starcraft=args.obs_starcraft,
        obs_enemies=args.obs_enemies,
        action_mask=args.action_mask,
        types_shown=spec.scenario is None or spec.scenario.types_shown,
        reward_stops_at_zero=spec.scenario is not None,
        hides_enemies=_hides_enemies(spec, args),
        head_obs=args.smacv2_head_obs,
        healers_cannot_win=_healer_rule(spec),
        healers_heal=spec.map_type in ("MMM", "custom", "procedural"),
    )


def _hides_enemies(spec: MapSpec, args: SmacArgs) -> bool:
    """Return whether an enemy within sight may be hidden from an agent."""
    masked = spec.scenario is not None and spec.scenario.mask_probability > 0
    return masked or args.prob_obs_enemy < 1 or args.smacv2_head_obs


def _healer_rule(spec: MapSpec) -> int:
    """Return the code of what happens to a side with nothing but healers."""
    if spec.scenario and spec.scenario.healers:
        return MEDIVACS_LOSE_V2
    return MEDIVACS_LOSE if spec.map_type == "MMM" else 0


def unit_constants(
    spec: MapSpec, args: SmacArgs, agents: list[str], enemies: list[str]
) -> Records[UnitConstants]:
    """Return the constants of units, agents first, records (U,)."""
    units: Records[UnitConstants] = new_records(UnitConstants, len(agents) + len(enemies))
    names = [*agents, *enemies]
    types = [UNIT_TYPES[name] for name in names]
    own_ranges = uses_unit_ranges(args, spec)
    least = args.min_attack_range
    units["kind"] = [KINDS.index(name) for name in names]
    units["sight_range"] = [unit.sight_range if own_ranges else SIGHT_RANGE for unit in types]
    units["shoot_range"] = [
        max(unit.shoot_range, least) if own_ranges else SHOOT_RANGE for unit in types
    ]
    units["type_bit"] = _type_bits(spec.ally, agents) + _type_bits(spec.enemy, enemies)
    units["healer"] = [name in HEALERS for name in names]
    units["health_max"] = [unit.health_max for unit in types]
    units["shield_max"] = [unit.shield_max for unit in types]
    units["cooldown_max"] = [unit.smac_cooldown_max for unit in types]
    return units


def _type_bits(side: Side, units: list[str]) -> list[int]:
    """Return the index of each unit's type bit; 0 where the side has none."""
    return [side.type_bits.index(unit) if unit in side.type_bits else 0 for unit in units]
