"""SMAC's visibility matrix."""

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.rules import unit_table as T


def visibility_matrix(table: NDArray[np.float32], n_agents: int) -> NDArray[np.bool_]:
    """Return bool (N, N + E): True where a living agent has a living unit within sight.

    Never for itself.
    """
    position = table[:, [T.X, T.Y]].astype(np.float64)
    away = np.sqrt(((position[:n_agents, None] - position[None]) ** 2).sum(-1))
    alive = table[:, T.HEALTH] > 0
    seen: NDArray[np.bool_] = (away < T.SIGHT_RANGE) & alive[None] & alive[:n_agents, None]
    seen[np.arange(n_agents), np.arange(n_agents)] = False
    return seen
