"""The numbers that a battle needs of a unit type; ``unit_data`` holds them."""

from dataclasses import dataclass

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
        always_threatens: attackers take it for a threat whatever it does (flag AlwaysThreatens).
        turns_to_walk: it walks only where it looks (flag Turnable).
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
    always_threatens: bool = False
    turns_to_walk: bool = True

    @property
    def health_max(self) -> float:
        """Return the maximal health, which is the health at spawn."""
        return UNIT_TYPES[self.name].health_max

    @property
    def shield_max(self) -> float:
        """Return the maximal shield, which is the shield at spawn; 0: the type has none."""
        return UNIT_TYPES[self.name].shield_max
