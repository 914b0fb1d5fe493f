"""Small hand-made battles for the simulator's tests: flat ground, placed units, single loops."""

import numpy as np

from pymarl.envs.skirmish.engine.game_loop import game_loop
from pymarl.envs.skirmish.engine.state import battle_of
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.maps.map_spec import MapSpec, Side, SpawnGroup
from pymarl.envs.smac.maps.terrain import Terrain

RACES = {"stalker": "P", "zealot": "P", "colossus": "P"}


def flat(size=32, rows=None):
    pathing = np.ones((size, size), bool)
    cliff = pathing.copy()
    if rows is not None:
        cells = np.array([list(row) for row in rows[::-1]])
        pathing, cliff = cells == ".", cells != "#"
    high, wide = pathing.shape
    area = (0.0, 0.0, float(wide), float(high))
    return Terrain("test", wide, high, area, pathing, cliff, np.zeros((high + 1, wide + 1)), "test")


def arena_spec(
    allies, enemies, order="none", points=(), rows=None, passive=True, limit=1000, map_type="custom"
):
    def side(units, is_passive):
        names = list(dict.fromkeys(name for name, _, _ in units))
        groups = tuple(SpawnGroup(name, 1, x, y) for name, x, y in units)
        return Side(RACES.get(units[0][0], "T"), is_passive, groups, tuple(names))

    bits = max(len({u[0] for u in allies}), len({u[0] for u in enemies}))
    return MapSpec(
        "arena",
        "test",
        flat(rows=rows),
        side(allies, passive),
        side(enemies, False),
        order,
        tuple(points),
        0,
        limit,
        8,
        map_type,
        bits if bits > 1 else 0,
    )


class Arena:
    """A battle that advances by single game loops, without random delays unless asked for."""

    def __init__(self, allies, enemies, delay=(0.0, 0.0), step_mul=1, seed=0, **spec):
        self.v = VectorSkirmish(
            1, spec=arena_spec(allies, enemies, **spec), delay=delay, step_mul=step_mul
        )
        self.v.reset(seeds=[seed])
        self.n = self.v.n_agents
        # Agents are sorted by type and place; tests name units by their place in the lists.
        self.units = self.v.state.units[0]
        self.order = [1] * self.n

    def face(self, i, x, y):
        """Turn unit ``i`` towards a point at once."""
        unit = self.units[i]
        d = np.hypot(x - unit.x, y - unit.y)
        unit.facing_x, unit.facing_y = (x - unit.x) / d, (y - unit.y) / d

    def face_all(self):
        """Turn every unit towards the first unit of the other side."""
        for i in range(len(self.units)):
            t = self.n if i < self.n else 0
            self.face(i, self.units[t].x, self.units[t].y)

    def loops(self, count, actions=None):
        """Advance ``count`` loops; agents stand (or do ``actions``, when available)."""
        for _ in range(count):
            avail = self.v.out.avail[0]
            chosen = [
                a if avail[i, a] else int(np.flatnonzero(avail[i])[0])
                for i, a in enumerate(actions or self.order)
            ]
            self.v.step(np.array([chosen]))
            if self.v.out.terminated[0]:
                break
        return self

    def battle(self):
        """Return the battle as the engine's kernels take it."""
        return battle_of(self.v.state, self.v.world, 0)

    def run(self, count):
        """Advance ``count`` loops without any command: orders stay as they are."""
        for _ in range(count):
            game_loop(self.battle())
        return self

    def give(self, i, order, target=-1, goal=(0.0, 0.0)):
        """Put unit ``i`` under an order."""
        unit = self.units[i]
        unit.order, unit.ordered_target = order, target
        unit.goal_x, unit.goal_y = goal

    def health(self, i):
        return float(self.units[i].health)

    def shield(self, i):
        return float(self.units[i].shield)

    def at(self, i):
        return float(self.units[i].x), float(self.units[i].y)

    def alive(self, i):
        return bool(self.units[i].alive)
