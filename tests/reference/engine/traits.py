"""What is constant about a unit of a type, in the units of the battle: cells and game loops.

StarCraft II's data counts in "normal" seconds of 16 game loops. This is the only module of the
reference engine that reads the package's unit table.
"""

from dataclasses import dataclass
from enum import Enum, IntFlag
from functools import cache

from pymarl.envs.skirmish.engine.constants import LOOPS_PER_SECOND
from pymarl.envs.skirmish.maps.unit_data import MIN_SCAN_RANGE, UNITS


class Weapon(Enum):
    """How the damage of a weapon arrives; the numbers are those of the unit table."""

    NONE = 0
    INSTANT = 1
    MISSILE = 2  # follows its target, and is on its way for a while
    TWO_BLADES = 3  # a second hit follows (zealot)
    BEAM = 4  # sweeps twice over a line (colossus)
    BURST = 5  # the unit explodes (baneling)
    TENTACLE = 6  # flies out, and its cooldown waits for it (spine crawler)


class Mover(Enum):
    """Where a unit can go; the numbers are those of the unit table."""

    GROUND = 0
    CLIFFS = 1  # on the ground, and up and down cliffs (colossus)
    AIR = 2


class Attribute(IntFlag):
    """Attributes on which bonus damage and healing depend; the bits are those of the unit table."""

    LIGHT = 1
    ARMORED = 2
    BIOLOGICAL = 4
    MECHANICAL = 8
    MASSIVE = 16
    STRUCTURE = 32


@dataclass(frozen=True, slots=True)
class UnitTraits:
    """The numbers of a unit type. Lengths are cells, times game loops, ranges edge to edge.

    Attributes:
        health_max, shield_max: most of each, and at spawn. energy_start, energy_max: see there.
        armor: taken from every hit on health. health_regeneration: per loop.
        speed: cells per loop. acceleration: cells per loop and loop; 0: the speed changes at once.
        radius: of range measurements. separation: radius of collisions.
        collision_layer: units of one layer collide with each other.
        planes: bits, where the unit can be hit (1 on the ground, 2 in the air).
        reached_planes: bits, where its weapon hits; 0: it has no weapon.
        can_be_healed: it is biological, and no structure.
        damage: per hit; damage_bonus on top against a unit with one of the ``bonus_attributes``.
        attack_period: from attack to attack, without the random delay.
        attack_range, range_slop: an attack begins within attack_range and is completed within
            attack_range + range_slop.
        damage_point: from the start of an attack to its damage. backswing: from there to when the
            unit moves again.
        acquisition_range: within it the unit finds targets by itself.
        missile_speed: cells per loop. follow_up_delay: from a hit to the second blade, or from
            sweep to sweep.
        melee_range, melee_damage_point: of the closer variant of the weapon; range 0: it has none.
        splash_radius: of a burst.
        always_threatens: attackers take it for a threat. turns_to_walk: it walks where it looks.
    """

    health_max: float
    shield_max: float
    energy_start: float
    energy_max: float
    armor: float
    health_regeneration: float
    speed: float
    acceleration: float
    mover: Mover
    radius: float
    separation: float
    collision_layer: int
    planes: int
    attributes: int
    is_structure: bool
    is_healer: bool
    can_be_healed: bool
    weapon: Weapon
    reached_planes: int
    damage: float
    damage_bonus: float
    bonus_attributes: int
    attack_period: float
    attack_range: float
    range_slop: float
    damage_point: float
    backswing: float
    acquisition_range: float
    missile_speed: float
    follow_up_delay: float
    melee_range: float
    melee_damage_point: float
    splash_radius: float
    always_threatens: bool
    turns_to_walk: bool


@cache
def traits_of(name: str) -> UnitTraits:
    """Return the traits of the unit type ``name``, converted from seconds to game loops."""
    data = UNITS[name]
    is_structure = bool(data.attributes & Attribute.STRUCTURE)
    weapon = Weapon(data.weapon)
    return UnitTraits(
        health_max=data.health_max,
        shield_max=data.shield_max,
        energy_start=data.energy[0],
        energy_max=data.energy[1],
        armor=data.armor,
        health_regeneration=data.health_regeneration / LOOPS_PER_SECOND,
        speed=data.speed / LOOPS_PER_SECOND,
        acceleration=data.acceleration / (LOOPS_PER_SECOND * LOOPS_PER_SECOND),
        mover=Mover(data.mover),
        radius=data.radius,
        separation=data.separation,
        collision_layer=data.collision_layer,
        planes=data.planes,
        attributes=data.attributes,
        is_structure=is_structure,
        is_healer=data.is_healer,
        can_be_healed=bool(data.attributes & Attribute.BIOLOGICAL) and not is_structure,
        weapon=weapon,
        reached_planes=0 if weapon is Weapon.NONE else data.reached_planes,
        damage=data.damage,
        damage_bonus=data.damage_bonus,
        bonus_attributes=data.bonus_attributes,
        attack_period=data.attack_period * LOOPS_PER_SECOND,
        attack_range=data.attack_range,
        range_slop=data.range_slop,
        damage_point=data.damage_point * LOOPS_PER_SECOND,
        backswing=data.backswing * LOOPS_PER_SECOND,
        acquisition_range=max(MIN_SCAN_RANGE, data.attack_range),
        missile_speed=data.missile_speed / LOOPS_PER_SECOND,
        follow_up_delay=data.follow_up_delay * LOOPS_PER_SECOND,
        melee_range=data.melee_range,
        melee_damage_point=data.melee_damage_point * LOOPS_PER_SECOND,
        splash_radius=data.splash_radius,
        always_threatens=data.always_threatens,
        turns_to_walk=data.turns_to_walk,
    )
