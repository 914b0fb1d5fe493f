"""The unit table: StarCraft II 4.10.0.75689 (Liberty) numbers of the ten unit types of SMAC's maps.

Source of every number: SC2Mapster/SC2GameData tag v4.10.0.75689, liberty.sc2mod over the
core.sc2mod defaults, the
build that SMAC uses; the maps' ``*_RL`` units are field-by-field copies that only lack acquisition
and response.
Times are "normal" game seconds (16 game loops), speeds lengths per such second. Deviations are
marked ``chosen``.
"""

from dataclasses import dataclass
from typing import Final

from pymarl.envs.skirmish.engine import layout as L


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit type. Ranges are edge to edge; defaults are the core defaults of the game's data.

    Attributes:
        health: maximal health. shield: maximal shield. armor: subtracted from each hit on health.
        energy: (at spawn, maximal). regen: health per second (zerg).
        speed: length per second. accel: length per second squared, 0 for the instant 1000 of
            ground units.
        radius: of range measurements. separation: of collisions.
        attrs: attribute bits. planes: planes it can be hit on.
        sight: data only: SMAC's maps switch the fog off, and its agents see 9 whatever they are.
        weapon: delivery. damage, bonus: per hit, and on top against ``bonus_attrs``. period:
            between attacks.
        range, slop: begins an attack within range, completes it within range + slop.
        point: damage point. swing: backswing. hits: planes the weapon can hit.
        missile: speed of the missile per second. follow: seconds to the follow-up hit.
        melee_range, melee_point: the closer variant of the weapon (hydralisk).
        splash: radius of a burst. space: units of one space collide. nav: grid (0 ground, 1
            cliffs, 2 air).
    """

    health: float
    radius: float
    separation: float
    speed: float
    attrs: int
    sight: float
    shield: float = 0.0
    armor: float = 0.0
    energy: tuple[float, float] = (0.0, 0.0)
    regen: float = 0.0
    accel: float = 0.0
    planes: int = L.ON_GROUND
    weapon: int = L.UNARMED
    damage: float = 0.0
    bonus: float = 0.0
    bonus_attrs: int = 0
    period: float = 0.0
    range: float = 0.0
    slop: float = 1.0
    point: float = 0.0
    swing: float = 0.5
    hits: int = L.ON_GROUND
    missile: float = 0.0
    follow: float = 0.0
    melee_range: float = 0.0
    melee_point: float = 0.0
    splash: float = 0.0
    space: int = 0
    nav: int = 0
    healer: bool = False


_BOTH = L.ON_GROUND | L.IN_AIR
_ZERG = 0.2734  # health per second of every zerg unit

UNITS: Final[dict[str, Unit]] = {
    "marine": Unit(
        sight=9,
        health=45,
        radius=0.375,
        separation=0.375,
        speed=2.25,
        attrs=L.LIGHT | L.BIOLOGICAL,
        weapon=L.INSTANT,
        damage=6,
        period=0.8608,
        range=5,
        point=0.05,
        swing=0.75,
        hits=_BOTH,
    ),
    "marauder": Unit(
        sight=10,
        health=125,
        armor=1,
        radius=0.5625,
        separation=0.5,
        speed=2.25,
        attrs=L.ARMORED | L.BIOLOGICAL,
        weapon=L.MISSILES,
        damage=10,
        bonus=10,
        bonus_attrs=L.ARMORED,
        period=1.5,
        range=6,
        point=0,
        swing=0,
        missile=20,
    ),
    "medivac": Unit(
        sight=11,
        health=150,
        armor=1,
        energy=(50, 200),
        radius=0.75,
        separation=0.75,
        speed=2.75,
        accel=2.3125,
        attrs=L.ARMORED | L.MECHANICAL,
        planes=L.IN_AIR,
        space=1,
        nav=2,
        healer=True,
    ),
    "stalker": Unit(
        sight=10,
        health=80,
        shield=80,
        armor=1,
        radius=0.625,
        separation=0.625,
        speed=2.9531,
        attrs=L.ARMORED | L.MECHANICAL,
        weapon=L.MISSILES,
        damage=10,
        bonus=4,
        bonus_attrs=L.ARMORED,
        period=1.44,
        range=6,
        point=0.167,
        missile=18.75,
        hits=_BOTH,
    ),
    "zealot": Unit(
        sight=9,
        health=100,
        shield=50,
        armor=1,
        radius=0.5,
        separation=0.375,
        speed=2.25,
        attrs=L.LIGHT | L.BIOLOGICAL,
        weapon=L.DOUBLE,
        damage=8,
        period=1.2,
        range=0.1,
        point=0,
        follow=0.28,
    ),
    # chosen: colossi stand over smaller units, so they collide with each other only.
    "colossus": Unit(
        sight=10,
        health=200,
        shield=150,
        armor=1,
        radius=1.0,
        separation=0.75,
        speed=2.25,
        attrs=L.ARMORED | L.MECHANICAL | L.MASSIVE,
        planes=_BOTH,
        weapon=L.SWEEP,
        damage=20,
        period=2.2,
        range=6,
        slop=0,
        point=0.0832,
        follow=0.375,
        space=2,
        nav=1,
    ),
    "zergling": Unit(
        sight=8,
        health=35,
        regen=_ZERG,
        radius=0.375,
        separation=0.375,
        speed=2.9531,
        attrs=L.LIGHT | L.BIOLOGICAL,
        weapon=L.INSTANT,
        damage=5,
        period=0.696,
        range=0.1,
        point=0.167,
    ),
    "hydralisk": Unit(
        sight=9,
        health=80,
        regen=_ZERG,
        radius=0.625,
        separation=0.5,
        speed=2.25,
        attrs=L.LIGHT | L.BIOLOGICAL,
        weapon=L.MISSILES,
        damage=12,
        period=0.83,
        range=5,
        point=0.208,
        missile=40,
        hits=_BOTH,
        melee_range=0.5,
        melee_point=0.3,
    ),
    "baneling": Unit(
        sight=8,
        health=30,
        regen=_ZERG,
        radius=0.375,
        separation=0.375,
        speed=2.5,
        attrs=L.BIOLOGICAL,
        weapon=L.BURST,
        damage=20,
        bonus=15,
        bonus_attrs=L.LIGHT,
        period=0.833,
        range=0.25,
        point=0,
        splash=2.2,
    ),
    "spine_crawler": Unit(
        sight=11,
        health=300,
        armor=2,
        regen=_ZERG,
        radius=0.875,
        separation=0.875,
        speed=0,
        attrs=L.ARMORED | L.BIOLOGICAL | L.STRUCTURAL,
        weapon=L.INSTANT,
        damage=25,
        bonus=5,
        bonus_attrs=L.ARMORED,
        period=1.6,
        range=7,
        slop=0,
        point=0.3332,
    ),
}
MIN_SCAN_RANGE: Final = 5.0  # data: core default
