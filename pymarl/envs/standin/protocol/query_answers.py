"""Queries: walking distances, available abilities, and placements (there is nothing to build)."""

import heapq
import math

import numpy as np
from numpy.typing import NDArray
from s2clientprotocol import error_pb2, query_pb2

from pymarl.envs.skirmish.engine.codes import AIR_MOVER, CLIFF_MOVER
from pymarl.envs.skirmish.maps.unit_data import UNITS
from pymarl.envs.smac.maps.unit_types import HEALERS
from pymarl.envs.standin.battle.battle import StandinBattle
from pymarl.envs.standin.protocol.static_answers import (
    ABILITY_ATTACK,
    ABILITY_HEAL,
    ABILITY_MOVE,
    ABILITY_SMART,
    ABILITY_STOP,
)
from pymarl.errors import EnvError

_MAX_QUESTIONS = 1000
_NEIGHBOURS = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy]


def answer_query(battle: StandinBattle, request: query_pb2.RequestQuery) -> query_pb2.ResponseQuery:
    """Return the answers to a query request, in its order.

    Raises:
        EnvError: more questions than one request may hold.
    """
    n_questions = len(request.pathing) + len(request.abilities) + len(request.placements)
    if n_questions > _MAX_QUESTIONS:
        raise EnvError(
            f"query: {n_questions} questions; expected at most {_MAX_QUESTIONS} in a request"
        )
    answers = query_pb2.ResponseQuery()
    for path in request.pathing:
        answers.pathing.add(distance=_distance(battle, path))
    for question in request.abilities:
        entry = answers.abilities.add(unit_tag=question.unit_tag)
        unit = _living_agent(battle, question.unit_tag)
        if unit is not None:
            entry.unit_type_id = battle.types[unit]
            for ability in _abilities(battle.names[unit]):
                entry.abilities.add(
                    ability_id=ability, requires_point=ability in (ABILITY_MOVE, ABILITY_ATTACK)
                )
    for _ in request.placements:
        answers.placements.add(result=error_pb2.NotSupported)
    return answers


def _living_agent(battle: StandinBattle, tag: int) -> int | None:
    """Return the living agent with this tag."""
    unit = battle.unit_of_tag.get(tag)
    if unit is None or unit >= battle.n_agents:
        return None
    return unit if battle.state.units[0][unit].alive else None


def _abilities(name: str) -> tuple[int, ...]:
    """Return the abilities of a unit type."""
    if name in HEALERS:
        return (ABILITY_SMART, ABILITY_STOP, ABILITY_MOVE, ABILITY_HEAL)
    return (ABILITY_SMART, ABILITY_STOP, ABILITY_MOVE, ABILITY_ATTACK)


def _distance(battle: StandinBattle, path: query_pb2.RequestQueryPathing) -> float:
    """Return the walking distance along cell centres, 0 when there is no way (as in the game)."""
    end = (path.end_pos.x, path.end_pos.y)
    terrain = battle.spec.terrain
    grid = terrain.pathing
    if path.HasField("unit_tag"):
        unit = battle.unit_of_tag.get(path.unit_tag)
        if unit is None:
            return 0.0
        walker = battle.state.units[0][unit]
        start = (float(walker.x), float(walker.y))
        mover = UNITS[battle.names[unit]].mover
        if mover == AIR_MOVER:
            return math.dist(start, end) if all(map(math.isfinite, end)) else 0.0
        grid = terrain.cliff if mover == CLIFF_MOVER else grid
    else:
        start = (path.start_pos.x, path.start_pos.y)
    return walking_distance(grid, start, end)


def walking_distance(
    grid: NDArray[np.bool_], start: tuple[float, float], end: tuple[float, float]
) -> float:
    """Return the length of the shortest 8-neighbour path between two points' cells, or 0.

    Diagonal steps need both cells beside them to be free.
    """
    tall, wide = grid.shape
    for x, y in (start, end):
        if not (0 <= x < wide and 0 <= y < tall and grid[int(y), int(x)]):
            return 0.0
    goal = int(end[0]), int(end[1])
    first = int(start[0]), int(start[1])
    best = {first: 0.0}
    heap = [(0.0, first)]
    while heap:
        length, cell = heapq.heappop(heap)
        if cell == goal:
            return length or math.dist(start, end)
        if length > best[cell]:
            continue
        for dx, dy in _NEIGHBOURS:
            x, y = cell[0] + dx, cell[1] + dy
            if not (0 <= x < wide and 0 <= y < tall and grid[y, x]):
                continue
            if dx and dy and not (grid[cell[1], x] and grid[y, cell[0]]):
                continue
            there = length + (1.0 if not (dx and dy) else math.sqrt(2.0))
            if there < best.get((x, y), math.inf):
                best[x, y] = there
                heapq.heappush(heap, (there, (x, y)))
    return 0.0
