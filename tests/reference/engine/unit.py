"""One unit on the battlefield: its state, and its geometry."""

from dataclasses import dataclass, field
from enum import Enum, auto
from math import sqrt
from typing import Optional

from pymarl.envs.skirmish.engine.constants import (
    ARC_COS,
    MELEE_WEAPON_RANGE,
    TURN_COS,
    TURN_SIN,
)
from tests.reference.engine.traits import UnitTraits, Weapon


class Side(Enum):
    """Whose unit it is."""

    AGENTS = auto()
    ENEMIES = auto()


class Order(Enum):
    """What a unit was told to do."""

    IDLE = auto()
    MOVE = auto()
    ATTACK = auto()
    ATTACK_MOVE = auto()  # move to a point and attack whatever is met on the way
    HEAL = auto()


class Pose(Enum):
    """Whether others can push the unit aside."""

    WALKING = auto()  # gives way to everyone
    STANDING = auto()  # gives way to friends
    ANCHORED = auto()  # attacks, and gives way to nobody


@dataclass(eq=False)
class Unit:
    """A unit on the battlefield; lengths are cells, times game loops.

    Attributes:
        index: place in the battle's list of units. is_passive: it attacks and heals only when it
            is ordered to (SMAC's agents).
        facing: unit vector of where it looks.
        health: a unit at 0 or below dies at the end of the game loop.
        ordered_target: of an attack or heal order. goal: point of a move or attack-move order.
        acquired_target: whom the unit chose to attack by itself. acquired_at: where it stood then.
        has_fought: it has chosen a target before. found_target: it has found one in this loop.
        cooldown: until the weapon may attack again. winding_up: the weapon is between the start
            of an attack and its damage point, which is ``wind_up`` loops away.
        backswing: until the unit may move after its attack.
        velocity: displacement per loop that the unit wants; flying units keep it.
        shield_timer: until the shield regenerates.
        missile_target, missile: whom the missile in flight follows, and where it is.
        follow_ups_left, follow_up_timer, follow_up_target: hits that are still to come after a
            damage point, when the next one comes, and whom it hits.
        beam: (x, y, dx, dy), centre and unit direction of the line that a beam sweeps over.
        push: displacement by collisions in this loop.
        blocker, blocker_distance: nearest unit in the way, and how far away its edge is.
        sidestep: around which side of blockers it walks (sign: + left), and for how many loops it
            remembers that.
        attacked_by: who hit it last in this loop. help_timer: until it may call for help again.
        stuck_loops: for how many loops it follows its path cell by cell.
    """

    index: int
    side: Side
    traits: UnitTraits
    is_passive: bool
    x: float
    y: float
    facing: tuple[float, float]
    health: float = field(init=False)
    shield: float = field(init=False)
    energy: float = field(init=False)
    alive: bool = True
    order: Order = Order.IDLE
    ordered_target: Optional["Unit"] = None
    goal: tuple[float, float] = (0.0, 0.0)
    acquired_target: Optional["Unit"] = None
    acquired_at: tuple[float, float] = (0.0, 0.0)
    has_fought: bool = False
    found_target: bool = False
    cooldown: float = 0.0
    winding_up: bool = False
    wind_up: float = 0.0
    backswing: float = 0.0
    velocity: tuple[float, float] = (0.0, 0.0)
    pose: Pose = Pose.WALKING
    shield_timer: float = 0.0
    missile_target: Optional["Unit"] = None
    missile: tuple[float, float] = (0.0, 0.0)
    follow_ups_left: int = 0
    follow_up_timer: float = 0.0
    follow_up_target: Optional["Unit"] = None
    beam: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    push: tuple[float, float] = (0.0, 0.0)
    blocker: Optional["Unit"] = None
    blocker_distance: float = 0.0
    sidestep: int = 0
    attacked_by: Optional["Unit"] = None
    help_timer: float = 0.0
    stuck_loops: int = 0

    def __post_init__(self) -> None:
        self.health = self.traits.health_max
        self.shield = self.traits.shield_max
        self.energy = self.traits.energy_start

    def vector_to(self, other: "Unit") -> tuple[float, float, float]:
        """Return (dx, dy, distance) to the centre of ``other``."""
        dx, dy = other.x - self.x, other.y - self.y
        return dx, dy, sqrt(dx * dx + dy * dy)

    def gap_to(self, other: "Unit") -> float:
        """Return the distance from edge to edge; negative when the units overlap."""
        return self.vector_to(other)[2] - self.traits.radius - other.traits.radius

    def is_armed(self) -> bool:
        """Return whether the unit has a weapon."""
        return self.traits.weapon is not Weapon.NONE

    def reaches_plane_of(self, other: "Unit") -> bool:
        """Return whether the weapon can hit ``other`` at all: on the ground, or in the air."""
        return bool(self.traits.reached_planes & other.traits.planes)

    def is_melee(self) -> bool:
        """Return whether the unit has to touch its target, or has no weapon at all."""
        return self.traits.attack_range < MELEE_WEAPON_RANGE

    def may_choose_targets(self) -> bool:
        """Return whether the unit attacks by itself under its present order."""
        return not self.is_passive and self.order in (Order.IDLE, Order.ATTACK_MOVE)

    def threatens(self, other: "Unit") -> bool:
        """Return whether the unit attacks ``other``, or is always taken for a threat (medivac)."""
        is_ordered = self.order is Order.ATTACK
        target = self.ordered_target if is_ordered else self.acquired_target
        return target is other or self.traits.always_threatens

    def turn(self, ux: float, uy: float) -> bool:
        """Turn towards the unit vector (ux, uy); return whether the unit looks there well enough.

        At most 62.5 degrees in a loop; 11.25 degrees of slack. Rotation by a fixed sine and cosine
        instead of angles: the same bits on every machine.
        """
        x, y = self.facing
        if x * ux + y * uy >= TURN_COS:
            self.facing = (ux, uy)
            return True
        sin = TURN_SIN if x * uy - y * ux >= 0 else -TURN_SIN
        x, y = x * TURN_COS - y * sin, x * sin + y * TURN_COS
        self.facing = (x, y)
        return x * ux + y * uy >= ARC_COS

    def cancel_attack(self) -> None:
        """Break off an attack before its damage point; its cooldown is given back (chosen)."""
        if self.winding_up:
            self.winding_up = False
            self.cooldown = 0.0
