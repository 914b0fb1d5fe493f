"""The battles of one game: spawns, orders, game loops, deaths and the map's respawn trigger."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from s2clientprotocol import raw_pb2

from pymarl.envs.skirmish.engine.game_loop import begin_episode
from pymarl.envs.skirmish.engine.state import new_state
from pymarl.envs.skirmish.maps.spawn import place_units
from pymarl.envs.skirmish.maps.world import build_world, sort_agents
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.maps.unit_types import UNIT_TYPES
from pymarl.envs.smac.rules.seeds import SeedStream, seed_word
from pymarl.envs.standin.battle import battle_kernels
from pymarl.envs.standin.battle.order_log import OrderLog, RequestOrders
from pymarl.envs.standin.battle.unit_messages import (
    AGENTS,
    ENEMIES,
    UnitNumbers,
    unit_message,
    write_numbers,
)

FIRST_AGENT_TYPE: Final = 1970
"""First unit type id of the agents' copies of stock units, above all ids of the stock game."""
_TAG_SHIFT: Final = 18
"""A unit's tag is its running number, shifted, and a one."""
_MAX_LOOPS_AT_ONCE: Final = 1024
"""More would keep signals waiting, which Python handles between calls of kernels."""

_CHANGING: Final = (
    "x", "y", "facing_x", "facing_y", "health", "shield", "energy", "cooldown",
)  # fmt: skip  # a list of names
"""Fields of the engine's units in the order of ``UnitNumbers``."""


def agent_types(spec: MapSpec) -> dict[str, int]:
    """Return the unit type ids of the agents.

    SMAC's maps have copies of the stock types for the agents, with consecutive ids in the order of
    the map type; stock agents (``passive: false``) keep the stock ids.
    """
    if not spec.ally.passive:
        return {group.unit: UNIT_TYPES[group.unit].api_id for group in spec.ally.groups}
    return {name: FIRST_AGENT_TYPE + k for k, name in enumerate(spec.ally.type_bits)}


