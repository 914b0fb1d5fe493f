"""Replay of whole episodes: a ring buffer that stores each episode at its own length."""

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
from pymarl.components.episode_codec import EpisodeCodec, EpisodeTensors, Observer
from pymarl.errors import CheckpointError, PymarlError


class ReplayBuffer:
    """The last ``buffer_size`` episodes; ``sample`` draws distinct ones uniformly.

    Deviation from PyMARL: its buffer is one padded tensor of ``buffer_size`` x (episode limit + 1)
        steps. Here an episode takes the memory of its own steps, derived entries (one-hot actions)
        are worked out when sampling, and so are observations, state and availability where the
        environment has an observer; what ``sample`` returns is the same, bit for bit (tests/golden,
        tests/runners/test_compact_replay.py).

    Attributes:
        codec: how an episode is stored; ``codec.recorded`` is the scheme that rollouts must have.
    """

    def __init__(
        self,
        scheme: Scheme,
        groups: Groups,
        buffer_size: int,
        max_seq_length: int,
        preprocess: Preprocess | None = None,
        device: str = "cpu",
        observer: Observer | None = None,
    ) -> None:
        """Make an empty buffer whose episodes are stored on ``device``.

        ``scheme`` is that of sampled batches. With an ``observer`` episodes are stored compactly.
        """
        self.raw_scheme = scheme
        self.preprocess = preprocess or {}
        self.scheme = extended_scheme(scheme, self.preprocess)
        self.groups = groups
        self.buffer_size = buffer_size
        self.max_seq_length = max_seq_length
        self.device = device
        self.codec = EpisodeCodec(scheme, groups, device, observer)
        self.episodes: list[EpisodeTensors] = []
        self.inserted = 0
        self._memory: dict[str, th.Tensor] = {}
        # (number, episode) of what no checkpoint holds yet; numbers count insertions.
        self.unsaved: deque[tuple[int, EpisodeTensors]] = deque(maxlen=buffer_size)

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
            episode = self.codec.encode(
                {key: batch[key][index, :length] for key in self.codec.stored}
            )
            self._store(self.inserted, episode)
            self.unsaved.append((self.inserted, episode))
            self.inserted += 1

    def can_sample(self, batch_size: int) -> bool:
        """Return whether ``batch_size`` distinct episodes are stored."""
        return self.episodes_in_buffer >= batch_size

    def sample(self, batch_size: int, rng: np.random.Generator) -> EpisodeBatch:
        """Return ``batch_size`` distinct episodes, uniformly drawn, padded to the longest of them.

        The batch is valid until the next call, which uses its memory again: fresh memory costs a
        page fault for every 4 KiB. PyMARL: a buffer with exactly ``batch_size`` episodes returns
        them all in order, without a draw.
        """
        if self.episodes_in_buffer == batch_size:
            chosen = list(range(batch_size))
        else:
            chosen = rng.choice(self.episodes_in_buffer, batch_size, replace=False).tolist()
        return self._batch(chosen, self._memory)

    def batch_of(self, indices: list[int]) -> EpisodeBatch:
        """Return the stored episodes ``indices`` as one batch of its own memory.

        It is as long as the longest of them.
        """
        return self._batch(indices, {})

    def _batch(self, indices: list[int], memory: dict[str, th.Tensor]) -> EpisodeBatch:
        """Return stored episodes as a batch whose raw entries lie in ``memory``."""
        picked = [self.episodes[index] for index in indices]
        lengths = th.tensor([len(episode["actions"]) for episode in picked], device=self.device)
        B, T = len(picked), int(lengths.max())
        filled = th.arange(T, device=self.device) < lengths.unsqueeze(1)
        padding = th.nonzero(~filled.flatten()).flatten()
        data = {FILLED: filled.long().unsqueeze(2)}
        for key, entry in self.raw_scheme.items():
            data[key] = _reused(
                memory, key, (B, T, *self.codec.shape(entry)), entry.dtype, self.device
            )
            data[key].flatten(0, 1).index_fill_(0, padding, 0)
        for row, (episode, length) in enumerate(zip(picked, lengths.tolist(), strict=True)):
            self.codec.decode(episode, {key: data[key][row, :length] for key in self.raw_scheme})
        for key, (new_key, transforms) in self.preprocess.items():
            derived: Any = data[key]
            for transform in transforms:
                derived = transform.transform(derived)
            # Padding keeps zeros, as if it had never been written.
            data[new_key] = derived
            derived.flatten(0, 1).index_fill_(0, padding, 0)
        return EpisodeBatch(
            self.raw_scheme, self.groups, B, T, self.preprocess, device=self.device, data=data
        )

    def restore(self, episodes: Mapping[int, EpisodeTensors], inserted: int) -> None:
        """Take over the newest ``episodes`` (by number) as if ``inserted`` had been inserted.

        Raises:
            CheckpointError: an episode that belongs in the buffer is missing or stored in another
                form; nothing was changed.
        """
        numbers = range(max(0, inserted - self.buffer_size), inserted)
        missing = [number for number in numbers if number not in episodes]
        if missing:
            raise CheckpointError(f"the checkpoint lacks replay episode {missing[0]}")
        for number in numbers:
            if problem := self.codec.problem(episodes[number]):
                raise CheckpointError(f"the checkpoint's replay episode {number} {problem}")
        # Slots are number modulo size, so they fill in order from the number that falls on slot 0.
        for number in sorted(numbers, key=lambda number: number % self.buffer_size):
            stored = {key: tensor.to(self.device) for key, tensor in episodes[number].items()}
            self._store(number, stored)
        self.inserted = inserted
        self.unsaved.clear()

    def _store(self, number: int, episode: EpisodeTensors) -> None:
        """Put an episode into the slot of its number."""
        slot = number % self.buffer_size
        if slot < len(self.episodes):
            self.episodes[slot] = episode
        else:
            self.episodes.append(episode)

    def nbytes(self) -> int:
        """Return the bytes held by the stored episodes."""
        return sum(tensor.nbytes for episode in self.episodes for tensor in episode.values())

    def largest_bytes(self) -> int:
        """Return the bytes of a full buffer whose episodes all last to the limit."""
        return self.codec.step_bytes() * self.max_seq_length * self.buffer_size


def _reused(
    memory: dict[str, th.Tensor], key: str, shape: tuple[int, ...], dtype: th.dtype, device: str
) -> th.Tensor:
    """Return an uninitialised tensor over the start of ``memory[key]``, made larger if needed."""
    size = th.Size(shape).numel()
    if key not in memory or memory[key].numel() < size:
        memory[key] = th.empty(size, dtype=dtype, device=device)
    return memory[key][:size].view(shape)
