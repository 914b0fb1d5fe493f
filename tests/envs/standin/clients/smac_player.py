"""A battle as SMAC's client sees and plays it, beside the simulator's own."""

import numpy as np

from pymarl.envs.smac.rules.unit_table import as_numbers
from tests.envs.standin.clients.api_requests import command

_DIRECTIONS = {2: (0, 2), 3: (0, -2), 4: (2, 0), 5: (-2, 0)}


class SmacPlayer:
    """A battle seen through the protocol, as SMAC's client sees it."""

    def __init__(self, client):
        self.client = client
        units = client.units()
        agents = sorted(
            (unit for unit in units if unit.owner == 1),
            key=lambda unit: (unit.unit_type, unit.pos.x, unit.pos.y),
        )
        enemies = [unit for unit in units if unit.owner == 2]
        self.first = [*agents, *enemies]
        self.n = len(agents)
        self.tags = [unit.tag for unit in self.first]
        self.healers = {i for i in range(self.n) if agents[i].energy_max > 0}
        self.table = np.zeros((len(self.tags), 6), np.float32)
        self.look()

    def look(self):
        """Return the unit table; the dead keep their last position, as in SMAC."""
        seen = {unit.tag: unit for unit in self.client.units()}
        for i, tag in enumerate(self.tags):
            if tag in seen:
                u = seen[tag]
                self.table[i] = (
                    u.pos.x,
                    u.pos.y,
                    u.health,
                    u.shield,
                    u.energy,
                    u.weapon_cooldown,
                )
            else:
                self.table[i, 2:4] = 0
        return self.table

    def actions(self, actions):
        """Return SMAC's actions as the protocol's."""
        out = []
        for i, action in enumerate(actions):
            tag = self.tags[i]
            x, y = float(self.table[i, 0]), float(self.table[i, 1])
            if action == 1:
                out.append(command(4, [tag]))
            elif 2 <= action < 6:
                dx, dy = _DIRECTIONS[action]
                out.append(command(16, [tag], goal=(x + dx, y + dy)))
            elif action >= 6 and i in self.healers:
                out.append(command(386, [tag], target=self.tags[action - 6]))
            elif action >= 6:
                out.append(command(23, [tag], target=self.tags[self.n + action - 6]))
        return out

    def step(self, actions, counts=(8,)):
        """One environment step."""
        self.client.act(self.actions(actions))
        for count in counts:
            self.client.step(count)
        return self.look()


def same_table(seen, table, n):
    """Compare a client's unit table with the simulator's, to the bit.

    The game shows weapon cooldowns of a client's own units only, and keeps the last cooldown and
    energy of the dead out of sight.
    """
    alive = table[:, 2] > 0
    columns = np.ones(table.shape, bool)
    columns[n:, 5] = False
    columns[~alive, 4:] = False
    return np.array_equal(seen[columns].view(np.uint32), table[columns].view(np.uint32))


def random_actions(env, rng):
    return [int(rng.choice(np.flatnonzero(row))) for row in env.avail_array()]


def play_both(env, player, rng, steps=1000, counts=(8,)):
    """Play an episode in the simulator and over the protocol; return its number of steps."""
    table = as_numbers(env.vector.episode_state.table[0])
    assert sum(counts) == env.vector.step_mul
    assert same_table(player.table, table, player.n)
    for step in range(1, steps + 1):
        actions = random_actions(env, rng)
        seen = player.step(actions, counts)
        _, terminated, _ = env.step(actions)
        assert same_table(seen, table, player.n), f"step {step}"
        if terminated:
            return step
    return steps
