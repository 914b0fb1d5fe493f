"""What an environment showed in an episode, worked out again from its unit tables and actions.

Observations, state and availability are functions of the unit table, of the last actions and of
the step number (``observation.py``, ``state.py``, ``availability.py``). So a replay buffer can keep
the table's numbers, a few per cent of the memory, and call the same kernels when it is sampled.
Where teams change, the record holds the type of every unit as well, and where enemies are hidden by
chance, the first state of their stream of random numbers.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.rules.episode import (
    EpisodeState,
    episode_features,
    new_episode_state,
)
from pymarl.envs.smac.rules.feature_records import Features, UnitConstants
from pymarl.envs.smac.rules.observation import write_observations
from pymarl.envs.smac.rules.state import write_state
from pymarl.envs.smac.rules.unit_table import COLUMNS, N_COLUMNS, flat_numbers
from pymarl.envs.smac.smacv2.sightings import start_sightings, update_sightings
from pymarl.kernels.records import Records
from pymarl.kernels.simulator_jit import cold_kernel


class ShownEpisode(NamedTuple):
    """What agents were shown in L steps.

    Attributes:
        obs: float32 (L, N, O).
        state: float32 (L, S).
        avail: uint8 (L, N, A).
    """

    obs: NDArray[np.float32]
    state: NDArray[np.float32]
    avail: NDArray[np.uint8]


class TableObserver:
    """Records the part of unit tables that the features read, and rebuilds the features from it.

    It has no state besides its arrays and can be pickled: an environment in a process of its own
    hands it to the training process.

    Args:
        features: those of the environment whose tables are recorded.
        kinds: where teams change: constants of all types that an episode may have, of agents and of
            enemies; None: rows of the table hold the same unit types in every episode.

    Attributes:
        size: K, numbers per step: cells of the table, then the types (U), then the stream (4).
    """

    def __init__(self, features: Features, kinds: Records[UnitConstants] | None = None) -> None:
        self.features = features
        self.cells = used_cells(features, kinds)
        self.kinds = np.zeros(0, features.units["kind"].dtype) if kinds is None else kinds
        self.hides = bool(features.options[0].hides_enemies)
        types = 0 if kinds is None else features.sizes[0].n_units
        self.size = len(self.cells) + int(types) + 4 * self.hides

    def record(
        self, state: EpisodeState, mask: NDArray[np.uint8], out: NDArray[np.float32]
    ) -> None:
        """Write the numbers of B environments to ``out`` (B, K), where ``mask`` (B,) is set."""
        copy_cells(flat_numbers(state.table), self.cells, mask, out)
        at, chosen = len(self.cells), mask.view(np.bool_)
        if len(self.kinds):
            types = state.unit_constants["kind"][chosen]
            out[chosen, at : at + types.shape[1]] = types
        if self.hides:
            # 16 bits at a time, which a float32 holds.
            out[chosen, -4:] = state.sight_words.view(np.uint16).reshape(-1, 4)[chosen]

    def rebuild(
        self,
        units: NDArray[np.float32],
        actions: NDArray[Any],
        obs: NDArray[np.float32],
        state: NDArray[np.float32],
        avail: NDArray[np.uint8],
    ) -> None:
        """Write what was shown in the first L steps of an episode, to the last bit.

        Args:
            units: the record, float32 (L, K).
            actions: the actions the environment was given, integers (L, N).
            obs: output, float32 (L, N, O).
            state: output, float32 (L, S).
            avail: output, uint8 (L, N, A).
        """
        episode = new_episode_state(1, self.features, changing_teams=len(self.kinds) > 0)
        numbers = flat_numbers(episode.table)[0]
        self._write_constants(units, episode)
        shown = ShownEpisode(obs, state, avail)
        rebuild_episode(self.features, self.cells, episode, numbers, units, actions, shown)

    def _write_constants(self, units: NDArray[np.float32], episode: EpisodeState) -> None:
        """Write what the record (L, K) says of the episode as a whole."""
        if len(self.kinds) and len(units):
            n, at = self.features.sizes[0].n_agents, len(self.cells)
            types = units[0, at : at + self.features.sizes[0].n_units].astype(np.int64)
            # Agents' constants come first, then enemies', each ordered by their number.
            half = len(self.kinds) // 2
            rows = np.searchsorted(self.kinds["kind"][:half], types)
            rows[n:] += half
            np.asarray(episode.unit_constants)[0] = np.asarray(self.kinds)[rows]
        if self.hides and len(units):
            episode.sight_words[:] = units[0, -4:].astype(np.uint16).view(np.uint64)


def make_observer(
    args: SmacArgs, features: Features, kinds: Records[UnitConstants] | None = None
) -> TableObserver | None:
    """Return the observer of an environment, or None where actions and tables are not enough.

    That is with ``heuristic_ai``: an episode holds what the scripted agents did, but its last
    actions are those the caller gave.
    """
    return None if args.heuristic_ai else TableObserver(features, kinds)


def used_cells(
    features: Features, kinds: Records[UnitConstants] | None = None
) -> NDArray[np.int64]:
    """Return which cells of a flattened table (U * N_COLUMNS) the features read, int64 (K,).

    Of every unit: position and health, the shield where its type has one; of an agent also its
    energy (where healers heal) or its cooldown. Where any unit may be of any of ``kinds``, what one
    of them needs is kept of all.
    """
    sizes, options = features.sizes[0], features.options[0]
    cells = []
    for i in range(sizes.n_units):
        possible = [features.units[i]] if kinds is None else list(np.asarray(kinds))
        columns = ["x", "y", "health"]
        if any(constants.shield_max > 0.0 for constants in possible):
            columns.append("shield")
        if i < sizes.n_agents:
            heals = {bool(each.healer and options.healers_heal) for each in possible}
            columns += ["energy"] * (True in heals) + ["weapon_cooldown"] * (False in heals)
        cells += [i * N_COLUMNS + COLUMNS.index(column) for column in columns]
    return np.array(cells, np.int64)


@cold_kernel
def copy_cells(
    tables: NDArray[np.float32],
    cells: NDArray[np.int64],
    mask: NDArray[np.uint8],
    out: NDArray[np.float32],
) -> None:
    """Write the ``cells`` of the flattened tables (B, U * N_COLUMNS) whose ``mask`` is set."""
    for b in range(mask.size):
        if mask[b]:
            for k in range(cells.size):
                out[b, k] = tables[b, cells[k]]


@cold_kernel
def rebuild_episode(
    features: Features,
    cells: NDArray[np.int64],
    episode: EpisodeState,
    numbers: NDArray[np.float32],
    units: NDArray[np.float32],
    actions: NDArray[Any],
    shown: ShownEpisode,
) -> None:
    """Write ``shown``, see ``TableObserver.rebuild``.

    Args:
        features: of the map.
        cells: int64 (K,), which numbers of the table were recorded.
        episode: a new one of one environment; its table is filled again for every step.
        numbers: the same table as plain numbers (U * N_COLUMNS,), a view.
        units: the record, float32 (L, K).
        actions: integers (L, N).
        shown: output.
    """
    table, last_actions = episode.table[0], episode.last_actions[0]
    own = episode_features(features, episode, 0)
    start_sightings(own, episode, 0)
    for t in range(units.shape[0]):
        for k in range(cells.size):
            numbers[cells[k]] = units[t, k]
        if t > 0:
            for i in range(last_actions.size):
                last_actions[i] = actions[t - 1, i]
        time = t / features.sizes[0].episode_limit
        avail, obs = shown.avail[t], shown.obs[t]
        update_sightings(own, table, episode, 0)
        may_see, scratch = episode.shown[0], episode.scratch[0]
        write_observations(own, table, last_actions, time, scratch, may_see, avail, obs)
        write_state(own, table, last_actions, obs, time, shown.state[t])
