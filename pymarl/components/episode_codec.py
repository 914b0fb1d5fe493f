"""How replay keeps an episode: every entry, or the few numbers that the others follow from."""

from typing import Any, Protocol

import torch as th
from numpy.typing import NDArray

from pymarl.components.episode_batch import Entry, Groups, Scheme

EpisodeTensors = dict[str, th.Tensor]
UNITS = "units"
"""The entry that an observer rebuilds from; a rollout has it, a batch for learning does not."""
REBUILT = ("obs", "state", "avail_actions")
INTEGERS = (th.uint8, th.int16, th.int32)


class Observer(Protocol):
    """Works out what an environment showed from the numbers it recorded (``UNITS``).

    Attributes:
        size: K, recorded numbers per step.
    """

    size: int

    def rebuild(
        self,
        units: NDArray[Any],
        actions: NDArray[Any],
        obs: NDArray[Any],
        state: NDArray[Any],
        avail: NDArray[Any],
    ) -> None:
        """Write obs (L, N, O), state (L, S) and availability (L, N, A) of L steps, bit by bit.

        ``units`` is float32 (L, K), ``actions`` integers (L, N).
        """


class EpisodeCodec:
    """Turns an episode's entries into what is stored, and back, without losing a bit.

    Without an observer everything is stored. With one, ``obs``, ``state`` and ``avail_actions`` are
    left out for ``units``, and actions take the smallest integer type that holds them.

    Attributes:
        recorded: what rollouts must have.
        stored: what is kept.
    """

    def __init__(
        self, scheme: Scheme, groups: Groups, device: str, observer: Observer | None = None
    ) -> None:
        """Store episodes of ``scheme`` (that of batches for learning) on ``device``.

        Raises:
            ValueError: an observer, and a device that is not the CPU, where it computes.
        """
        if observer is not None and device != "cpu":
            raise ValueError(f"device={device!r}: an observer rebuilds episodes on the CPU")
        self.groups, self.device, self.observer = groups, device, observer
        self.recorded = self.stored = scheme
        if observer is not None:
            units = {UNITS: Entry((observer.size,))}
            actions = {"actions": _narrowed(scheme["actions"], scheme["avail_actions"].vshape[0])}
            self.recorded = scheme | units
            kept = {key: entry for key, entry in scheme.items() if key not in REBUILT}
            self.stored = kept | actions | units

    def encode(self, episode: EpisodeTensors) -> EpisodeTensors:
        """Return copies of what is kept of an episode; entries are (L, ...)."""
        return {
            key: episode[key].to(self.device, entry.dtype, copy=True)
            for key, entry in self.stored.items()
        }

    def decode(self, stored: EpisodeTensors, out: EpisodeTensors) -> None:
        """Write an episode's entries to ``out``, contiguous tensors (L, ...)."""
        for key in self.stored:
            if key in out:
                out[key].copy_(stored[key])
        if self.observer is not None:
            self.observer.rebuild(
                stored[UNITS].numpy(),
                stored["actions"].squeeze(-1).numpy(),
                *(out[key].numpy() for key in REBUILT),
            )

    def problem(self, stored: EpisodeTensors) -> str:
        """Return how ``stored`` differs from what :meth:`encode` returns; "" if it does not."""
        if set(stored) != set(self.stored):
            return f"holds {', '.join(sorted(stored))}; expected {', '.join(sorted(self.stored))}"
        for key, entry in self.stored.items():
            shape, dtype = tuple(stored[key].shape[1:]), stored[key].dtype
            if (shape, dtype) != (self.shape(entry), entry.dtype):
                expected = f"{entry.dtype} of shape {self.shape(entry)}"
                return f"{key} is {dtype} of shape {shape} per step; expected {expected}"
        return ""

    def step_bytes(self) -> int:
        """Return the bytes that one step of an episode takes."""
        return sum(
            th.Size(self.shape(entry)).numel() * entry.dtype.itemsize
            for entry in self.stored.values()
        )

    def shape(self, entry: Entry) -> tuple[int, ...]:
        """Return the shape of one step of an entry."""
        group = () if entry.group is None else (self.groups[entry.group],)
        return (*group, *entry.vshape)


def _narrowed(actions: Entry, n_actions: int) -> Entry:
    """Return the entry with the smallest integer type that holds actions 0..``n_actions`` - 1."""
    for dtype in INTEGERS:
        if n_actions - 1 <= th.iinfo(dtype).max:
            return Entry(actions.vshape, dtype, actions.group)
    raise ValueError(f"n_actions={n_actions}: expected less than 2**31")
