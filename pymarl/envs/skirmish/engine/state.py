"""The two bundles every kernel takes: what changes (``State``) and what does not (``World``)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Grid = NDArray[np.uint8]
Cells = NDArray[np.int32]
Hops = NDArray[np.uint16]


class State(NamedTuple):
    """Everything that changes, of B environments; copying these five arrays is a complete snapshot.

    Attributes:
        F: float64 (B, U, N_F), columns named in ``layout``.
        Z: int64 (B, U, N_I).
        C: int64 (B, N_C).
        G: float64 (B, N_G).
        rng: uint64 (B,), the environments' random streams.
    """

    F: F64
    Z: I64
    C: I64
    G: F64
    rng: NDArray[np.uint64]


class World(NamedTuple):
    """Everything a map fixes.

    Kernels take its arrays one by one: reading a field of a tuple of arrays costs a reference
        count per access.

    Attributes:
        P: float64 (U, N_P) unit constants. Q: int64 (U, N_Q). M: int64 (N_M,).
        start: float64 (U, 2) spawn positions.
        order: float64 (2, 2) points of the enemies' order.
        facings: float64 (64, 2) unit vectors a unit may face at spawn.
        grid: uint8 (2, H, W), 1 where ground units (0) or cliff walkers (1) can walk.
        cell: int32 (2, H, W), number of the nearest walkable cell for ground units (0) and cliff
            walkers (1).
        hops: uint16 (2, 2, K, K), map cells (y * W + x) on the way from cell [a] to [b]: [., 0]
            the farthest one that a
            straight line reaches, [., 1] the next one.
    """

    P: F64
    Q: I64
    M: I64
    start: F64
    order: F64
    facings: F64
    grid: NDArray[np.uint8]
    cell: Cells
    hops: Hops


def new_state(batch: int, units: int, n_f: int, n_i: int, n_c: int, n_g: int) -> State:
    """Return zeroed state arrays for ``batch`` environments of ``units`` units."""
    return State(
        np.zeros((batch, units, n_f)),
        np.zeros((batch, units, n_i), dtype=np.int64),
        np.zeros((batch, n_c), dtype=np.int64),
        np.zeros((batch, n_g)),
        np.zeros(batch, dtype=np.uint64),
    )
