"""Which of the game's units is which row of the unit table."""

from collections import Counter
from typing import Any

import numpy as np

from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.maps.unit_types import UNIT_TYPES
from pymarl.envs.smac.rules.enemy_order import shuffled_enemies
from pymarl.envs.smac.rules.feature_records import Features
from pymarl.envs.smac.rules.features import build_features, reward_bound, reward_divisor
from pymarl.envs.smac.rules.unit_table import N_COLUMNS, UnitTable, as_numbers
from pymarl.errors import EnvError

AGENTS, ENEMIES = 1, 2
"""The game's player numbers."""
_NAMES = {unit_type.api_id: name for name, unit_type in UNIT_TYPES.items()}


class UnitRoster:
    """The units of one episode, in SMAC's order.

    Agents by unit type, then x, then y; enemies as the game lists them, or shuffled. Tags stay the
    same over the episode, and no later unit has the tag of a dead one.

    Args:
        spec: the map: how many units of which types there must be.
        units: the units of the episode's first observation.
        shuffle_seed: seed of the episode, for ``enemy_order=shuffled``; None: as the game lists
            them.

    Attributes:
        tags: of the rows. rows: row by tag. names: unit types of the agents, and of the enemies.
        health_max: float64 (U,), the game's. shield_max: float64 (U,), the game's.

    Raises:
        EnvError: these are not the units of the map.
    """

    def __init__(self, spec: MapSpec, units: Any, shuffle_seed: int | None = None) -> None:
        own = [unit for unit in units if unit.owner == AGENTS]
        theirs = [unit for unit in units if unit.owner == ENEMIES]
        types = agent_types(spec, own)
        rank = {name: k for k, name in enumerate(spec.ally.type_bits)}
        own.sort(key=lambda unit: (rank.get(types[unit.unit_type], -1), unit.pos.x, unit.pos.y))
        agents = [types[unit.unit_type] for unit in own]
        enemies = [_NAMES.get(unit.unit_type, f"type {unit.unit_type}") for unit in theirs]
        for label, found, side in (("agents", agents, spec.ally), ("enemies", enemies, spec.enemy)):
            wanted: Counter[str] = Counter()
            for group in side.groups:
                wanted[group.unit] += group.count
            if Counter(found) != wanted:
                raise EnvError(
                    f"map {spec.name}: the game shows the {label} {dict(Counter(found))}, "
                    f"the map file says {dict(wanted)}; is this the right .SC2Map file?"
                )
        if shuffle_seed is not None:
            # Rows keep their types: ``enemies`` stays as it is.
            theirs = [theirs[k] for k in shuffled_enemies(enemies, shuffle_seed)]
        rows = [*own, *theirs]
        self.names = agents, enemies
        self.tags = [int(unit.tag) for unit in rows]
        self.rows = {tag: row for row, tag in enumerate(self.tags)}
        self.health_max = np.array([unit.health_max for unit in rows], np.float64)
        self.shield_max = np.array([unit.shield_max for unit in rows], np.float64)

    def write_table(self, units: Any, table: UnitTable) -> None:
        """Write the units of an observation to the unit table (U,).

        Units that are not there any more are dead: health and shield 0, the rest as last seen.
        Units of no row belong to the next episode, which a map's trigger has begun already.
        """
        find = self.rows.get
        rows: list[int] = []
        values: list[float] = []
        for unit in units:
            row = find(unit.tag)
            if row is not None:
                pos = unit.pos
                rows.append(row)
                values += (
                    pos.x,
                    pos.y,
                    unit.health,
                    unit.shield,
                    unit.energy,
                    unit.weapon_cooldown,
                )
        if len(rows) < len(self.tags):
            table["health"] = 0.0
            table["shield"] = 0.0
        as_numbers(table)[rows] = np.array(values, np.float32).reshape(-1, N_COLUMNS)

    def features(self, args: SmacArgs, spec: MapSpec, ground: Features) -> Features:
        """Return the features of these units on ``ground``.

        As in SMAC, health is divided by the game's own maximum, and the scale of the reward comes
        from the enemies' maxima in the game; shields and cooldowns by SMAC's constants.
        """
        agents, enemies = self.names
        features = build_features(spec, args, agents, enemies)
        features.units["health_max"] = self.health_max
        n = len(agents)
        points = float(self.health_max[n:].sum() + self.shield_max[n:].sum())
        bound = reward_bound(args, len(enemies), [points])
        features.rewards["divisor"] = reward_divisor(args, bound)
        return features._replace(
            ground=ground.ground, pathing=ground.pathing, terrain_height=ground.terrain_height
        )


def units_missing(spec: MapSpec, units: Any) -> bool:
    """Return whether units of the map are not there yet; the game may need some loops for them."""
    owners = Counter(unit.owner for unit in units)
    return owners[AGENTS] < spec.n_agents or owners[ENEMIES] < spec.n_enemies


def agent_types(spec: MapSpec, agents: Any) -> dict[int, str]:
    """Return unit names by the game's type ids, of the agents.

    SMAC's maps give agents copies of the stock types with consecutive ids, in the order of the map
    type, the smallest first; maps with stock agents have the stock ids.
    """
    present = {int(unit.unit_type) for unit in agents}
    if not spec.ally.passive:
        return {type_id: _NAMES.get(type_id, f"type {type_id}") for type_id in present}
    names, first = spec.ally.type_bits, min(present, default=0)
    return {
        type_id: names[type_id - first] if type_id - first < len(names) else f"type {type_id}"
        for type_id in present
    }
