"""Small hand-made battles for the simulator's tests: flat ground, placed units, single loops."""

import numpy as np

from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.game_loop import game_loop
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
        "arena", "test", flat(rows=rows), side(allies, passive), side(enemies, False), order,
        tuple(points), 0, limit, 8, map_type, bits if bits > 1 else 0,
    )  # fmt: skip


class Arena:
    """A battle that advances by single game loops, without random delays unless asked for."""

    def __init__(self, allies, enemies, delay=(0.0, 0.0), step_mul=1, seed=0, **spec):
        self.v = VectorSkirmish(
            1, spec=arena_spec(allies, enemies, **spec), delay=delay, step_mul=step_mul
        )
        self.v.reset(seeds=[seed])
        self.n = self.v.n_agents
        # Agents are sorted by type and place; tests name units by their place in the lists.
        # Transposed views: tests write F[quantity, unit].
        self.F, self.Z = self.v.state.F[0].T, self.v.state.Z[0].T
        self.order = [1] * self.n

    def face(self, i, x, y):
        """Turn unit ``i`` towards a point at once."""
        d = np.hypot(x - self.F[L.X, i], y - self.F[L.Y, i])
        self.F[L.FX, i], self.F[L.FY, i] = ((x - self.F[L.X, i]) / d, (y - self.F[L.Y, i]) / d)

    def face_all(self):
        """Turn every unit towards the first unit of the other side."""
        for i in range(self.F.shape[1]):
            t = self.n if i < self.n else 0
            self.face(i, self.F[L.X, t], self.F[L.Y, t])

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

    def run(self, count):
        """Advance ``count`` loops without any command: orders stay as they are."""
        s, w = self.v.state, self.v.world
        scratch = np.empty((4, self.F.shape[1]))
        for _ in range(count):
            game_loop(
                s.F[0],
                s.Z[0],
                s.C[0],
                s.G[0],
                w.P,
                w.Q,
                w.M,
                w.grid,
                w.cell,
                w.hops,
                s.rng,
                0,
                scratch,
            )
        return self

    def give(self, i, order, target=-1, goal=(0.0, 0.0)):
        """Put unit ``i`` under an order."""
        self.Z[L.ORDER, i], self.Z[L.OT, i] = order, target
        self.F[L.OX, i], self.F[L.OY, i] = goal

    def health(self, i):
        return float(self.F[L.HP, i])

    def shield(self, i):
        return float(self.F[L.SH, i])

    def at(self, i):
        return float(self.F[L.X, i]), float(self.F[L.Y, i])

    def alive(self, i):
        return bool(self.Z[L.ALIVE, i])
