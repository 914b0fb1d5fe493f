"""The unit table: StarCraft II 4.10.0.75689 (Liberty) numbers of the ten unit types of SMAC's maps.

Source of every number: SC2Mapster/SC2GameData tag v4.10.0.75689, liberty.sc2mod over the
core.sc2mod defaults, the build that SMAC uses; the maps' ``*_RL`` units are field-by-field copies
that only lack acquisition and response.

Times are "normal" game seconds (16 game loops), speeds lengths per such second. Deviations are
marked ``chosen``.
"""

from dataclasses import dataclass
from typing import Final

from pymarl.envs.skirmish.engine import codes
from pymarl.envs.smac.maps.unit_types import UNIT_TYPES


@dataclass(frozen=True, slots=True)
class UnitData:
    """One unit type. Ranges are edge to edge; defaults are the core defaults of the game's data.

    Attributes:
        name: key of ``UNIT_TYPES``, which holds health and shield.
        armor: subtracted from each hit on health.
        energy: (at spawn, maximal). health_regeneration: per second (zerg).
        speed: length per second. acceleration: length per second squared, 0 for the instant 1000
            of ground units.
        radius: of range measurements. separation: radius of collisions.
        attributes, planes: bits; the planes are those it can be hit on.
        sight: data only: SMAC's maps switch the fog off, and its agents see 9 whatever they are.
        weapon: how the damage arrives. damage, damage_bonus: per hit, and on top against
            ``bonus_attributes``. attack_period: from attack to attack.
        attack_range, range_slop: an attack begins within range and goes on within range + slop.
        damage_point, backswing: times until and after the damage.
        reached_planes: planes that the weapon reaches (bits).
        missile_speed: length per second. follow_up_delay: seconds to the follow-up hit.
        melee_range, melee_damage_point: the closer variant of the weapon (hydralisk).
        splash_radius: of a burst. collision_layer: units of one layer collide. mover: code.
    """

    name: str
    radius: float
    separation: float
    speed: float
    attributes: int
    sight: float
    armor: float = 0.0
    energy: tuple[float, float] = (0.0, 0.0)
    health_regeneration: float = 0.0
    acceleration: float = 0.0
    planes: int = codes.ON_GROUND
    weapon: int = codes.UNARMED
    damage: float = 0.0
    damage_bonus: float = 0.0
    bonus_attributes: int = 0
    attack_period: float = 0.0
    attack_range: float = 0.0
    range_slop: float = 1.0
    damage_point: float = 0.0
    backswing: float = 0.5
    reached_planes: int = codes.ON_GROUND
    missile_speed: float = 0.0
    follow_up_delay: float = 0.0
    melee_range: float = 0.0
    melee_damage_point: float = 0.0
    splash_radius: float = 0.0
    collision_layer: int = 0
    mover: int = codes.GROUND_MOVER
    is_healer: bool = False

    @property
    def health_max(self) -> float:
        """Return the maximal health, which is the health at spawn."""
        return UNIT_TYPES[self.name].health_max

    @property
    def shield_max(self) -> float:
        """Return the maximal shield, which is the shield at spawn; 0: the type has none."""
        return UNIT_TYPES[self.name].shield_max


_BOTH = codes.ON_GROUND | codes.IN_AIR
_ZERG = 0.2734  # health per second of every zerg unit

