"""What one step of a rollout writes to the episode batch, in one compiled call."""

from typing import NamedTuple

import numpy as np

from pymarl.kernels.arrays import F32, F64, I64, U8
from pymarl.kernels.training_jit import compiled


class EpisodeProgress(NamedTuple):
    """How far the episodes of B environments are, and what their last step gave.

    Attributes:
        acting: uint8 (B,), environments whose agents choose an action now: the running ones and
            those that ended one step ago.
        running: uint8 (B,), environments whose episode goes on.
        actions: int64 (B, N), the actions chosen now.
        reward: float64 (B,), of the last step.
        ended: uint8 (B,), whether the last step ended the episode.
        bootstrapped: uint8 (B,), the end was a time limit behind which value still counts.
        returns: float64 (B,), sum of rewards so far.
        lengths: int64 (B,), environment steps so far.
    """

    acting: U8
    running: U8
    actions: I64
    reward: F64
    ended: U8
    bootstrapped: U8
    returns: F64
    lengths: I64


class Step(NamedTuple):
    """Views of one step of the batch for all B environments; each is contiguous.

    Attributes:
        obs: float32 (B, N, O).
        state: float32 (B, S).
        avail: uint8 (B, N, A).
        actions: int64 (B, N).
        onehot: float32 (B, N, A).
        reward: float32 (B,).
        terminated: uint8 (B,).
        filled: int64 (B,).
        units: float32 (B, K), what replay rebuilds observations from; K = 0: it stores these.
    """

    obs: F32
    state: F32
    avail: U8
    actions: I64
    onehot: F32
    reward: F32
    terminated: U8
    filled: I64
    units: F32


@compiled()
def record_step(progress: EpisodeProgress, now: Step, after: Step, t: int) -> int:
    """Write step ``t`` of B environments and return how many environments act at the next one.

    An environment that ended one step ago gets its last action written, which nobody executes:
    PyMARL's batches hold it.
    """
    B, N = progress.actions.shape
    count = 0
    for b in range(B):
        if progress.acting[b]:
            for i in range(N):
                action = progress.actions[b, i]
                now.actions[b, i] = action
                now.onehot[b, i, action] = np.float32(1.0)
        progress.acting[b] = progress.running[b]
        if progress.running[b]:
            count += 1
            now.reward[b] = np.float32(progress.reward[b])
            # A time limit is no end of the task: the value behind it is bootstrapped.
            now.terminated[b] = np.uint8(progress.ended[b] and not progress.bootstrapped[b])
            after.filled[b] = 1
            progress.returns[b] += progress.reward[b]
            progress.lengths[b] += 1
            if progress.ended[b]:
                progress.running[b] = 0
        elif progress.lengths[b] <= t:
            # The vector simulator carries the availability of finished battles along. (Episodes
            # that ended earlier and wait while another is played again are longer than t.)
            after.avail[b] = np.uint8(0)
    return count
