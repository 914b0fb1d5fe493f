"""The slow twin, part 1: one unit as a plain Python object, with its weapon.

Written from docs/simulator.md, independently of the kernels: objects instead of arrays, exact
enough to give the same
bits. Slow on purpose; tests compare it with the kernels, ``bench --twin`` measures against it.
"""

from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING, Optional

from pymarl.envs.skirmish.engine import constants as K
from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.maps.unit_data import MIN_SCAN_RANGE, Unit

if TYPE_CHECKING:
    from pymarl.envs.skirmish.twin_rules import Rules

TICKS = K.LOOPS_PER_SECOND


@dataclass(eq=False)
class Fighter:
    """A unit on the field; times in game loops."""

    index: int
    side: int
    kind: Unit
    passive: bool
    x: float
    y: float
    look: tuple[float, float]
    health: float = 0.0
    shield: float = 0.0
    energy: float = 0.0
    alive: bool = True
    order: str = "idle"
    ordered_target: Optional["Fighter"] = None
    goal: tuple[float, float] = (0.0, 0.0)
    chosen: Optional["Fighter"] = None
    chosen_from: tuple[float, float] = (0.0, 0.0)
    cooldown: float = 0.0
    winding: bool = False
    windup: float = 0.0
    backswing: float = 0.0
    velocity: tuple[float, float] = (0.0, 0.0)
    pose: str = "walking"
    quiet: float = 0.0
    missile: tuple[float, float] = (0.0, 0.0)
    missile_target: Optional["Fighter"] = None
    hits_left: int = 0
    hit_timer: float = 0.0
    hit_target: Optional["Fighter"] = None
    line: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    blocker: Optional["Fighter"] = None
    around: int = 0
    hurt_by: Optional["Fighter"] = None
    help_timer: float = 0.0
    stuck: int = 0
    push: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def __post_init__(self) -> None:
        self.health, self.shield, self.energy = (
            self.kind.health,
            self.kind.shield,
            self.kind.energy[0],
        )

    @property
    def armed(self) -> bool:
        """Whether the unit has a weapon."""
        return self.kind.weapon != L.UNARMED

    @property
    def speed(self) -> float:
        """Length per loop."""
        return self.kind.speed / TICKS

    @property
    def scan(self) -> float:
        """Acquisition range."""
        return max(MIN_SCAN_RANGE, self.kind.range)

    def way_to(self, other: "Fighter") -> tuple[float, float, float]:
        """Return (dx, dy, distance) to the centre of ``other``."""
        dx, dy = other.x - self.x, other.y - self.y
        return dx, dy, sqrt(dx * dx + dy * dy)

    def gap(self, other: "Fighter") -> float:
        """Return the distance between the edges."""
        return self.way_to(other)[2] - self.kind.radius - other.kind.radius

    def can_hit(self, other: "Fighter") -> bool:
        """Return whether the weapon reaches ``other``'s plane."""
        return self.armed and bool(self.kind.hits & other.kind.planes)

    # --- damage
    def strike(self, target: "Fighter") -> None:
        """Hit ``target`` once."""
        amount = self.kind.damage
        if self.kind.bonus_attrs & target.kind.attrs:
            amount += self.kind.bonus
        if self.kind.weapon == L.BURST and target.kind.attrs & L.STRUCTURAL:
            amount = K.BURST_VS_STRUCTURE
        absorbed = min(target.shield, amount)
        target.shield -= absorbed
        if amount - absorbed > 0:
            target.health -= max(amount - absorbed - target.kind.armor, K.DAMAGE_MINIMUM)
        target.quiet = K.SHIELD_DELAY
        target.hurt_by = self

    def launch(self, target: "Fighter") -> None:
        """Start a missile at the own edge."""
        if self.missile_target is not None:
            self.strike(self.missile_target)
        dx, dy, d = self.way_to(target)
        share = self.kind.radius / d if d > 0 else 0.0
        self.missile = (self.x + dx * share, self.y + dy * share)
        self.missile_target = target

    def fly(self) -> None:
        """Advance the missile."""
        target = self.missile_target
        if target is None:
            return
        if not target.alive:
            self.missile_target = None
            return
        mx, my = self.missile
        dx, dy = target.x - mx, target.y - my
        d = sqrt(dx * dx + dy * dy)
        speed = self.kind.missile / TICKS
        if d - target.kind.radius <= speed:
            self.missile_target = None
            self.strike(target)
        else:
            self.missile = (mx + dx / d * speed, my + dy / d * speed)

    def follow_up(self, rules: "Rules") -> None:
        """Count down to the second blade or the next sweep."""
        self.hit_timer -= 1.0
        if self.hit_timer > 0:
            return
        self.hits_left -= 1
        if self.kind.weapon == L.SWEEP:
            self.hit_timer = self.kind.follow * TICKS
            for enemy in rules.enemies_of(self):
                if enemy.alive and enemy.kind.planes & self.kind.hits and self._touches(enemy):
                    self.strike(enemy)
        elif self.hit_target is not None and self.hit_target.alive:
            self.strike(self.hit_target)

    def _touches(self, enemy: "Fighter") -> bool:
        """Return whether one of the beam's 11 points touches ``enemy``."""
        x, y, ux, uy = self.line
        dx, dy = enemy.x - x, enemy.y - y
        along = (dx * ux + dy * uy) / K.SWEEP_STEP
        steps = K.SWEEP_HALF / K.SWEEP_STEP
        point = K.SWEEP_STEP * min(max(float(int(along + 100.5) - 100), -steps), steps)
        ex, ey = dx - point * ux, dy - point * uy
        reach = K.SWEEP_REACH + enemy.kind.radius
        return ex * ex + ey * ey <= reach * reach

    # --- attacking
    def turn(self, ux: float, uy: float) -> bool:
        """Turn towards (ux, uy); return whether the unit looks there."""
        fx, fy = self.look
        if fx * ux + fy * uy >= K.TURN_COS:
            self.look = (ux, uy)
            return True
        sin = K.TURN_SIN if fx * uy - fy * ux >= 0 else -K.TURN_SIN
        self.look = (fx * K.TURN_COS - fy * sin, fx * sin + fy * K.TURN_COS)
        return self.look[0] * ux + self.look[1] * uy >= K.ARC_COS

    def cancel(self) -> None:
        """Break off a wind-up."""
        if self.winding:
            self.winding = False
            self.cooldown = 0.0

    def close(self, target: "Fighter") -> bool:
        """Return whether the melee variant of the weapon applies."""
        reach = self.kind.melee_range + self.kind.radius + target.kind.radius
        dx, dy, _ = self.way_to(target)
        return self.kind.melee_range > 0 and dx * dx + dy * dy <= reach * reach

    def release(self, target: "Fighter") -> None:
        """The damage point."""
        self.winding = False
        self.backswing = self.kind.swing * TICKS
        weapon = self.kind.weapon
        if weapon == L.MISSILES and not self.close(target):
            self.launch(target)
        elif weapon == L.SWEEP:
            dx, dy, d = self.way_to(target)
            across = (-dy / d, dx / d) if d > 0 else (1.0, 0.0)
            self.line = (target.x, target.y, *across)
            self.hit_timer, self.hits_left, self.hit_target = K.SWEEP_DELAY, 2, target
        elif weapon == L.BURST:
            self.health = self.shield = 0.0
        else:
            self.strike(target)
            if weapon == L.DOUBLE:
                self.hit_timer, self.hits_left, self.hit_target = (
                    self.kind.follow * TICKS,
                    1,
                    target,
                )

    def begin(self, target: "Fighter", rules: "Rules") -> None:
        """Start an attack."""
        low, high = rules.delay
        self.cooldown = self.kind.period * TICKS + (low + (high - low) * rules.random())
        self.windup = (self.kind.melee_point if self.close(target) else self.kind.point) * TICKS
        self.winding = True
        if self.windup <= 0:
            self.release(target)
