"""The agents' outputs over whole episodes: step by step, packed, or with one call on a GPU."""

from dataclasses import dataclass

import torch as th

from pymarl.components.episode_batch import EpisodeBatch
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.learners.sequence import runs_whole_sequences, sequence_outputs
from pymarl.learners.targets import td_lambda_targets
from pymarl.modules.packed.layout import Layout


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows belong in padded episodes.

    Attributes:
        index: (rows,) int64, position of each row in (B, T) flattened.
        shape: (B, T).
    """

    index: th.Tensor
    shape: tuple[int, int]

    def pad(self, rows: th.Tensor) -> th.Tensor:
        """Return ``rows`` (rows, ...) as float32 padded episodes (B, T, ...), zero elsewhere."""
        padded = rows.new_zeros(self.shape[0] * self.shape[1], *rows.shape[1:], dtype=th.float32)
        padded[self.index] = rows.float()
        return padded.view(*self.shape, *rows.shape[1:])

    def pick(self, padded: th.Tensor) -> th.Tensor:
        """Return the rows (rows, ...) of padded episodes (B, T, ...)."""
        return padded.flatten(0, 1)[self.index]


@dataclass(frozen=True, slots=True)
class Transitions:
    """What a temporal-difference error needs besides values; leading axes: (B, T) or (rows,)."""

    state: th.Tensor  # (..., S)
    next_state: th.Tensor  # (..., S)
    next_avail: th.Tensor  # (..., N, A)
    reward: th.Tensor  # (..., 1)
    terminated: th.Tensor  # (..., 1)
    mask: th.Tensor  # (..., 1)
    place: Place | None = None  # of rows


def padded_transitions(batch: EpisodeBatch, mask: th.Tensor) -> Transitions:
    """Return the T - 1 transitions of padded episodes; ``mask`` (B, T - 1, 1) says which count."""
    return Transitions(
        state=batch["state"][:, :-1],
        next_state=batch["state"][:, 1:],
        next_avail=batch["avail_actions"][:, 1:],
        reward=batch["reward"][:, :-1],
        terminated=batch["terminated"][:, :-1],
        mask=mask,
    )


def packed_transitions(batch: EpisodeBatch, layout: Layout) -> Transitions:
    """Return the transitions that happened, one row each, in the order of ``layout.current``."""
    keys = ("state", "avail_actions", "reward", "terminated")
    entries = {key: batch[key].flatten(0, 1) for key in keys}
    current, following = layout.rows[layout.current], layout.rows[layout.first :]
    return Transitions(
        state=entries["state"][current],
        next_state=entries["state"][following],
        next_avail=entries["avail_actions"][following],
        reward=entries["reward"][current],
        terminated=entries["terminated"][current],
        mask=th.ones(len(current), 1),
        place=Place(current, (batch.batch_size, batch.max_seq_length)),
    )


def lambda_targets(
    step: Transitions, next_values: th.Tensor, gamma: float, td_lambda: float
) -> th.Tensor:
    """Return TD(lambda) targets in the shape of ``next_values`` (..., K), padded or as rows."""
    if step.place is None:
        return td_lambda_targets(
            step.reward, step.terminated, step.mask, next_values, gamma, td_lambda
        )
    pad = step.place.pad
    targets = td_lambda_targets(
        pad(step.reward), pad(step.terminated), pad(step.mask), pad(next_values), gamma, td_lambda
    )
    return step.place.pick(targets)


def unroll(mac: BasicMAC, batch: EpisodeBatch) -> th.Tensor:
    """Return the agents' outputs (B, T, N, A) over a batch, unrolled from fresh hidden states."""
    if runs_whole_sequences(mac):
        return sequence_outputs(mac, batch)[0]
    mac.init_hidden(batch.batch_size)
    return th.stack([mac.forward(batch, t) for t in range(batch.max_seq_length)], dim=1)


def unroll_hidden(mac: BasicMAC, batch: EpisodeBatch) -> tuple[th.Tensor, th.Tensor]:
    """Return the agents' outputs (B, T, N, A) and hidden states (B, T, N, H) over a batch."""
    if runs_whole_sequences(mac):
        return sequence_outputs(mac, batch)
    mac.init_hidden(batch.batch_size)
    outputs, hidden = [], []
    for t in range(batch.max_seq_length):
        outputs.append(mac.forward(batch, t))
        hidden.append(mac.hidden_states.view(batch.batch_size, mac.n_agents, -1))
    return th.stack(outputs, dim=1), th.stack(hidden, dim=1)
