"""Maps: what a map is, the built-in ones (``configs/maps/*.yaml``), and maps of your own.

A map file is described in docs/environments/maps.md; everything here is plain data, without numba,
so that configurations can be checked quickly.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pymarl.envs.smac.maps.map_reader import MapReader, read_yaml
from pymarl.envs.smac.maps.maps_folder import maps_dir
from pymarl.envs.smac.maps.sc2_map import GameMap, read_game
from pymarl.envs.smac.maps.sides import Side as Side
from pymarl.envs.smac.maps.sides import SpawnGroup as SpawnGroup  # for the sides' users
from pymarl.envs.smac.maps.sides import read_side
from pymarl.envs.smac.maps.terrain import Terrain
from pymarl.envs.smac.maps.terrain_reader import read_terrain
from pymarl.envs.smac.maps.unit_types import HEALERS, MAP_TYPES, UNIT_TYPES
from pymarl.envs.smac.smacv2.names import FOLDER, SCENARIOS, canonical_name, scenario_file
from pymarl.envs.smac.smacv2.scenario import Scenario
from pymarl.errors import MapError
from pymarl.utils.suggest import did_you_mean

ORDER_KINDS: Final = ("attack_point", "attack_segment", "attack_units", "none")
_ORDER_POINTS: Final = {"attack_point": 1, "attack_segment": 2, "attack_units": 0, "none": 0}


@dataclass(frozen=True, slots=True)
class MapSpec:
    """A scenario: terrain, sides, the enemy's order and SMAC's registry values.

    Attributes:
        name: map name.
        source: where the facts come from.
        terrain: the ground.
        ally: the agents' side.
        enemy: the opponent.
        order: the enemy's order: attack-move to a point, to a random point of a segment, attack
            the allied units one by one, the nearest one anew every few loops (``attack_nearest``,
            procedural maps), or none.
        order_points: its 1, 2 or 0 points.
        order_after_loops: game loops before the order is given.
        limit: episode limit in environment steps.
        step_mul: game loops per environment step when the configuration leaves it open.
        map_type: SMAC's map type.
        unit_type_bits: bits of the unit type in SMAC's features (0 when a side has one type only).
        game: its file in StarCraft II.
        scenario: what is drawn in every episode; None: teams and places are always the same. The
            sides of a procedural map hold an example.
    """

    name: str
    source: str
    terrain: Terrain
    ally: Side
    enemy: Side
    order: str
    order_points: tuple[tuple[float, float], ...]
    order_after_loops: int
    limit: int
    step_mul: int
    map_type: str
    unit_type_bits: int
    game: GameMap = field(default_factory=GameMap)
    scenario: Scenario | None = None

    @property
    def n_agents(self) -> int:
        """Return N, the number of agents."""
        return self.ally.count

    @property
    def n_enemies(self) -> int:
        """Return E, the number of enemies."""
        return self.enemy.count


def map_names() -> list[str]:
    """Return the names of all built-in maps with fixed teams, sorted."""
    return sorted((path.stem for path in maps_dir().glob("*.yaml")), key=str.lower)


def load_map(
    name: str | None,
    map_file: str | None = None,
    sizes: tuple[int | None, int | None] = (None, None),
) -> MapSpec:
    """Return the map called ``name``, or the one described by ``map_file`` when that is given.

    Args:
        name: a built-in map; a scenario of SMACv2 (``terran_5_vs_5``, any sizes).
        map_file: a map file.
        sizes: numbers of agents and enemies of a procedural map, in place of the file's.

    Raises:
        MapError: the name is unknown, or the file does not describe a playable map; says where and
            why.
    """
    if map_file:
        return read_map(Path(map_file), sizes)
    known = [*map_names(), *SCENARIOS]
    scenario = scenario_file(canonical_name(str(name), sizes))
    if scenario:
        spec = read_map(maps_dir() / FOLDER / f"{scenario[0]}.yaml", scenario[1])
        return replace(spec, name=canonical_name(str(name), sizes))
    if name not in known:
        raise MapError(
            f"env_args.map_name={name!r}: unknown map; known: {', '.join(known)}"
            f"{did_you_mean(name, known)} (a map of your own: env_args.map_file=path/to/map.yaml)"
        )
    return read_map(maps_dir() / f"{name}.yaml", sizes)


def read_map(path: Path, sizes: tuple[int | None, int | None] = (None, None)) -> MapSpec:
    """Return the map described by the YAML (or JSON) file ``path``.

    Raises:
        MapError: with file, key, value and expectation, when the file is not a map.
    """
    reader = MapReader(read_yaml(path), str(path))
    if reader.has("teams"):
        from pymarl.envs.smac.smacv2.procedural_map import read_procedural_map

        return read_procedural_map(reader, path, sizes)
    if sizes != (None, None):
        raise reader.fail(
            "n_units", "the teams of this map are fixed: leave out n_units, n_enemies"
        )
    name = reader.text("name", path.stem)
    source = reader.text("source", "not stated")
    terrain = read_terrain(reader, path.parent)
    map_type = reader.choice("map_type", (*MAP_TYPES, "custom"))
    bits = reader.integer("unit_type_bits", 0, len(UNIT_TYPES), 0)
    ally_reader, enemy_reader = reader.child("ally"), reader.child("enemy")
    ally = read_side(ally_reader, terrain, map_type, bits, agents=True)
    enemy = read_side(enemy_reader, terrain, map_type, bits, agents=False)
    order, points, after = _read_order(enemy_reader, terrain)
    ally_reader.done()
    enemy_reader.done()
    spec = MapSpec(
        name=name,
        source=source,
        terrain=terrain,
        ally=ally,
        enemy=enemy,
        order=order,
        order_points=points,
        order_after_loops=after,
        limit=reader.integer("limit", 1, 100_000),
        step_mul=reader.integer("step_mul", 1, 64, 8),
        map_type=map_type,
        unit_type_bits=bits,
        game=read_game(reader, path.parent, passive=ally.passive),
    )
    reader.done()
    _check_healers(spec, reader)
    return spec


def _read_order(
    reader: MapReader, terrain: Terrain
) -> tuple[str, tuple[tuple[float, float], ...], int]:
    """Return the enemy's order as (kind, points, delay in game loops)."""
    order = reader.child("order")
    kind = order.choice("kind", ORDER_KINDS)
    count = _ORDER_POINTS[kind]
    points = order.points("points", count) if count else ()
    for x, y in points:
        if not (0 <= x < terrain.width and 0 <= y < terrain.height):
            raise order.fail("points", f"[{x:g}, {y:g}] is outside the map")
    after = order.integer("after_loops", 0, 10_000, 0)
    order.done()
    return kind, points, after


def _check_healers(spec: MapSpec, reader: MapReader) -> None:
    """Refuse healers where the attack actions, one per enemy, are too few for all agents."""
    healers = any(group.unit in HEALERS for group in spec.ally.groups)
    if healers and spec.n_agents > spec.n_enemies:
        raise reader.fail(
            "ally",
            f"healers address agents through the {spec.n_enemies} attack actions, "
            f"but there are {spec.n_agents} agents; add enemies or leave the healers out",
        )
