"""Replay of whole episodes: a ring that stores each episode at its own length."""

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch as th

from pymarl.components.episode_batch import (
    FILLED,
    EpisodeBatch,
    Groups,
    Preprocess,
    Scheme,
    extended_scheme,
)
from pymarl.errors import CheckpointError, PymarlError

Episode = dict[str, th.Tensor]


class ReplayBuffer:
    """The last ``buffer_size`` episodes; ``sample`` draws distinct ones uniformly.

    Deviation from PyMARL: its buffer is one padded tensor of ``buffer_size`` x (episode limit + 1)
        steps. Here an episode takes the memory of its own steps and derived entries (one-hot
        actions) are rebuilt when sampling; what ``sample`` returns is the same, bit for bit
        (tests/golden).
    """

    def __init__(
        self,
        scheme: Scheme,
        groups: Groups,
        buffer_size: int,
        max_seq_length: int,
        preprocess: Preprocess | None = None,
        device: str = "cpu",
    ) -> None:
        """Make an empty buffer whose episodes are stored on ``device``."""
        self.raw_scheme = scheme
        self.preprocess = preprocess or {}
        self.scheme = extended_scheme(scheme, self.preprocess)
        self.groups = groups
        self.buffer_size = buffer_size
        self.max_seq_length = max_seq_length
        self.device = device
        self.episodes: list[Episode] = []
        self.inserted = 0
        # (number, episode) of what no checkpoint holds yet; numbers count insertions.
        self.unsaved: deque[tuple[int, Episode]] = deque(maxlen=buffer_size)

    @property
    def episodes_in_buffer(self) -> int:
        """Return how many episodes are stored."""
        return len(self.episodes)

    def insert_episode_batch(self, batch: EpisodeBatch) -> None:
        """Store every episode of ``batch``, the oldest making room.

        Raises:
            PymarlError: an episode is empty.
        """
        lengths = batch[FILLED].sum(1).flatten().tolist()
        for index, length in enumerate(lengths):
            if length == 0:
                raise PymarlError(
                    f"episode {index} of the batch has no filled step; nothing was stored"
                )
            stored = {key: batch[key][index, :length] for key in self.raw_scheme}
            episode = {key: tensor.to(self.device, copy=True) for key, tensor in stored.items()}
            self._store(self.inserted, episode)
            self.unsaved.append((self.inserted, episode))
            self.inserted += 1

    def can_sample(self, batch_size: int) -> bool:
        """Return whether ``batch_size`` distinct episodes are stored."""
        return self.episodes_in_buffer >= batch_size

    def sample(self, batch_size: int, rng: np.random.Generator) -> EpisodeBatch:
        """Return ``batch_size`` distinct episodes, uniformly drawn, padded to the longest of them.

        PyMARL: a buffer with exactly ``batch_size`` episodes returns them all in order, without a
            draw.
        """
        if self.episodes_in_buffer == batch_size:
            chosen = list(range(batch_size))
        else:
            chosen = rng.choice(self.episodes_in_buffer, batch_size, replace=False).tolist()
        return self.batch_of(chosen)

    def batch_of(self, indices: list[int]) -> EpisodeBatch:
        """Return the stored episodes ``indices`` as one batch, as long as the longest of them."""
        picked = [self.episodes[index] for index in indices]
        lengths = [len(next(iter(episode.values()))) for episode in picked]
        batch = EpisodeBatch(
            self.raw_scheme,
            self.groups,
            len(picked),
            max(lengths),
            self.preprocess,
            device=self.device,
        )
        for row, (episode, length) in enumerate(zip(picked, lengths, strict=True)):
            batch.data[FILLED][row, :length] = 1
            for key, tensor in episode.items():
                batch.data[key][row, :length] = tensor
        for key, (new_key, transforms) in self.preprocess.items():
            derived: Any = batch.data[key]
            for transform in transforms:
                derived = transform.transform(derived)
            # Padding keeps zeros, as if it had never been written.
            mask = batch.data[FILLED].reshape(
                *batch.data[FILLED].shape[:2], *[1] * (derived.dim() - 2)
            )
            batch.data[new_key] = derived * mask
        return batch

    def restore(self, episodes: Mapping[int, Episode], inserted: int) -> None:
        """Take over the newest ``episodes`` (by number) as if ``inserted`` had been inserted.

        Raises:
            CheckpointError: an episode that belongs in the buffer is missing.
        """
        numbers = range(max(0, inserted - self.buffer_size), inserted)
        missing = [number for number in numbers if number not in episodes]
        if missing:
            raise CheckpointError(f"the checkpoint lacks replay episode {missing[0]}")
        # Slots are number modulo size, so they fill in order from the number that falls on slot 0.
        for number in sorted(numbers, key=lambda number: number % self.buffer_size):
            stored = {key: tensor.to(self.device) for key, tensor in episodes[number].items()}
            self._store(number, stored)
        self.inserted = inserted
        self.unsaved.clear()

    def _store(self, number: int, episode: Episode) -> None:
        """Put an episode into the slot of its number."""
        slot = number % self.buffer_size
        if slot < len(self.episodes):
            self.episodes[slot] = episode
        else:
            self.episodes.append(episode)

    def nbytes(self) -> int:
        """Return the bytes held by the stored episodes."""
        return sum(tensor.nbytes for episode in self.episodes for tensor in episode.values())
