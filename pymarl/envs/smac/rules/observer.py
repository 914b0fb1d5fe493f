"""What an environment showed in an episode, worked out again from its unit tables and actions.

Observations, state and availability are functions of the unit table, of the last actions and of
the step number (``observation.py``, ``state.py``, ``availability.py``). So a replay buffer can keep
the table's numbers, a few per cent of the memory, and call the same kernels when it is sampled.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.rules.episode import EpisodeState, new_episode_state
from pymarl.envs.smac.rules.features import Features
from pymarl.envs.smac.rules.observation import write_observations
from pymarl.envs.smac.rules.state import write_state
from pymarl.envs.smac.rules.unit_table import COLUMNS, N_COLUMNS, UnitTables, flat_numbers
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
        features: those of the environment whose tables are recorded; rows of the table must hold
            the same unit types in every episode.

    Attributes:
        size: K, numbers per step.
    """

    def __init__(self, features: Features) -> None:
        self.features = features
        self.cells = used_cells(features)
        self.size = len(self.cells)

    def record(self, tables: UnitTables, mask: NDArray[np.uint8], out: NDArray[np.float32]) -> None:
        """Write the numbers of B tables (B, U) to ``out`` (B, K), where ``mask`` (B,) is set."""
        copy_cells(flat_numbers(tables), self.cells, mask, out)

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
        episode = new_episode_state(1, self.features)
        numbers = flat_numbers(episode.table)[0]
        shown = ShownEpisode(obs, state, avail)
        rebuild_episode(self.features, self.cells, episode, numbers, units, actions, shown)


def make_observer(args: SmacArgs, features: Features) -> TableObserver | None:
    """Return the observer of an environment, or None where actions and tables are not enough.

    That is with ``heuristic_ai``: an episode holds what the scripted agents did, but its last
    actions are those the caller gave.
    """
    return None if args.heuristic_ai else TableObserver(features)


def used_cells(features: Features) -> NDArray[np.int64]:
    """Return which cells of a flattened table (U * N_COLUMNS) the features read, int64 (K,).

    Of every unit: position and health, the shield where its type has one; of an agent also its
    energy (where healers heal) or its cooldown.
    """
    sizes, options = features.sizes[0], features.options[0]
    cells = []
    for i in range(sizes.n_units):
        constants = features.units[i]
        columns = ["x", "y", "health"]
        if constants.shield_max > 0.0:
            columns.append("shield")
        if i < sizes.n_agents:
            heals = constants.healer and options.healers_heal
            columns.append("energy" if heals else "weapon_cooldown")
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
    for t in range(units.shape[0]):
        for k in range(cells.size):
            numbers[cells[k]] = units[t, k]
        if t > 0:
            for i in range(last_actions.size):
                last_actions[i] = actions[t - 1, i]
        time = t / features.sizes[0].episode_limit
        avail, obs = shown.avail[t], shown.obs[t]
        write_observations(features, table, last_actions, time, episode.scratch[0], avail, obs)
        write_state(features, table, last_actions, obs, time, shown.state[t])
