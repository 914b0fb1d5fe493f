"""The transitions of a batch of episodes, as losses take them: padded, or as packed rows.

A loss is written once over free leading axes. What has a value at every step (what agents and
critics compute) has the axes of steps: (B, T), or (R,) rows. ``current`` and ``following`` take
from it the step that a transition starts from and the one it leads to, with the axes of
transitions: (B, T - 1), or (M,) rows.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch as th
from typing_extensions import override

from pymarl.components.episode_batch import EpisodeBatch


@dataclass(frozen=True, slots=True)
class Transitions(ABC):
    """What losses need of a batch besides values; "..." are the axes of transitions.

    Attributes:
        batch: the padded episodes.
        state: (..., S).
        next_state: (..., S).
        avail: float or uint8 zeros and ones (..., N, A). In padding all actions are available, so
            that nothing divides by zero there.
        next_avail: (..., N, A); in padding none.
        actions: int64 (..., N, 1).
        reward: (..., 1), scaled team reward.
        terminated: (..., 1), 1 at a true end.
        mask: float32 (..., 1), 1 for transitions that count. At least one does.
    """

    batch: EpisodeBatch
    state: th.Tensor
    next_state: th.Tensor
    avail: th.Tensor
    next_avail: th.Tensor
    actions: th.Tensor
    reward: th.Tensor
    terminated: th.Tensor
    mask: th.Tensor

    @abstractmethod
    def current(self, values: th.Tensor) -> th.Tensor:
        """Return what ``values``, of all steps, has at the start of each transition."""

    @abstractmethod
    def following(self, values: th.Tensor) -> th.Tensor:
        """Return what ``values``, of all steps, has at the end of each transition."""

    @abstractmethod
    def at_steps(self, key: str) -> th.Tensor:
        """Return what the batch holds under ``key``, of all steps, as it stands (padding, too)."""

    @abstractmethod
    def gather(self, padded: th.Tensor) -> th.Tensor:
        """Return what ``padded`` (B, T - 1, ...) has for each transition (..., ...)."""

    @abstractmethod
    def scatter(self, values: th.Tensor) -> th.Tensor:
        """Return ``values`` of the transitions as padded episodes, float32 (B, T - 1, ...).

        Entries outside the mask mean nothing.
        """


@dataclass(frozen=True, slots=True)
class PaddedTransitions(Transitions):
    """All T - 1 transitions of padded episodes; ``mask`` says which happened."""

    @override
    def current(self, values: th.Tensor) -> th.Tensor:
        return values[:, :-1]

    @override
    def following(self, values: th.Tensor) -> th.Tensor:
        return values[:, 1:]

    @override
    def at_steps(self, key: str) -> th.Tensor:
        entries: th.Tensor = self.batch[key]
        return entries

    @override
    def gather(self, padded: th.Tensor) -> th.Tensor:
        return padded

    @override
    def scatter(self, values: th.Tensor) -> th.Tensor:
        return values


@dataclass(frozen=True, slots=True)
class RowIndex:
    """Where rows belong in padded episodes.

    Attributes:
        episodes: int64 (rows,).
        steps: int64 (rows,).
        shape: episodes and steps of the padded form.
    """

    episodes: th.Tensor
    steps: th.Tensor
    shape: tuple[int, int]

    def gather(self, padded: th.Tensor) -> th.Tensor:
        """Return the rows (rows, ...) of padded episodes (*shape, ...)."""
        return padded[self.episodes, self.steps]

    def scatter(self, rows: th.Tensor) -> th.Tensor:
        """Return ``rows`` (rows, ...) as float32 padded episodes (*shape, ...), zero elsewhere."""
        padded = rows.new_zeros(*self.shape, *rows.shape[1:], dtype=th.float32)
        padded[self.episodes, self.steps] = rows.float()
        return padded


def transition_mask(filled: th.Tensor) -> th.Tensor:
    """Return which transitions count: ``m_t = filled_{t+1}``.

    Those are the ones whose following observation was written.

    Args:
        filled: (B, T, 1), 1 where a step was written; the last written step holds the observation
            after the end.

    Returns:
        float32 (B, T - 1, 1). Source: PyMARL ``learners/q_learner.py``, which takes ``filled_t``
        and drops steps after a terminal one. Deviation: none for SMAC's episodes; where an episode
        is cut short without a terminal flag and before the longest of the batch, PyMARL would
        bootstrap its last observation from padding.
    """
    return filled[:, 1:].float()


def padded_transitions(batch: EpisodeBatch) -> PaddedTransitions:
    """Return the transitions of a batch as padded episodes."""
    mask = transition_mask(batch["filled"])
    avail = batch["avail_actions"]
    return PaddedTransitions(
        batch=batch,
        state=batch["state"][:, :-1],
        next_state=batch["state"][:, 1:],
        avail=avail[:, :-1].masked_fill(mask.unsqueeze(3) == 0, 1),
        next_avail=avail[:, 1:],
        actions=batch["actions"][:, :-1],
        reward=batch["reward"][:, :-1],
        terminated=batch["terminated"][:, :-1],
        mask=mask,
    )