class StandinBattle:
    """The running battle of a game and the ones after it.

    Args:
        spec: the map.
        random_seed: of the game; the battles' seeds follow from it (``battle_seeds``).

    Attributes:
        names: unit names, agents in SMAC's order, then enemies in the order of creation.
        n_agents: N. tags: of the running battle; no tag is used twice in a game.
        unit_of_tag: unit by tag.
        seed: of the running battle. next_seed: requested for the next one, or None.
        game_loop: of the game; it counts on from battle to battle.
        log: what the client ordered in this battle.
        dead: tags that died and were not reported yet.
        alive: bool (U,), as of the last observation.
    """

    def __init__(self, spec: MapSpec, random_seed: int) -> None:
        agents, enemies = place_units(spec)
        units = [*sort_agents(spec, agents), *enemies]
        self.spec, self.random_seed = spec, random_seed
        self.names = [name for name, _, _ in units]
        self.n_agents = len(agents)
        self.world = build_world(spec)
        self.state = new_state(1, self.world)
        types = agent_types(spec)
        self.types = [
            types[name] if i < self.n_agents else UNIT_TYPES[name].api_id
            for i, name in enumerate(self.names)
        ]
        # SMAC's maps begin a new battle by a trigger; others must be restarted.
        self.respawns = spec.game.reset == "trigger"
        corner = spec.terrain.corners
        heights = (corner[:-1, :-1] + corner[1:, :-1] + corner[:-1, 1:] + corner[1:, 1:]) / 4
        self._heights: list[list[float]] = heights.tolist()
        self._stream = SeedStream(random_seed)
        self._next_tag_number = 0
        self.next_seed: int | None = None
        self.seed = self.game_loop = 0
        self.dead: list[int] = []
        self.alive = np.zeros(len(units), bool)
        self.tags: list[int] = []
        self.log = OrderLog()
        self._all_dead = False
        self.spawn()

    def spawn(self) -> None:
        """Begin a battle: all units anew, with new tags."""
        if self.next_seed is None:
            self.seed = self._stream.next()
        else:
            self.seed, self.next_seed = self.next_seed, None
        self.dead += [tag for tag, alive in zip(self.tags, self.alive, strict=False) if alive]
        begin_episode(self.state, self.world, 0, np.uint64(seed_word(self.seed)))
        # As in the game, a tag is a running number with a part that tells reuse of the number.
        first = self._next_tag_number
        self._next_tag_number += len(self.names)
        self.tags = [number << _TAG_SHIFT | 1 for number in range(first, self._next_tag_number)]
        self.unit_of_tag = {tag: i for i, tag in enumerate(self.tags)}
        self.alive[:] = True
        self._messages = [
            unit_message(name, unit_type, AGENTS if i < self.n_agents else ENEMIES, tag)
            for i, (name, unit_type, tag) in enumerate(
                zip(self.names, self.types, self.tags, strict=True)
            )
        ]
        self.log.begin(self.seed)
        self._all_dead = False

    def restart(self) -> None:
        """Begin a battle in a new game on the same map."""
        self.game_loop = 0
        self.spawn()

    @property
    def loop(self) -> int:
        """Return the game loops since the battle began."""
        return int(self.state.episodes[0].game_loops)

    def advance(self, loops: int) -> None:
        """Advance the game, also over the end of a battle.

        Both sides gone in one loop: the trigger begins the next battle at the end of the following
        loop, so that two loops after a kill of everything the new battle stands at its beginning.
        """
        while loops > 0:
            if self._all_dead:
                self.spawn()
                done = 1
            else:
                chunk = min(loops, _MAX_LOOPS_AT_ONCE)
                respawns = int(self.respawns)
                done = int(battle_kernels.run_loops(self.state, self.world, chunk, respawns))
                self.log.advance(done)
                self._all_dead = self.respawns and not self.state.units["alive"].any()
            loops -= done
            self.game_loop += done

    def apply_commands(
        self, commands: NDArray[np.int64], goals: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Give commands (rows of ``battle_kernels``) and return the answers."""
        answers = np.empty(len(commands), np.int64)
        units, commanded = self.state.units[0], commands[:, battle_kernels.C_UNIT]
        positions = np.empty((len(commands), 2), np.float32)
        positions[:, 0], positions[:, 1] = units["x"][commanded], units["y"][commanded]
        self.log.add(RequestOrders(self.loop, commands, goals, positions))
        battle_kernels.apply_commands(self.state, self.world, commands, goals, answers)
        return answers

    def kill(self, tags: list[int]) -> None:
        """Kill units in the next game loop; tags of no living unit are ignored."""
        units = [self.unit_of_tag[tag] for tag in tags if tag in self.unit_of_tag]
        if units:
            battle_kernels.kill(self.state, np.array(units, np.int64))
            self.log.mark_edited(self.loop)

    def units(self) -> list[raw_pb2.Unit]:
        """Return the messages of the living units as they are now, and note who died."""
        units = self.state.units[0]
        alive = units["alive"].astype(bool)
        self.dead += [self.tags[i] for i in np.flatnonzero(self.alive & ~alive)]
        self.alive = alive
        living = np.flatnonzero(alive)
        messages = [self._messages[i] for i in living]
        columns = [units[field][living].tolist() for field in _CHANGING]
        for message, *row in zip(messages, *columns, strict=True):
            numbers = UnitNumbers(*row)
            write_numbers(message, numbers, self._ground_height(numbers.x, numbers.y))
        return messages

    def _ground_height(self, x: float, y: float) -> float:
        """Return the height of the ground of the cell at (x, y)."""
        row = self._heights[min(max(int(y), 0), len(self._heights) - 1)]
        return row[min(max(int(x), 0), len(row) - 1)]

    def pop_dead_tags(self) -> list[int]:
        """Return the tags that died since the last call, and forget them."""
        dead, self.dead = self.dead, []
        return dead
