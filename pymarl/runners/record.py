"""What one step of a rollout writes to the episode batch, in one compiled call."""

import numpy as np
from numpy.typing import NDArray

from pymarl.kernels.training_jit import compiled

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]


@compiled()
def record_step(
    acting: U8,
    running: U8,
    actions: I64,
    reward: F64,
    ended: U8,
    bootstrapped: U8,
    returns: F64,
    lengths: I64,
    out_actions: I64,
    out_onehot: F32,
    out_reward: F32,
    out_terminated: U8,
    filled_after: I64,
    avail_after: U8,
    t: int,
) -> int:
    """Write one step of B environments and return how many environments act at the next one.

    Arguments are the arrays of :class:`Rollout` and of :class:`Step`. An environment that ended one
    step ago gets its last action written, which nobody executes: PyMARL's batches hold it.
    """
    B, N = actions.shape
    count = 0
    for b in range(B):
        if acting[b]:
            for i in range(N):
                out_actions[b, i] = actions[b, i]
                out_onehot[b, i, actions[b, i]] = np.float32(1.0)
        acting[b] = running[b]
        if running[b]:
            count += 1
            out_reward[b] = np.float32(reward[b])
            out_terminated[b] = np.uint8(ended[b] and not bootstrapped[b])
            filled_after[b] = 1
            returns[b] += reward[b]
            lengths[b] += 1
            if ended[b]:
                running[b] = 0
        elif lengths[b] <= t:
            # The vector simulator carries the availability of finished battles along. (Episodes
            # that ended earlier and wait while another is played again are longer than t.)
            avail_after[b] = np.uint8(0)
    return count
