"""How padded episodes are laid out as packed rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch as th
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PackedLayout:
    """Rows of a batch of episodes, time-major, longest episode first, padding left out.

    The rows of step t are a block; the episodes that are still running are a prefix of the block
    before. So row k of block t+1 continues row k of block t, and the rows that follow a transition
    are all rows but block 0, in order.

    Attributes:
        rows: (R,) int64, index of each row in the padded batch flattened to (B * T).
        offsets: (T + 1,) int64, start of each block.
        n_episodes: number of rows of block 0.
        transition_rows: (M,) int64, the rows that start a transition; the row that entry k leads
            to is ``n_episodes + k``.
    """

    rows: th.Tensor
    offsets: NDArray[np.int64]
    n_episodes: int
    transition_rows: th.Tensor


def pack_episodes(filled: th.Tensor) -> PackedLayout:
    """Return the layout of episodes whose written steps are ``filled`` (B, T, 1).

    Raises:
        ValueError: an episode is empty, or its steps are not a prefix.
    """
    mask: NDArray[Any] = filled[:, :, 0].numpy() > 0
    n_steps = mask.shape[1]
    lengths = mask.sum(1)
    if lengths.min() == 0 or not np.array_equal(mask, np.arange(n_steps) < lengths[:, None]):
        raise ValueError("episodes must be non-empty and filled from step 0 without gaps")
    order = np.argsort(-lengths, kind="stable")
    # running[t]: episodes with a row at step t
    running = (lengths[order][:, None] > np.arange(lengths.max())).sum(0)
    offsets = np.concatenate([[0], np.cumsum(running)]).astype(np.int64)
    step = np.repeat(np.arange(len(running)), running)
    place = np.arange(offsets[-1]) - offsets[step]
    rows = order[place] * n_steps + step
    continues = np.append(running[1:], 0)[step] > place
    return PackedLayout(
        rows=th.from_numpy(rows),
        offsets=offsets,
        n_episodes=int(running[0]),
        transition_rows=th.from_numpy(np.flatnonzero(continues)),
    )