UNITS: Final[dict[str, UnitData]] = {
    "marine": UnitData(
        name="marine",
        sight=9,
        radius=0.375,
        separation=0.375,
        speed=2.25,
        attributes=codes.LIGHT | codes.BIOLOGICAL,
        weapon=codes.INSTANT,
        damage=6,
        attack_period=0.8608,
        attack_range=5,
        damage_point=0.05,
        backswing=0.75,
        reached_planes=_BOTH,
    ),
    "marauder": UnitData(
        name="marauder",
        sight=10,
        armor=1,
        radius=0.5625,
        separation=0.5,
        speed=2.25,
        attributes=codes.ARMORED | codes.BIOLOGICAL,
        weapon=codes.MISSILES,
        damage=10,
        damage_bonus=10,
        bonus_attributes=codes.ARMORED,
        attack_period=1.5,
        attack_range=6,
        damage_point=0,
        backswing=0,
        missile_speed=20,
    ),
    "medivac": UnitData(
        name="medivac",
        sight=11,
        armor=1,
        energy=(50, 200),
        radius=0.75,
        separation=0.75,
        speed=2.75,
        acceleration=2.3125,
        attributes=codes.ARMORED | codes.MECHANICAL,
        planes=codes.IN_AIR,
        collision_layer=1,
        mover=codes.AIR_MOVER,
        is_healer=True,
    ),
    "stalker": UnitData(
        name="stalker",
        sight=10,
        armor=1,
        radius=0.625,
        separation=0.625,
        speed=2.9531,
        attributes=codes.ARMORED | codes.MECHANICAL,
        weapon=codes.MISSILES,
        damage=10,
        damage_bonus=4,
        bonus_attributes=codes.ARMORED,
        attack_period=1.44,
        attack_range=6,
        damage_point=0.167,
        missile_speed=18.75,
        reached_planes=_BOTH,
    ),
    "zealot": UnitData(
        name="zealot",
        sight=9,
        armor=1,
        radius=0.5,
        separation=0.375,
        speed=2.25,
        attributes=codes.LIGHT | codes.BIOLOGICAL,
        weapon=codes.DOUBLE,
        damage=8,
        attack_period=1.2,
        attack_range=0.1,
        damage_point=0,
        follow_up_delay=0.28,
    ),
    # chosen: colossi stand over smaller units, so they collide with each other only.
    "colossus": UnitData(
        name="colossus",
        sight=10,
        armor=1,
        radius=1.0,
        separation=0.75,
        speed=2.25,
        attributes=codes.ARMORED | codes.MECHANICAL | codes.MASSIVE,
        planes=_BOTH,
        weapon=codes.SWEEP,
        damage=20,
        attack_period=2.2,
        attack_range=6,
        range_slop=0,
        damage_point=0.0832,
        follow_up_delay=0.375,
        collision_layer=2,
        mover=codes.CLIFF_MOVER,
    ),
    "zergling": UnitData(
        name="zergling",
        sight=8,
        health_regeneration=_ZERG,
        radius=0.375,
        separation=0.375,
        speed=2.9531,
        attributes=codes.LIGHT | codes.BIOLOGICAL,
        weapon=codes.INSTANT,
        damage=5,
        attack_period=0.696,
        attack_range=0.1,
        damage_point=0.167,
    ),
    "hydralisk": UnitData(
        name="hydralisk",
        sight=9,
        health_regeneration=_ZERG,
        radius=0.625,
        separation=0.5,
        speed=2.25,
        attributes=codes.LIGHT | codes.BIOLOGICAL,
        weapon=codes.MISSILES,
        damage=12,
        attack_period=0.83,
        attack_range=5,
        damage_point=0.208,
        missile_speed=40,
        reached_planes=_BOTH,
        melee_range=0.5,
        melee_damage_point=0.3,
    ),
    "baneling": UnitData(
        name="baneling",
        sight=8,
        health_regeneration=_ZERG,
        radius=0.375,
        separation=0.375,
        speed=2.5,
        attributes=codes.BIOLOGICAL,
        weapon=codes.BURST,
        damage=20,
        damage_bonus=15,
        bonus_attributes=codes.LIGHT,
        attack_period=0.833,
        attack_range=0.25,
        damage_point=0,
        splash_radius=2.2,
    ),
    "spine_crawler": UnitData(
        name="spine_crawler",
        sight=11,
        armor=2,
        health_regeneration=_ZERG,
        radius=0.875,
        separation=0.875,
        speed=0,
        attributes=codes.ARMORED | codes.BIOLOGICAL | codes.STRUCTURE,
        weapon=codes.TENTACLE,
        damage=25,
        damage_bonus=5,
        bonus_attributes=codes.ARMORED,
        attack_period=1.6,
        attack_range=7,
        range_slop=0,
        damage_point=0.3332,
    ),
}
MIN_SCAN_RANGE: Final = 5.0  # data: core default
