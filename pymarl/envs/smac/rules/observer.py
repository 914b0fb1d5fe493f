"""What an environment showed in an episode, worked out again from its unit tables and actions.

Observations, state and availability are functions of the unit table, of the last actions and of
the step number (``observation.py``, ``state.py``, ``availability.py``). So a replay buffer can keep
the table's numbers, a few per cent of the memory, and call the same kernels when it is sampled.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.rules import features as D
from pymarl.envs.smac.rules import unit_table as T
from pymarl.envs.smac.rules.episode import N_SCRATCH
from pymarl.envs.smac.rules.observation import look
from pymarl.envs.smac.rules.state import write_state
from pymarl.kernels.simulator_jit import cold_kernel

Array = Any
Arrays = NDArray[Any]


class TableObserver:
    """Records the part of unit tables that the features read, and rebuilds the features from it.

    It has no state besides its arrays and can be pickled: an environment in a process of its own
    hands it to the training process.

    Args:
        features: those of the environment whose tables are recorded; rows of the table must mean
            the same units in every episode.

    Attributes:
        size: K, numbers per step.
    """

    def __init__(self, features: D.Features) -> None:
        self.features = features
        self.cells = used_cells(features)
        self.size = len(self.cells)

    def record(self, tables: Arrays, mask: Arrays, out: Arrays) -> None:
        """Write the numbers of B tables (B, U, 6) to ``out`` (B, K), where ``mask`` (B,) is set."""
        copy_cells(tables.reshape(len(tables), -1), self.cells, mask, out)

    def rebuild(
        self, units: Arrays, actions: Arrays, obs: Arrays, state: Arrays, avail: Arrays
    ) -> None:
        """Write what was shown in the first L steps of an episode, to the last bit.

        Args:
            units: the record, float32 (L, K).
            actions: the actions the environment was given, integers (L, N).
            obs: output, float32 (L, N, O).
            state: output, float32 (L, S).
            avail: output, uint8 (L, N, A).
        """
        c = self.features.c
        n_units = int(c[D.N] + c[D.E])
        table = np.zeros((n_units, T.N_COLUMNS), np.float32)
        last, scratch = np.full(int(c[D.N]), -1, np.int64), np.empty((N_SCRATCH, n_units))
        show_episode(
            *self.features, self.cells, table, table.reshape(-1), last, scratch, units, actions,
            obs, state, avail,
        )  # fmt: skip


def make_observer(args: SmacArgs, features: D.Features) -> TableObserver | None:
    """Return the observer of an environment, or None where actions and tables are not enough.

    That is with ``heuristic_ai``: an episode holds what the scripted agents did, but its last
    actions are those the caller gave.
    """
    return None if args.heuristic_ai else TableObserver(features)


def used_cells(features: D.Features) -> NDArray[np.int64]:
    """Return which cells of a flattened table (U, 6) the features read, int64 (K,).

    Of every unit: position and health, the shield where its type has one; of an agent also its
    energy (healers) or its cooldown.
    """
    c, u = features.c, features.u
    cells = []
    for i in range(int(c[D.N] + c[D.E])):
        columns = [T.X, T.Y, T.HEALTH]
        if u[D.SHIELD_MAX, i] > 0.0:
            columns.append(T.SHIELD)
        if i < c[D.N]:
            heals = u[D.HEALER, i] != 0.0 and c[D.HEAL_RULE]
            columns.append(T.ENERGY if heals else T.COOLDOWN)
        cells += [i * T.N_COLUMNS + column for column in columns]
    return np.array(cells, np.int64)


@cold_kernel
def copy_cells(tables: Array, cells: Array, mask: Array, out: Array) -> None:
    """Write the ``cells`` of the flattened tables (B, U * 6) whose ``mask`` is set."""
    for b in range(mask.size):
        if mask[b]:
            for k in range(cells.size):
                out[b, k] = tables[b, cells[k]]


@cold_kernel
def show_episode(
    c: Array,
    f: Array,
    u: Array,
    pathing: Array,
    height: Array,
    cells: Array,
    table: Array,
    flat: Array,
    last: Array,
    scratch: Array,
    units: Array,
    actions: Array,
    obs: Array,
    state: Array,
    avail: Array,
) -> None:
    """See :meth:`TableObserver.rebuild`; ``table`` is zeros, ``flat`` its view as one row."""
    for t in range(units.shape[0]):
        for k in range(cells.size):
            flat[cells[k]] = units[t, k]
        if t > 0:
            for i in range(last.size):
                last[i] = actions[t - 1, i]
        time = t / c[D.LIMIT]
        look(c, f, u, pathing, height, table, last, time, scratch, avail[t], obs[t])
        write_state(c, f, u, table, last, obs[t], time, state[t])
