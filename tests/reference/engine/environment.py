"""SMAC's environment around a battle: actions become orders, a step pays a reward and may end it.

Only SMAC's default options of observations, state and reward (dense, scaled, never negative).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.engine.constants import DELAY_HIGH, DELAY_LOW
from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.maps.unit_types import HEALERS, UNIT_TYPES
from tests.reference.engine import features
from tests.reference.engine.battle import placed_units, start_battle
from tests.reference.engine.features import FIRST_TARGET, MOVES, NO_OP, STOP, ObservedUnit
from tests.reference.engine.game_loop import play_game_loop
from tests.reference.engine.ground import Ground
from tests.reference.engine.orders import can_heal, give_order
from tests.reference.engine.procedural import draw_episode, first_episode_points
from tests.reference.engine.unit import Order, Side


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one environment step returned."""

    reward: float
    terminated: bool
    battle_won: bool


class ReferenceEnvironment:
    """One environment of SMAC on the reference engine.

    Args:
        spec: the map.
        args: SMAC's arguments.
        attack_delay: (least, most) of the random delay between attacks, in game loops.
    """

    def __init__(
        self,
        spec: MapSpec,
        args: SmacArgs,
        attack_delay: tuple[float, float] = (DELAY_LOW, DELAY_HIGH),
    ) -> None:
        self.spec, self.args, self.attack_delay = spec, args, attack_delay
        self.placed = placed_units(spec)
        self.ground = Ground(spec.terrain, self.placed)
        self.reward_divisor = max_return(spec, args) / args.reward_scale_rate
        self.order_after: int | None = None

    def reset(self, seed: int) -> None:
        """Begin an episode, which its seed and the actions decide."""
        if self.spec.scenario:
            drawn = draw_episode(self.spec, seed)
            self.placed, self.order_after = drawn.placed, drawn.first_order
            self.ground = Ground(self.spec.terrain, self.placed)
        self.battle = start_battle(
            self.spec, self.placed, self.ground, seed, self.attack_delay, self.order_after
        )
        self.observed = [
            ObservedUnit(name, unit.side)
            for (name, _, _), unit in zip(self.placed, self.battle.units, strict=True)
        ]
        self._observe()
        self.steps = 0
        self.last_actions = [-1] * self.spec.n_agents
        self.health_before = [unit.health + unit.shield for unit in self.observed]

    def step(self, actions: list[int]) -> StepResult:
        """Advance one environment step; ``actions`` holds one available action per agent."""
        self.last_actions = list(actions)
        for agent, action in enumerate(actions):
            self._order_agent(agent, action)
        for _ in range(self.args.step_mul or self.spec.step_mul):
            play_game_loop(self.battle)
        self.steps += 1
        self._observe()
        return self._reward_and_outcome()

    def get_avail_actions(self) -> NDArray[np.uint8]:
        """Return availability, 0 or 1, (N, A)."""
        return features.availability(self.observed, self.spec, self.args.move_amount)

    def get_obs(self) -> NDArray[np.float32]:
        """Return the observations (N, O)."""
        return features.observations(self.observed, self.spec, self.get_avail_actions())

    def get_state(self) -> NDArray[np.float32]:
        """Return the state (S,)."""
        return features.state(self.observed, self.spec, self.last_actions)

    def _observe(self) -> None:
        """Look at all units, as the protocol shows them after a step."""
        for observed, unit in zip(self.observed, self.battle.units, strict=True):
            observed.update(unit)

    def _order_agent(self, agent: int, action: int) -> None:
        """Turn an agent's action into an order; one that the engine refuses changes nothing.

        Availability reads distances of float32 positions between centres, the engine knows planes,
        energy and who can be healed: an available action may be refused.
        """
        unit, observed, units = self.battle.units[agent], self.observed[agent], self.battle.units
        if action == NO_OP or not unit.alive:
            return
        if action == STOP:
            give_order(unit, Order.IDLE)
        elif action in MOVES:
            dx, dy = MOVES[action]
            x = np.float32(observed.x + dx * self.args.move_amount)
            y = np.float32(observed.y + dy * self.args.move_amount)
            give_order(unit, Order.MOVE, goal=(float(x), float(y)))
        elif unit.traits.is_healer:
            friend = units[action - FIRST_TARGET]
            if can_heal(unit, friend) and unit.energy > 0:
                give_order(unit, Order.HEAL, friend)
        else:
            enemy = units[self.spec.n_agents + action - FIRST_TARGET]
            if enemy.alive and unit.reaches_plane_of(enemy):
                give_order(unit, Order.ATTACK, enemy)

    def _reward_and_outcome(self) -> StepResult:
        """Return what the step paid, and whether the battle is over."""
        reward = self._damage_reward()
        won, lost, none_left = self._outcome()
        if won:
            reward += self.args.reward_win
        if lost:
            reward += self.args.reward_defeat
        terminated = won or lost or none_left or self.steps >= self.spec.limit
        return StepResult(reward / self.reward_divisor, terminated, won)

    def _damage_reward(self) -> float:
        """Return the health and shields that enemies lost in this step, and the price of deaths.

        The absolute value, as SMAC takes it: a step in which shields only grew back pays, too. In
        SMACv2 such a step pays nothing.
        """
        damage = deaths = 0.0
        for index, unit in enumerate(self.observed):
            if self.health_before[index] > 0 and unit.side is Side.ENEMIES:
                damage += self.health_before[index] - unit.health - unit.shield
                deaths += self.args.reward_death_value if unit.health <= 0 else 0
            self.health_before[index] = unit.health + unit.shield
        return max(damage + deaths, 0.0) if self.spec.scenario else abs(damage + deaths)

    def _outcome(self) -> tuple[bool, bool, bool]:
        """Return (won, lost, nobody is left).

        SMAC's rule of the map type MMM: the agents have lost when only healers of them live, and
        have won when one enemy lives, a healer. SMACv2's: a side without others has lost, however
        many healers it has.
        """
        living = [unit for unit in self.observed if unit.health > 0]
        agents = [unit.name for unit in living if unit.side is Side.AGENTS]
        enemies = [unit.name for unit in living if unit.side is Side.ENEMIES]
        lost = not agents and bool(enemies)
        won = bool(agents) and not enemies
        if self.spec.map_type == "MMM":
            lost |= HEALERS.issuperset(agents)
            won |= len(enemies) == 1 and HEALERS.issuperset(enemies)
        if self.spec.scenario and not HEALERS.isdisjoint(self.spec.scenario.teams.types):
            lost |= HEALERS.issuperset(agents)
            won |= HEALERS.issuperset(enemies)
        return won and not lost, lost, not agents and not enemies


def max_return(spec: MapSpec, args: SmacArgs) -> float:
    """Return SMAC's largest return: the win, and death, health and shield of every enemy."""
    if spec.scenario:
        deaths = spec.n_enemies * args.reward_death_value
        return args.reward_win + deaths + first_episode_points(spec, args)
    total = float(args.reward_win)
    for group in spec.enemy.groups:
        most = UNIT_TYPES[group.unit]
        each = args.reward_death_value + most.health_max + most.shield_max
        total += group.count * each
    return total
