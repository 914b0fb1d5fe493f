"""The slow twin, part 4: what units do in a game loop."""

from math import sqrt

from pymarl.envs.skirmish.engine import constants as K
from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.state import World
from pymarl.envs.skirmish.twin_orders import Orders
from pymarl.envs.skirmish.twin_unit import TICKS, Fighter

_MASK = 0xFFFFFFFFFFFFFFFF


class Rules(Orders):
    """One battle: its units, its random stream, and what happens in a game loop.

    Args:
        world: the map's arrays; only terrain, paths and the enemies' order are read from it.
        units: the fighters, agents first.
        n_agents: N.
        word: first state of the random stream.
        delay: range of the random weapon delay.
    """

    def __init__(
        self,
        world: World,
        units: list[Fighter],
        n_agents: int,
        word: int,
        delay: tuple[float, float],
    ) -> None:
        self.world, self.units, self.n_agents = world, units, n_agents
        self.word, self.delay = word, delay
        self.loop = 0
        self.ordered = False
        self.order_point = (0.0, 0.0)

    def random(self) -> float:
        """Return the next number in [0, 1) of splitmix64."""
        self.word = (self.word + 0x9E3779B97F4A7C15) & _MASK
        z = self.word
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53

    # --- acting
    def decide(self, unit: Fighter) -> None:
        """One unit's turn."""
        unit.cooldown = max(unit.cooldown - 1.0, 0.0)
        unit.backswing = max(unit.backswing - 1.0, 0.0)
        unit.pose = "standing"
        if unit.kind.accel <= 0:
            unit.velocity = (0.0, 0.0)
        if unit.kind.healer:
            self.heal(unit)
        else:
            if not unit.passive and unit.order in ("idle", "attack-move"):
                self.acquire(unit)
            target = self.attacked(unit)
            if target is not None:
                self.fight(unit, target)
            elif unit.winding:
                unit.cancel()
            else:
                self.walk(unit)
        if unit.pose != "walking":
            self.glide(unit, 0.0, 0.0)

    def fight(self, unit: Fighter, target: Fighter) -> None:
        """Attack, or close in."""
        dx, dy, d = unit.way_to(target)
        gap = d - unit.kind.radius - target.kind.radius
        ux, uy = (dx / d, dy / d) if d > 0 else unit.look
        if unit.winding:
            unit.pose = "anchored"
            unit.turn(ux, uy)
            if gap > unit.kind.range + unit.kind.slop + K.REACH:
                unit.cancel()
                return
            unit.windup -= 1.0
            if unit.windup <= 0:
                unit.release(target)
        elif gap <= unit.kind.range + K.REACH:
            unit.pose = "anchored"
            if unit.turn(ux, uy) and unit.cooldown <= 0:
                unit.begin(target, self)
        elif unit.backswing > 0:
            unit.pose = "anchored"
        else:
            step = min(unit.speed, gap - unit.kind.range + K.REACH)
            self.go(unit, target, (target.x, target.y), step)
            unit.turn(ux, uy)

    def heal(self, unit: Fighter) -> None:
        """A healer's turn."""
        friend = unit.ordered_target if unit.order == "heal" else None
        if friend is not None and (not self.healable(unit, friend) or unit.energy <= 0):
            self.give(unit, "idle")
            friend = None
        if friend is None and unit.order == "idle" and not unit.passive:
            friend = self.patient(unit)
            if friend is not None:
                self.give(unit, "heal", friend)
        if friend is None:
            self.walk(unit)
        elif unit.gap(friend) > K.HEAL_RANGE + K.REACH:
            self.go(unit, friend, (friend.x, friend.y), unit.speed)
        elif friend.health > 0:
            most = min(K.HEAL_PER_LOOP, friend.kind.health - friend.health)
            points = min(most, unit.energy / K.ENERGY_PER_HP)
            friend.health += points
            unit.energy -= points * K.ENERGY_PER_HP

    def patient(self, unit: Fighter) -> Fighter | None:
        """Return the friend an autocasting healer takes."""
        best, best_gap = None, K.AUTOCAST_RANGE + K.REACH
        for friend in self.friends_of(unit) if unit.energy >= K.AUTOCAST_ENERGY else []:
            if self.healable(unit, friend) and unit.gap(friend) < best_gap:
                best, best_gap = friend, unit.gap(friend)
        return best

    def walk(self, unit: Fighter) -> None:
        """Follow a move or attack-move order."""
        if unit.order not in ("move", "attack-move"):
            return
        dx, dy = unit.goal[0] - unit.x, unit.goal[1] - unit.y
        d = sqrt(dx * dx + dy * dy)
        charge = unit.order == "attack-move"
        done = d <= (K.ARRIVE_ATTACK if charge else K.ARRIVE_MOVE)
        other = unit.blocker
        if not done and charge and d <= K.CROWD_RADIUS and other is not None:
            done = other.order == "idle" and other.side == unit.side
        if done:
            self.give(unit, "idle")
        else:
            self.go(unit, None, unit.goal, min(unit.speed, d))

    def regenerate(self) -> None:
        """Shields, zerg health, energy."""
        for unit in self.units:
            kind = unit.kind
            if not unit.alive or unit.health <= 0:
                continue
            if unit.quiet > 0:
                unit.quiet -= 1.0
            else:
                unit.shield = min(unit.shield + K.SHIELD_REGEN, kind.shield)
            if kind.regen > 0:
                unit.health = min(unit.health + kind.regen / TICKS, kind.health)
            if kind.energy[1] > 0:
                unit.energy = min(unit.energy + K.ENERGY_REGEN, kind.energy[1])

    def bury(self) -> None:
        """Remove the dead; bursting units explode, until nothing changes."""
        dying = True
        while dying:
            dying = False
            for unit in self.units:
                if not unit.alive or unit.health > 0:
                    continue
                unit.alive, unit.health, unit.shield = False, 0.0, 0.0
                if unit.kind.weapon != L.BURST:
                    continue
                dying = True
                for enemy in self.enemies_of(unit):
                    dx, dy, _ = unit.way_to(enemy)
                    reach = unit.kind.splash + enemy.kind.radius
                    hit = enemy.alive and enemy.kind.planes & unit.kind.hits
                    if hit and dx * dx + dy * dy <= reach * reach:
                        unit.strike(enemy)

    def game_loop(self) -> None:
        """Advance one game loop."""
        if not self.ordered and self.loop >= int(self.world.M[L.M_AFTER]):
            self.order_enemies()
        for unit in self.units:
            unit.fly()
            if unit.hits_left > 0 and unit.alive:
                unit.follow_up(self)
        for unit in self.units:
            if unit.alive:
                self.decide(unit)
        self.advance()
        self.collide()
        self.respond()
        self.regenerate()
        self.bury()
        self.loop += 1
