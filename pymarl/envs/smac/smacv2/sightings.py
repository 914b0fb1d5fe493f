"""Enemies within sight that an agent does not see: SMACv2's EPO, masks, and quirk Q1.

Extended partial observability (``prob_obs_enemy`` < 1): the first agent to see an enemy tags it;
every other agent is allowed to see it with that probability, by one draw. Who is not allowed does
not see it, however near. An enemy's tag goes when it dies or when the agent that tagged it dies
(and with it what that agent was allowed to see), so that a later sighting draws again.

Agents look in random order, once per environment step. With ``prob_obs_enemy`` = 1 whoever has an
enemy in sight may see it, which is SMAC's rule, and nothing of this runs.

Quirk Q1 (``smacv2_head_obs``): since upstream's commit d303662 an enemy that an agent may not see
(yet) deletes all enemies before it from that agent's observation. Dead enemies count: their tags
are cleared in every step, and set again while their last place is in somebody's sight. The
published curves are older than that line.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules.feature_records import Features
from pymarl.envs.smac.rules.unit_table import UnitTable
from pymarl.kernels.random_stream import random_uniform
from pymarl.kernels.simulator_jit import inner_kernel, kernel

if TYPE_CHECKING:
    from pymarl.envs.smac.rules.episode import EpisodeState

HIDDEN: Final = 0
PLACE_ONLY: Final = 1
"""The agent sees where the enemy is, but not its health, shield and type."""
SEEN: Final = 2
NOBODY: Final = -1


SIGHTING_ARRAYS: Final = (
    "shown", "sight_words", "sight_streams", "tagged_by", "flagged", "masked", "look_order",
)  # fmt: skip  # a list of names
"""The arrays of ``EpisodeState`` that are of use where something may be hidden."""


def new_sightings(batch: int, agents: int, enemies: int) -> dict[str, NDArray[Any]]:
    """Return the arrays of ``batch`` environments by name; 0: nothing is ever hidden."""
    return {
        "shown": np.full((max(batch, 1), agents, enemies), SEEN, np.uint8),
        "sight_words": np.zeros(batch, np.uint64),
        "sight_streams": np.zeros(batch, np.uint64),
        "tagged_by": np.zeros((batch, enemies), np.int64),
        "flagged": np.zeros((batch, agents, enemies), np.uint8),
        "masked": np.zeros((batch, agents, enemies), np.uint8),
        "look_order": np.zeros((batch, agents), np.int64),
    }


@inner_kernel
def start_sightings(features: Features, state: "EpisodeState", e: int) -> None:
    """Begin an episode: nobody has seen anyone; draw what is masked."""
    if not features.options[0].hides_enemies:
        return
    sizes, chance = features.sizes[0], features.sight[0].mask_probability
    state.sight_streams[e] = state.sight_words[e]
    stream = state.sight_streams[e : e + 1]
    for k in range(sizes.n_enemies):
        state.tagged_by[e, k] = NOBODY
        for i in range(sizes.n_agents):
            state.flagged[e, i, k] = 0
            state.masked[e, i, k] = 0
    if chance > 0.0:
        for i in range(sizes.n_agents):
            for k in range(sizes.n_enemies):
                state.masked[e, i, k] = random_uniform(stream) < chance


@kernel
def forget_the_dead(features: Features, table: UnitTable, state: "EpisodeState", e: int) -> None:
    """Clear the tags of agents that are dead, and of dead enemies."""
    sizes = features.sizes[0]
    for i in range(sizes.n_agents):
        if table[i].health > 0.0:
            continue
        for k in range(sizes.n_enemies):
            if state.tagged_by[e, k] == i:
                state.tagged_by[e, k] = NOBODY
                for other in range(sizes.n_agents):
                    state.flagged[e, other, k] = 0
                for other in range(sizes.n_enemies):
                    state.flagged[e, i, other] = 0
    for k in range(sizes.n_enemies):
        if table[sizes.n_agents + k].health <= 0.0:
            state.tagged_by[e, k] = NOBODY
            for other in range(sizes.n_agents):
                state.flagged[e, other, k] = 0


@kernel
def look(features: Features, table: UnitTable, state: "EpisodeState", e: int, i: int) -> None:
    """Let the living agent ``i`` look at all enemies, the dead among them, and tag new ones."""
    n, chance = features.sizes[0].n_agents, features.sight[0].prob_obs_enemy
    stream = state.sight_streams[e : e + 1]
    sight = features.units[i].sight_range
    x, y = np.float64(table[i].x), np.float64(table[i].y)
    for k in range(features.sizes[0].n_enemies):
        dx = np.float64(table[n + k].x) - x
        dy = np.float64(table[n + k].y) - y
        if state.tagged_by[e, k] == NOBODY and np.sqrt(dx * dx + dy * dy) < sight:
            state.tagged_by[e, k] = i
            state.flagged[e, i, k] = 1
            for other in range(n):
                if other != i and random_uniform(stream) < chance:
                    state.flagged[e, other, k] = 1
        if state.flagged[e, i, k]:
            state.shown[e, i, k] = PLACE_ONLY if state.masked[e, i, k] else SEEN
        else:
            state.shown[e, i, k] = HIDDEN
            if features.options[0].head_obs:
                for before in range(k):
                    state.shown[e, i, before] = HIDDEN


@inner_kernel
def update_sightings(features: Features, table: UnitTable, state: "EpisodeState", e: int) -> None:
    """Work out which enemies each agent may see at this moment of the episode.

    Args:
        features: of the episode.
        table: the unit table (U,).
        state: ``shown`` of environment ``e`` is written.
        e: the environment.
    """
    if not features.options[0].hides_enemies:
        return
    n = features.sizes[0].n_agents
    forget_the_dead(features, table, state, e)
    order, stream = state.look_order[e], state.sight_streams[e : e + 1]
    for i in range(n):
        order[i] = i
    for last in range(n - 1, 0, -1):
        other = int(random_uniform(stream) * (last + 1))
        order[last], order[other] = order[other], order[last]
    for place in range(n):
        if table[order[place]].health > 0.0:
            look(features, table, state, e, order[place])
