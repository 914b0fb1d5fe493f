"""The slow twin, part 3: targets and orders."""

from pymarl.envs.skirmish.engine import constants as K
from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.twin_moves import Moves
from pymarl.envs.skirmish.twin_unit import Fighter


class Orders(Moves):
    """Who attacks whom, and what units are told to do.

    Attributes:
        n_agents: N.
        loop: game loops since the beginning.
        ordered: whether the enemies have their order.
        order_point: where it leads.
    """

    n_agents: int
    loop: int
    ordered: bool
    order_point: tuple[float, float]

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
