"""Procedural map files: maps whose teams and start points are drawn in every episode."""

from pathlib import Path

import numpy as np

from pymarl.envs.smac.maps.map_reader import MapReader
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.maps.sc2_map import read_game
from pymarl.envs.smac.maps.sides import RACES, Side, SpawnGroup
from pymarl.envs.smac.maps.terrain import Terrain
from pymarl.envs.smac.maps.terrain_reader import read_terrain
from pymarl.envs.smac.smacv2.scenario_reader import read_scenario
from pymarl.envs.smac.smacv2.starts import Points
from pymarl.envs.smac.smacv2.teams import Team

MAP_TYPE = "procedural"


def read_procedural_map(
    reader: MapReader, path: Path, sizes: tuple[int | None, int | None]
) -> MapSpec:
    """Return the map of a file that has the key ``teams``.

    Its sides hold the teams of the episode with seed 0: an example, for what wants to be shown.

    Args:
        reader: of the file.
        path: the file.
        sizes: N and E in place of the file's; None: the file's.

    Raises:
        MapError: with file, key, value and expectation, when the file is not a map.
    """
    name = reader.text("name", path.stem)
    source = reader.text("source", "not stated")
    terrain = read_terrain(reader, path.parent)
    race = reader.choice("race", RACES)
    scenario, ordered = read_scenario(reader, terrain.playable, sizes)
    example = scenario.draw(0)
    types = scenario.teams.types
    allies = Side(race, True, _groups(example.allies, example.ally_points, terrain), types)
    enemies = Side(race, False, _groups(example.enemies, example.enemy_points, terrain), types)
    spec = MapSpec(
        name=name,
        source=source,
        terrain=terrain,
        ally=allies,
        enemy=enemies,
        order="attack_nearest" if ordered else "none",
        order_points=(),
        order_after_loops=0,
        limit=reader.integer("limit", 1, 100_000),
        step_mul=reader.integer("step_mul", 1, 64, 8),
        map_type=MAP_TYPE,
        unit_type_bits=len(types),
        game=read_game(reader, path.parent, passive=True),
        scenario=scenario,
    )
    reader.done()
    return spec


def _groups(team: Team, points: Points, terrain: Terrain) -> tuple[SpawnGroup, ...]:
    """Return one spawn group per unit, each on a walkable cell."""
    cells = np.argwhere(terrain.pathing)
    if not len(cells):
        return ()
    groups = []
    for unit, (x, y) in zip(team, points, strict=True):
        row, column = cells[np.argmin(((cells + 0.5 - (y, x)) ** 2).sum(1))]
        inside = (int(y), int(x)) == (row, column)
        place = (x, y) if inside else (column + 0.5, row + 0.5)
        groups.append(SpawnGroup(unit, 1, float(place[0]), float(place[1])))
    return tuple(groups)
