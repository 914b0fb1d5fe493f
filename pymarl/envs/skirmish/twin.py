"""The slow twin, part 5: SMAC's environment around it, in plain Python and NumPy."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.rng import seed_word
from pymarl.envs.skirmish.maps.unit_data import UNITS
from pymarl.envs.skirmish.twin_rules import Rules
from pymarl.envs.skirmish.twin_unit import Fighter
from pymarl.envs.smac.maps.unit_types import HEALERS, UNIT_TYPES
from pymarl.envs.smac.rules.features import max_reward

if TYPE_CHECKING:
    from pymarl.envs.skirmish.vector_env import VectorSkirmish


@dataclass(frozen=True, slots=True)
class TwinStep:
    """What one step of the twin returned."""

    reward: float
    terminated: bool
    won: bool


@dataclass
class Seen:
    """A unit as the protocol shows it: float32 numbers, the last position after death."""

    name: str
    x: float = 0.0
    y: float = 0.0
    health: float = 0.0
    shield: float = 0.0
    energy: float = 0.0
    cooldown: float = 0.0


class TwinBattle:
    """The slow twin of one environment of a ``VectorSkirmish`` with default features.

    Args:
        env: gives the map, the arguments and the static arrays; it is not stepped.
    """

    def __init__(self, env: "VectorSkirmish") -> None:
        self.env, self.args, self.map = env, env.args, env.map
        self.n, self.e = env.n_agents, env.n_enemies
        p = env.world.P
        low = float(p[0, L.DELAY])
        self.delay = (low, low + float(p[0, L.DELAY_SPAN]))

    def reset(self, seed: int) -> None:
        """Begin an episode."""
        w = self.env.world
        rules = Rules(w, [], self.n, seed_word(seed), self.delay)
        for i, name in enumerate(self.env.unit_names):
            look = w.facings[int(rules.random() * 64)]
            side = int(i >= self.n)
            rules.units.append(
                Fighter(i, side, UNITS[name], self.map.ally.passive and side == 0,
                        float(w.start[i, 0]), float(w.start[i, 1]),
                        (float(look[0]), float(look[1])))
            )  # fmt: skip
        share = rules.random() if self.map.order == "attack_segment" else 0.0
        (ax, ay), (bx, by) = w.order.tolist()
        rules.order_point = (ax + (bx - ax) * share, ay + (by - ay) * share)
        self.rules, self.steps = rules, 0
        self.seen = [Seen(name) for name in self.env.unit_names]
        self._look()
        self.last = [-1] * self.n
        self.before = [unit.health + unit.shield for unit in self.seen]

    def _look(self) -> None:
        """Update what is seen."""
        for unit, seen in zip(self.rules.units, self.seen, strict=True):
            if unit.alive:
                seen.x, seen.y = float(np.float32(unit.x)), float(np.float32(unit.y))
                seen.health, seen.shield = (
                    float(np.float32(unit.health)),
                    float(np.float32(unit.shield)),
                )
                seen.energy, seen.cooldown = (
                    float(np.float32(unit.energy)),
                    float(np.float32(unit.cooldown)),
                )
            else:
                seen.health = seen.shield = 0.0

    def _command(self, i: int, action: int) -> None:
        """Carry out one agent's action."""
        unit, seen, rules = self.rules.units[i], self.seen[i], self.rules
        if action == 0 or not unit.alive:
            return
        if action == 1:
            rules.give(unit, "idle")
        elif action < 6:
            dx, dy = {2: (0, 1), 3: (0, -1), 4: (1, 0), 5: (-1, 0)}[action]
            step = self.args.move_amount
            x, y = np.float32(seen.x + dx * step), np.float32(seen.y + dy * step)
            rules.give(unit, "move", None, (float(x), float(y)))
        elif unit.kind.healer:
            friend = rules.units[action - 6]
            if rules.healable(unit, friend) and unit.energy > 0:
                rules.give(unit, "heal", friend)
        else:
            enemy = rules.units[self.n + action - 6]
            if enemy.alive and unit.can_hit(enemy):
                rules.give(unit, "attack", enemy)

    def step(self, actions: list[int]) -> TwinStep:
        """Advance one environment step."""
        self.last = list(actions)
        for i, action in enumerate(actions):
            self._command(i, action)
        for _ in range(self.env.step_mul):
            self.rules.game_loop()
        self.steps += 1
        self._look()
        return self._judge()

    def _judge(self) -> TwinStep:
        """Return SMAC's reward and end (default reward options: dense and positive)."""
        dealt = deaths = 0.0
        for i, seen in enumerate(self.seen):
            if self.before[i] > 0 and i >= self.n:
                dealt += self.before[i] - seen.health - seen.shield
                deaths += self.args.reward_death_value if seen.health <= 0 else 0
            self.before[i] = seen.health + seen.shield
        reward = abs(dealt + deaths)
        allies = [unit.name for unit in self.seen[: self.n] if unit.health > 0]
        foes = [unit.name for unit in self.seen[self.n :] if unit.health > 0]
        medic = self.map.map_type == "MMM"
        lost = (not allies and bool(foes)) or (medic and not set(allies) - HEALERS)
        lone = medic and len(foes) == 1 and foes[0] in HEALERS
        won = not lost and ((bool(allies) and not foes) or lone)
        over = lost or won or (not allies and not foes) or self.steps >= self.map.limit
        if won:
            reward += self.args.reward_win
        if lost:
            reward += self.args.reward_defeat
        return TwinStep(
            reward / (max_reward(self.map, self.args) / self.args.reward_scale_rate), over, won
        )

    def _distance(self, i: int, j: int) -> float:
        """Return the distance between two seen units."""
        dx, dy = self.seen[j].x - self.seen[i].x, self.seen[j].y - self.seen[i].y
        return sqrt(dx * dx + dy * dy)

    def avail(self) -> NDArray[np.uint8]:
        """Return availability (N, A)."""
        out = np.zeros((self.n, 6 + self.e), np.uint8)
        half = self.args.move_amount / 2
        grid = self.map.terrain.pathing
        for i in range(self.n):
            me = self.seen[i]
            if me.health <= 0:
                out[i, 0] = 1
                continue
            out[i, 1] = 1
            for a, (dx, dy) in enumerate(((0, half), (0, -half), (half, 0), (-half, 0)), start=2):
                x, y = int(me.x + dx), int(me.y + dy)
                out[i, a] = 0 <= x < grid.shape[1] and 0 <= y < grid.shape[0] and grid[y, x]
            heals = me.name in HEALERS
            for k, j in enumerate(range(self.n) if heals else range(self.n, self.n + self.e)):
                target = self.seen[j]
                usable = target.health > 0 and not (heals and target.name in HEALERS)
                out[i, 6 + k] = usable and self._distance(i, j) <= 6
        return out

    def _body(self, j: int) -> list[float]:
        """Return [health, [shield], type bits] of a unit."""
        seen, side = self.seen[j], self.map.ally if j < self.n else self.map.enemy
        kind = UNIT_TYPES[seen.name]
        out = [seen.health / kind.health_max]
        if side.race == "P":
            out.append(seen.shield / kind.shield_max if kind.shield_max else 0.0)
        return out + self._bits(j)

    def _bits(self, j: int) -> list[float]:
        """Return the one-hot type of a unit."""
        bits = [0.0] * self.map.unit_type_bits
        side = self.map.ally if j < self.n else self.map.enemy
        if bits:
            bits[side.type_bits.index(self.seen[j].name)] = 1.0
        return bits

    def obs(self) -> NDArray[np.float32]:
        """Return observations (N, O) with the default options."""
        avail = self.avail()
        rows = []
        for i in range(self.n):
            me = self.seen[i]
            row: list[float] = [float(a) for a in avail[i, 2:6]]
            for j in [*range(self.n, self.n + self.e), *(k for k in range(self.n) if k != i)]:
                other, dist = self.seen[j], self._distance(i, j)
                first = float(avail[i, 6 + j - self.n]) if j >= self.n else 1.0
                part = [first, dist / 9, (other.x - me.x) / 9, (other.y - me.y) / 9, *self._body(j)]
                row += part if dist < 9 and other.health > 0 else [0.0] * len(part)
            row += self._body(i)
            rows.append(row if me.health > 0 else [0.0] * len(row))
        return np.array(rows, dtype=np.float32)

    def state(self) -> NDArray[np.float32]:
        """Return the state (S,) with the default options."""
        t = self.map.terrain
        wide, tall = t.playable[2] - t.playable[0], t.playable[3] - t.playable[1]
        out: list[Any] = []
        for j, seen in enumerate(self.seen):
            body = self._body(j)
            rest = [(seen.x - t.width / 2) / wide, (seen.y - t.height / 2) / tall, *body[1:]]
            if j < self.n:
                value = seen.energy if seen.name in HEALERS else seen.cooldown
                rest = [value / UNIT_TYPES[seen.name].smac_cooldown_max, *rest]
            out += [body[0], *rest] if seen.health > 0 else [0.0] * (1 + len(rest))
        for action in self.last:
            out += [float(a == action) for a in range(6 + self.e)]
        return np.array(out, dtype=np.float32)
