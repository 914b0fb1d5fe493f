"""The records by which kernels know one map and one configuration, in named fields."""

from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from pymarl.kernels.records import Record, Records, new_records, single_record

_Record = TypeVar("_Record", bound=Record)
MEDIVACS_LOSE: Final = 1
"""SMAC's map type MMM: see ``reward.battle_outcome``."""
MEDIVACS_LOSE_V2: Final = 2
"""SMACv2: however many medivacs are left."""


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
    obs_own_pos: int
    obs_starcraft: int  # 0: observations hold the timestep only
    obs_enemies: int  # 0: enemies' features are zeros
    action_mask: int  # 0: every living target counts as available
    types_shown: int  # 0: agents do not see the types of other agents
    reward_stops_at_zero: int  # 1: SMACv2's max(reward, 0) in place of SMAC's |reward|
    hides_enemies: int  # 1: who may see which enemy is worked out, see smacv2/sightings.py
    head_obs: int  # 1: SMACv2's quirk Q1
    healers_cannot_win: int  # a side with nothing but healers has lost: a code of reward.py
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
    divisor: float  # of every reward where ``EpisodeState`` has no other; 1: it is not scaled
    sparse: int  # 0 or 1
    only_positive: int  # 0 or 1


class Sight(Record):
    """Chances of hidden enemies, 0..1."""

    prob_obs_enemy: float  # SMACv2's: an enemy that one agent has seen is shown to another one
    mask_probability: float  # an enemy's health, shield and type are hidden from an agent


class UnitConstants(Record):
    """What is fixed of one unit in an episode; the maxima are divisors of its features."""

    kind: int  # index of its type in ``KINDS``
    type_bit: int  # index among its side's type bits
    healer: int  # 0 or 1
    health_max: float
    shield_max: float  # 0: no shield
    cooldown_max: float  # SMAC's; of the energy where healers heal, see ``unit_types.py``
    sight_range: float  # centre to centre; SMAC: 9 for all
    shoot_range: float  # of availability, centre to centre; SMAC: 6 for all


class Features(NamedTuple):
    """The one argument by which kernels know map and configuration; U = N + E units, agents first.

    ``sizes``, ``options``, ``ground``, ``rewards`` and ``sight`` are arrays of one record, read as
    ``features.sizes[0].n_agents``: a call from Python hands an array over in 20 nanoseconds, but a
    record of its own in 500.

    Attributes:
        sizes, options, ground, rewards, sight: one record each.
        units: constants of the units (U,); where teams change, those of an example, and the
            episode's own are in ``EpisodeState``.
        pathing: uint8 (W, H) indexed [x, y], 1 where ground units can walk.
        terrain_height: float64 (W, H) in 0..1, SMAC's flipped terrain heights.
    """

    sizes: Records[Sizes]
    options: Records[Options]
    ground: Records[Ground]
    rewards: Records[Rewards]
    sight: Records[Sight]
    units: Records[UnitConstants]
    pathing: NDArray[np.uint8]
    terrain_height: NDArray[np.float64]


def one_record(record: type[_Record], **values: float) -> Records[_Record]:
    """Return an array (1,) of records with these values; see ``single_record``."""
    records: Records[_Record] = new_records(record, 1)
    records[0] = single_record(record, **values)
    return records
