"""SMACv2's episodes in plain Python: teams, start points and the opponent's clock from the seed.

Only what the fifteen scenarios have: weighted teams and ``surrounded_and_reflect``.
"""

from dataclasses import dataclass

import numpy as np

from pymarl.envs.skirmish.maps.spawn import Placed, place_one
from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import MapSpec, SpawnGroup
from pymarl.envs.smac.maps.unit_types import UNIT_TYPES
from tests.reference.engine.battle import RandomStream

SIGHT = {
    "stalker": 10, "zealot": 9, "colossus": 10, "zergling": 8, "hydralisk": 9, "baneling": 8,
    "marine": 9, "marauder": 10, "medivac": 11,
}  # fmt: skip  # a table
SHOOT = {
    "stalker": 6, "zealot": 2, "colossus": 7, "zergling": 2, "hydralisk": 5, "baneling": 2,
    "marine": 5, "marauder": 6, "medivac": 4,
}  # fmt: skip  # a table; at least 2
ORDER = sorted(SIGHT)
"""The ids of the agents' types ascend by the alphabet."""


@dataclass
class Drawn:
    """One episode: (type, x, y) of all units, agents first and sorted; loops to the first order."""

    placed: list[Placed]
    first_order: int


def draw_episode(spec: MapSpec, seed: int) -> Drawn:
    """Return the episode of a scenario with this seed."""
    stream = RandomStream(seed)
    stream.rename("scenario")
    teams, (width, height) = spec.scenario.teams, (spec.terrain.width, spec.terrain.height)
    allies = _group(stream, teams, spec.n_agents)
    enemies = list(allies)[: spec.n_enemies]
    if spec.n_enemies > spec.n_agents:
        enemies += _group(stream, teams, spec.n_enemies - spec.n_agents)
    if stream.uniform() > spec.scenario.starts.p:
        points = _surrounded(stream, spec, width, height)
    else:
        points = _reflected(stream, spec, width, height)
    first_order = int(stream.uniform() * 8)
    placed: list[Placed] = []
    for name, (x, y) in zip(allies + enemies, points, strict=True):
        inside = min(x, width - 1e-6), min(y, height - 1e-6)
        placed.append(place_one(SpawnGroup(name, 1, *inside), spec.terrain, placed, "here"))
    agents = sorted(
        placed[: spec.n_agents],
        key=lambda unit: (ORDER.index(unit[0]), np.float32(unit[1]), np.float32(unit[2])),
    )
    return Drawn(agents + placed[spec.n_agents :], first_order)


def _group(stream, teams, count):
    """Return ``count`` units by weight, again and again until not all may not be alone."""
    while True:
        group = []
        for _ in range(count):
            number, total = stream.uniform(), 0.0
            for unit, weight in zip(teams.types, teams.weights, strict=True):
                total += weight
                if number < total or unit == teams.types[-1]:
                    group.append(unit)
                    break
        if not all(unit in teams.not_alone for unit in group):
            return group


def _reflected(stream, spec, width, height):
    """Return the points of agents in the west and of their mirror images, and of more enemies."""
    allies = []
    for _ in range(spec.n_agents):
        x = (width / 2 - 1) * stream.uniform()
        allies.append((x, height * stream.uniform()))
    enemies = [(width - x, y) for x, y in allies]
    while len(enemies) < spec.n_enemies:
        x = width / 2 + (width - width / 2) * stream.uniform()
        enemies.append((x, height * stream.uniform()))
    return allies + enemies[: spec.n_enemies]


def _surrounded(stream, spec, width, height):
    """Return the centre for all agents, and the points of 1 to 4 groups on the diagonals."""
    groups = 1 + int(stream.uniform() * 4)
    sizes = [0] * groups
    for _ in range(spec.n_enemies):
        sizes[int(stream.uniform() * groups)] += 1
    shares = [stream.uniform() for _ in range(groups)]
    diagonals = [0, 1, 2, 3]
    for k in range(groups):
        other = k + int(stream.uniform() * (4 - k))
        diagonals[k], diagonals[other] = diagonals[other], diagonals[k]
    corner = {0: (0, 0), 1: (0, height), 2: (width, height), 3: (width, 0)}
    centre = width / 2, height / 2
    points = [centre] * spec.n_agents
    for k in range(groups):
        away = corner[diagonals[k]]
        inner = [c + (2 if a > c else -2) for c, a in zip(centre, away, strict=True)]
        t = shares[k]
        x, y = (i * t + a * (1 - t) for i, a in zip(inner, away, strict=True))
        points += [(x, y)] * sizes[k]
    return points


def first_episode_points(spec: MapSpec, args: SmacArgs) -> float:
    """Return health and shields of the enemies by whom rewards are scaled."""
    from pymarl.envs.smac.rules.seeds import SeedStream

    seed = args.reward_scale_seed if args.reward_scale_seed is not None else args.seed or 0
    placed = draw_episode(spec, SeedStream(seed).next()).placed[spec.n_agents :]
    return sum(UNIT_TYPES[name].health_max + UNIT_TYPES[name].shield_max for name, _, _ in placed)
