"""Weights and inputs that follow from names, for comparing mixers with upstream's own modules.

``upstream_mixers.json`` holds what the modules of wjh720/QPLEX (as PyMARL2 @8ccac7c has them),
PyMARL2 @8ccac7c (Qatten) and oxwhirl/wqmix @350e989 gave for exactly these numbers, in double
precision: their code is not needed here.
"""

import zlib

import numpy as np
import torch as th
from torch import nn

N_AGENTS, N_ACTIONS, STATE, UNIT_DIM, ROWS = 3, 4, 8, 2, 5


def numbers(name: str, *shape: int) -> th.Tensor:
    """Return numbers between -1 and 1 that follow from a name."""
    count, start = int(np.prod(shape)), zlib.crc32(name.encode()) % 1000
    return th.from_numpy(np.sin(1.0 + start + 1.7 * np.arange(count))).view(shape)


def fill(network: nn.Module) -> None:
    """Set all parameters to what follows from their names."""
    for name, parameter in network.named_parameters():
        parameter.data = numbers(name, *parameter.shape)


def inputs() -> dict[str, th.Tensor]:
    """Return agents' values, their maxima, states and actions of five rows."""
    qs = numbers("qs", ROWS, N_AGENTS)
    actions = th.arange(ROWS * N_AGENTS).view(ROWS, N_AGENTS, 1) * 7 % N_ACTIONS
    return {
        "qs": qs,
        "maxima": qs + numbers("gap", ROWS, N_AGENTS).abs(),
        "states": numbers("states", ROWS, STATE),
        "actions": actions,
    }
