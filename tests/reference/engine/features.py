"""What SMAC's agents see of a battle: availability, observations and state, default options.

Positions, health, shield, energy and cooldown are read as the game's protocol gives them, in
float32, once per environment step.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.maps.unit_types import HEALERS, UNIT_TYPES
from tests.reference.engine.procedural import SHOOT, SIGHT
from tests.reference.engine.unit import Side, Unit

NO_OP, STOP = 0, 1
MOVES = {2: (0, 1), 3: (0, -1), 4: (1, 0), 5: (-1, 0)}
"""Action to direction: north, south, east, west."""
FIRST_TARGET = 6
"""Action of attacking the first enemy, or of healing the first agent."""
SHOOT_RANGE = 6
SIGHT_RANGE = 9


@dataclass
class ObservedUnit:
    """A unit as the protocol shows it: float32 numbers; after its death where it was last.

    The energy and cooldown of the dead stay, too, but no feature shows them.
    """

    name: str
    side: Side
    x: float = 0.0
    y: float = 0.0
    health: float = 0.0
    shield: float = 0.0
    energy: float = 0.0
    cooldown: float = 0.0

    def update(self, unit: Unit) -> None:
        """Look at the unit."""
        if not unit.alive:
            self.health = self.shield = 0.0
            return
        for quantity in ("x", "y", "health", "shield", "energy", "cooldown"):
            setattr(self, quantity, float(np.float32(getattr(unit, quantity))))

    def distance_to(self, other: "ObservedUnit") -> float:
        """Return the distance from centre to centre."""
        dx, dy = other.x - self.x, other.y - self.y
        return sqrt(dx * dx + dy * dy)


def availability(units: list[ObservedUnit], spec: MapSpec, move_amount: float) -> NDArray[np.uint8]:
    """Return which actions are available, 0 or 1, (N, A)."""
    n_agents = spec.n_agents
    available = np.zeros((n_agents, number_of_actions(spec)), np.uint8)
    for agent in range(n_agents):
        unit = units[agent]
        if unit.health <= 0:
            available[agent, NO_OP] = 1
            continue
        available[agent, STOP] = 1
        for action, (dx, dy) in MOVES.items():
            x, y = unit.x + dx * (move_amount / 2), unit.y + dy * (move_amount / 2)
            available[agent, action] = _is_walkable(spec, x, y)
        is_healer = unit.name in HEALERS
        targets = units[:n_agents] if is_healer else units[n_agents:]
        for number, target in enumerate(targets):
            usable = target.health > 0 and not (is_healer and target.name in HEALERS)
            reach = SHOOT[unit.name] if spec.scenario else SHOOT_RANGE
            in_range = unit.distance_to(target) <= reach
            available[agent, FIRST_TARGET + number] = usable and in_range
    return available


def number_of_actions(spec: MapSpec) -> int:
    """Return A; SMACv2's terran maps have one target action per unit of the larger side."""
    targets = [spec.n_enemies]
    if spec.scenario and not HEALERS.isdisjoint(spec.scenario.teams.types):
        targets.append(spec.n_agents)
    return FIRST_TARGET + max(targets)


def _is_walkable(spec: MapSpec, x: float, y: float) -> bool:
    """Return whether SMAC lets agents move to (x, y): ground units could walk there.

    SMAC rounds towards 0, and asks this of flying units and cliff walkers, too.
    """
    column, row = int(x), int(y)
    height, width = spec.terrain.pathing.shape
    return 0 <= column < width and 0 <= row < height and bool(spec.terrain.pathing[row, column])


def observations(
    units: list[ObservedUnit], spec: MapSpec, available: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Return the observations (N, O): moves, enemies, other agents, itself; zeros for the dead."""
    agents, enemies = units[: spec.n_agents], units[spec.n_agents :]
    rows = []
    for unit, actions in zip(agents, available, strict=True):
        row = [float(actions[action]) for action in MOVES]
        for enemy, can_attack in zip(enemies, actions[FIRST_TARGET:], strict=False):
            row += _seen_unit(unit, enemy, float(can_attack), spec)
        for other in agents:
            if other is not unit:
                row += _seen_unit(unit, other, 1.0, spec)
        own = _health_and_type(unit, spec)
        if spec.scenario:
            place = [unit.x / spec.terrain.width, unit.y / spec.terrain.height]
            own[-spec.unit_type_bits : -spec.unit_type_bits] = place
        row += own
        rows.append(row if unit.health > 0 else [0.0] * len(row))
    return np.array(rows, dtype=np.float32)


def _seen_unit(unit: ObservedUnit, other: ObservedUnit, flag: float, spec: MapSpec) -> list[float]:
    """Return what an agent sees of another unit: zeros beyond its sight range.

    ``flag`` says of an enemy whether it can be attacked, and of an agent that it can be seen.
    """
    sight = SIGHT[unit.name] if spec.scenario else SIGHT_RANGE
    distance = unit.distance_to(other)
    dx, dy = other.x - unit.x, other.y - unit.y
    place = [distance / sight, dx / sight, dy / sight]
    features = [flag, *place, *_health_and_type(other, spec)]
    visible = distance < sight and other.health > 0
    return features if visible else [0.0] * len(features)


def _health_and_type(unit: ObservedUnit, spec: MapSpec) -> list[float]:
    """Return [health, shield (on a Protoss side), one-hot type (when there are several)]."""
    side = spec.ally if unit.side is Side.AGENTS else spec.enemy
    most = UNIT_TYPES[unit.name]
    features = [unit.health / most.health_max]
    if side.race == "P":
        features.append(unit.shield / most.shield_max if most.shield_max else 0.0)
    one_hot = [0.0] * spec.unit_type_bits
    if one_hot:
        one_hot[side.type_bits.index(unit.name)] = 1.0
    return features + one_hot


def state(units: list[ObservedUnit], spec: MapSpec, last_actions: list[int]) -> NDArray[np.float32]:
    """Return the state (S,): all agents, all enemies, and the one-hot last actions.

    Positions are relative to the middle of the map and divided by the playable area's size.
    """
    terrain = spec.terrain
    west, south, east, north = terrain.playable
    features: list[float] = []
    for unit in units:
        health, *shield_and_type = _health_and_type(unit, spec)
        x = (unit.x - terrain.width / 2) / (east - west)
        y = (unit.y - terrain.height / 2) / (north - south)
        row = [health, x, y, *shield_and_type]
        if unit.side is Side.AGENTS:
            value = unit.energy if unit.name in HEALERS else unit.cooldown
            row.insert(1, value / UNIT_TYPES[unit.name].smac_cooldown_max)
        features += row if unit.health > 0 else [0.0] * len(row)
    n_actions = number_of_actions(spec)
    for last in last_actions:
        features += [float(action == last) for action in range(n_actions)]
    return np.array(features, dtype=np.float32)
