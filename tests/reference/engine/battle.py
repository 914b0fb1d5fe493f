"""A battle: its units, its ground, the enemies' order, and its random numbers."""

from dataclasses import dataclass
from math import cos, pi, sin

from pymarl.envs.skirmish.maps.spawn import Placed, place_units
from pymarl.envs.smac.maps.map_spec import MapSpec
from tests.reference.engine.ground import Ground
from tests.reference.engine.traits import traits_of
from tests.reference.engine.unit import Side, Unit

_64_BITS = 0xFFFFFFFFFFFFFFFF
_GOLDEN_RATIO = 0x9E3779B97F4A7C15
_FACINGS = 64
"""A unit faces one of so many directions at spawn."""


class RandomStream:
    """splitmix64: a 64-bit counter whose values are mixed (Steele, Lea, Flood, OOPSLA 2014).

    Args:
        seed: seeds that differ in one bit start far apart.
    """

    def __init__(self, seed: int) -> None:
        self._counter = _mix((seed + 1) * 0xD1342543DE82EF95 + _GOLDEN_RATIO)

    def rename(self, name: str) -> None:
        """Become the stream ``name`` of the same seed; nothing was drawn yet."""
        word = self._counter ^ int.from_bytes(name.encode(), "big")
        self._counter = _mix(word + _GOLDEN_RATIO)

    def uniform(self) -> float:
        """Return the next number in [0, 1), of 53 random bits."""
        self._counter = (self._counter + _GOLDEN_RATIO) & _64_BITS
        return (_mix(self._counter) >> 11) * 2.0**-53


def _mix(value: int) -> int:
    """Return splitmix64's output function."""
    value &= _64_BITS
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _64_BITS
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _64_BITS
    return value ^ (value >> 31)


@dataclass
class Battle:
    """One battle.

    Attributes:
        units: the agents in SMAC's order, then the enemies in the order of their creation.
        n_agents: number of agents.
        ground: where units can be.
        random_stream: of facings, the order's point and the delays of attacks.
        attack_delay: (least, most) of the random delay between attacks, in game loops.
        enemy_order: what the map's script orders the enemies to do: ``none``, ``attack_point``,
            ``attack_segment`` (a random point of a line segment), ``attack_units`` or
            ``attack_nearest`` (every few loops).
        enemy_order_after: game loop of the order, or of the next one.
        enemy_order_every: game loops from order to order; 0: there is one.
        enemies_ordered: whether no more orders come.
        order_point: where the attack-move of the enemies leads.
        game_loops: since the beginning.
    """

    units: list[Unit]
    n_agents: int
    ground: Ground
    random_stream: RandomStream
    attack_delay: tuple[float, float]
    enemy_order: str
    enemy_order_after: int
    order_point: tuple[float, float]
    enemy_order_every: int = 0
    enemies_ordered: bool = False
    game_loops: int = 0

    def friends_of(self, unit: Unit) -> list[Unit]:
        """Return all units of the unit's side, the dead and itself among them."""
        agents, enemies = self.units[: self.n_agents], self.units[self.n_agents :]
        return agents if unit.side is Side.AGENTS else enemies

    def enemies_of(self, unit: Unit) -> list[Unit]:
        """Return all units of the other side, the dead among them."""
        agents, enemies = self.units[: self.n_agents], self.units[self.n_agents :]
        return enemies if unit.side is Side.AGENTS else agents


def placed_units(spec: MapSpec) -> list[Placed]:
    """Return (type, x, y) of all units at spawn, the agents first.

    SMAC sorts the agents by type (in the order of the map's type bits), then by x, then by y.
    """
    agents, enemies = place_units(spec)
    agents.sort(key=lambda placed: (spec.ally.type_bits.index(placed[0]), *placed[1:]))
    return agents + enemies


def start_battle(
    spec: MapSpec,
    placed: list[Placed],
    ground: Ground,
    seed: int,
    attack_delay: tuple[float, float],
    order_after: int | None = None,
) -> Battle:
    """Return a battle at its beginning: units stand at their places and face anywhere.

    ``order_after`` is the game loop of the enemies' order where the map does not say it.
    """
    random_stream = RandomStream(seed)
    units = []
    for index, (name, x, y) in enumerate(placed):
        side = Side.AGENTS if index < spec.n_agents else Side.ENEMIES
        is_passive = side is Side.AGENTS and spec.ally.passive
        angle = 2 * pi * int(random_stream.uniform() * _FACINGS) / _FACINGS
        facing = (cos(angle), sin(angle))
        units.append(Unit(index, side, traits_of(name), is_passive, x, y, facing))
    return Battle(
        units=units,
        n_agents=spec.n_agents,
        ground=ground,
        random_stream=random_stream,
        attack_delay=attack_delay,
        enemy_order=spec.order,
        enemy_order_after=spec.order_after_loops if order_after is None else order_after,
        enemy_order_every=spec.scenario.order_every if spec.scenario else 0,
        order_point=_order_point(spec, random_stream),
    )


def _order_point(spec: MapSpec, random_stream: RandomStream) -> tuple[float, float]:
    """Return the point of the enemies' order, drawn from the segment when the map has one."""
    if not spec.order_points:
        return 0.0, 0.0
    (x, y), (end_x, end_y) = spec.order_points[0], spec.order_points[-1]
    share = random_stream.uniform() if spec.order == "attack_segment" else 0.0
    return x + (end_x - x) * share, y + (end_y - y) * share
