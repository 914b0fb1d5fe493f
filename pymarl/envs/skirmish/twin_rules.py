"""The slow twin, part 3: targets, orders and the game loop."""

from math import sqrt

from pymarl.envs.skirmish import constants as K
from pymarl.envs.skirmish import layout as L
from pymarl.envs.skirmish.state import World
from pymarl.envs.skirmish.twin_moves import Moves
from pymarl.envs.skirmish.twin_unit import TICKS, Fighter

_MASK = 0xFFFFFFFFFFFFFFFF


class Rules(Moves):
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

    def enemies_of(self, unit: Fighter) -> list[Fighter]:
        """Return the other side's units."""
        return self.units[self.n_agents :] if unit.side == 0 else self.units[: self.n_agents]

    def friends_of(self, unit: Fighter) -> list[Fighter]:
        """Return the own side's units."""
        return self.units[: self.n_agents] if unit.side == 0 else self.units[self.n_agents :]

    # --- targets
    def nearest(self, unit: Fighter, limit: float) -> Fighter | None:
        """Return the nearest attackable enemy within ``limit`` (edges)."""
        best, best_gap = None, limit + K.REACH
        for enemy in self.enemies_of(unit):
            if enemy.alive and unit.can_hit(enemy) and unit.gap(enemy) < best_gap:
                best, best_gap = enemy, unit.gap(enemy)
        return best

    @staticmethod
    def choose(unit: Fighter, target: Fighter | None) -> None:
        """Make ``target`` the unit's own choice."""
        if target is not unit.chosen:
            unit.cancel()
            unit.chosen = target
            unit.chosen_from = (unit.x, unit.y)

    def acquire(self, unit: Fighter) -> None:
        """Keep, find or improve the unit's own target."""
        if unit.chosen is not None:
            dx, dy = unit.x - unit.chosen_from[0], unit.y - unit.chosen_from[1]
            if not unit.chosen.alive or dx * dx + dy * dy > K.LEASH * K.LEASH:
                self.choose(unit, None)
        if unit.chosen is None:
            self.choose(unit, self.nearest(unit, unit.scan))
        elif (self.loop + unit.index) % K.RESCAN_LOOPS == 0 and not unit.winding:
            gap = unit.gap(unit.chosen)
            if gap > unit.kind.range + K.REACH:
                other = self.nearest(unit, min(gap, unit.scan))
                if other is not None:
                    self.choose(unit, other)

    def respond(self) -> None:
        """Answer the attacks of this loop."""
        for unit in self.units:
            unit.help_timer = max(unit.help_timer - 1.0, 0.0)
            attacker, unit.hurt_by = unit.hurt_by, None
            if attacker is None or unit.passive or not unit.alive or not attacker.alive:
                continue
            if self._free(unit) and unit.can_hit(attacker):
                self.choose(unit, attacker)
            if unit.help_timer <= 0:
                unit.help_timer = K.HELP_PERIOD
                for friend in self.friends_of(unit):
                    if friend is unit or not self._free(friend) or not friend.can_hit(attacker):
                        continue
                    if unit.gap(friend) <= K.HELP_RADIUS:
                        self.choose(friend, attacker)

    @staticmethod
    def _free(unit: Fighter) -> bool:
        """Return whether the unit may take a target."""
        may = unit.alive and not unit.passive and unit.chosen is None
        return may and unit.order in ("idle", "attack-move")

    # --- orders
    def give(
        self,
        unit: Fighter,
        order: str,
        target: Fighter | None = None,
        goal: tuple[float, float] = (0, 0),
    ) -> None:
        """Give an order."""
        same = order == unit.order and target is unit.ordered_target
        if same and (target is not None or order == "idle"):
            return
        unit.cancel()
        unit.backswing = 0.0
        unit.order, unit.ordered_target, unit.goal = order, target, goal
        unit.chosen = None
        unit.stuck = 0

    def healable(self, healer: Fighter, friend: Fighter) -> bool:
        """Return whether ``healer`` could heal ``friend``."""
        kind = friend.kind
        fit = kind.attrs & L.BIOLOGICAL and not kind.attrs & L.STRUCTURAL
        return friend is not healer and friend.alive and bool(fit) and friend.health < kind.health

    def victim(self, unit: Fighter) -> Fighter | None:
        """Return the nearest agent for the "attack these units" order."""
        best, best_d2 = None, 1e18
        for agent in self.units[: self.n_agents]:
            dx, dy, _ = unit.way_to(agent)
            if agent.alive and unit.can_hit(agent) and dx * dx + dy * dy < best_d2:
                best, best_d2 = agent, dx * dx + dy * dy
        return best

    def order_enemies(self) -> None:
        """Give the map's order."""
        self.ordered = True
        kind = int(self.world.M[L.M_ORDER])
        for unit in self.units[self.n_agents :]:
            if kind == 0 or not unit.alive or not unit.armed:
                continue
            if kind == 3:
                target = self.victim(unit)
                if target is not None:
                    self.give(unit, "attack", target)
            elif unit.speed > 0:
                self.give(unit, "attack-move", None, self.order_point)

    def attacked(self, unit: Fighter) -> Fighter | None:
        """Return whom the unit attacks now."""
        if unit.order != "attack":
            return unit.chosen
        target = unit.ordered_target
        if target is not None and target.alive:
            return target
        again = unit.side == 1 and int(self.world.M[L.M_ORDER]) == 3
        target = self.victim(unit) if again else None
        self.give(unit, "attack" if target else "idle", target)
        return target

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
