"""A batch of padded episodes, described by PyMARL's ``scheme``, ``groups`` and ``preprocess``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch as th

from pymarl.components.transforms import Transform

Groups = dict[str, int]
Preprocess = dict[str, tuple[str, list[Transform]]]
FILLED = "filled"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a scheme.

    Attributes:
        vshape: shape of one value, without batch, time and group axes.
        dtype: how it is stored.
        group: name of a group in ``groups`` (adds an axis of that size), or None.
    """

    vshape: tuple[int, ...]
    dtype: th.dtype = th.float32
    group: str | None = None


Scheme = dict[str, Entry]


def make_scheme(description: Mapping[str, Mapping[str, Any]]) -> Scheme:
    """Return the scheme written as PyMARL's dictionary of dictionaries.

    Args:
        description: ``{"obs": {"vshape": 80, "group": "agents"}, ...}``.

    Raises:
        ValueError: an entry has no ``vshape``, unknown keys, or the reserved name ``filled``.
    """
    scheme = {}
    for key, fields in description.items():
        unknown = set(fields) - {"vshape", "dtype", "group"}
        if unknown or "vshape" not in fields or key == FILLED:
            raise ValueError(
                f"scheme[{key!r}]={dict(fields)}: expected vshape and, if needed, dtype and group"
            )
        vshape = fields["vshape"]
        shape = (vshape,) if isinstance(vshape, int) else tuple(vshape)
        scheme[key] = Entry(shape, fields.get("dtype", th.float32), fields.get("group"))
    return scheme


def extended_scheme(scheme: Scheme, preprocess: Preprocess) -> Scheme:
    """Return the scheme with the entries that ``preprocess`` derives.

    PyMARL's only one is ``actions`` -> ``actions_onehot``.
    """
    extended = dict(scheme)
    for key, (new_key, transforms) in preprocess.items():
        vshape, dtype = scheme[key].vshape, scheme[key].dtype
        for transform in transforms:
            vshape, dtype = transform.infer_output_info(vshape, dtype)
        extended[new_key] = Entry(vshape, dtype, scheme[key].group)
    return extended


class EpisodeBatch:
    """B episodes of at most T steps, each entry one tensor (B, T[, group], *vshape).

    Entries are zero where nothing was written.
    ``filled`` (B, T, 1) int64 is 1 at every step that was written. ``T`` is ``max_seq_length``: the
    episode limit plus one, for the observation after the last action.
    """

    def __init__(
        self,
        scheme: Scheme,
        groups: Groups,
        batch_size: int,
        max_seq_length: int,
        preprocess: Preprocess | None = None,
        device: str = "cpu",
        data: dict[str, th.Tensor] | None = None,
    ) -> None:
        """Make an empty batch, or wrap ``data`` when it is given."""
        self.preprocess = preprocess or {}
        self.scheme = extended_scheme(scheme, self.preprocess)
        self.groups = groups
        self.batch_size = batch_size
        self.max_seq_length = max_seq_length
        self.device = device
        self.data = self._zeros() if data is None else data

    def _zeros(self) -> dict[str, th.Tensor]:
        """Return zeroed storage for every entry of the scheme and for ``filled``."""
        lead = (self.batch_size, self.max_seq_length)
        data = {FILLED: th.zeros(*lead, 1, dtype=th.long, device=self.device)}
        for key, entry in self.scheme.items():
            group = () if entry.group is None else (self.groups[entry.group],)
            data[key] = th.zeros(
                *lead, *group, *entry.vshape, dtype=entry.dtype, device=self.device
            )
        return data

    def update(
        self,
        values: Mapping[str, Any],
        bs: slice | Sequence[int] = slice(None),
        ts: int | slice = slice(None),
        mark_filled: bool = True,
    ) -> None:
        """Write ``values`` at episodes ``bs`` and steps ``ts`` and derive what depends on them.

        Args:
            values: key -> array, list or tensor that can be viewed as (episodes, steps[, group],
                *vshape).
            bs: episodes.
            ts: steps; an int is one step.
            mark_filled: set ``filled`` to 1 there.

        Raises:
            KeyError: a key is not in the scheme.
            ValueError, RuntimeError: a value has the wrong number of elements.
        """
        steps = slice(ts, ts + 1) if isinstance(ts, int) else ts
        if mark_filled:
            self.data[FILLED][bs, steps] = 1
        for key, value in values.items():
            if key not in self.scheme:
                raise KeyError(f"{key!r} is not in the scheme; it has {', '.join(self.scheme)}")
            target = self.data[key]
            if self.device == "cpu" and isinstance(bs, slice) and not isinstance(value, th.Tensor):
                view = target[bs, steps].numpy()
                view[...] = np.asarray(value).reshape(view.shape)
            else:
                tensor = th.as_tensor(value, dtype=target.dtype, device=self.device)
                target[bs, steps] = tensor.reshape(target[bs, steps].shape)
            if key in self.preprocess:
                new_key, transforms = self.preprocess[key]
                derived = target[bs, steps]
                for transform in transforms:
                    derived = transform.transform(derived)
                self.data[new_key][bs, steps] = derived

    def __getitem__(self, item: Any) -> Any:
        """Return an entry by name, or the batch restricted to ``[episodes, steps]``.

        Both are slices; steps may be left out.
        """
        if isinstance(item, str):
            return self.data[item]
        episodes, steps = item if isinstance(item, tuple) else (item, slice(None))
        data = {key: tensor[episodes, steps] for key, tensor in self.data.items()}
        filled = data[FILLED]
        batch = EpisodeBatch(
            {}, self.groups, filled.shape[0], filled.shape[1], device=self.device, data=data
        )
        batch.scheme, batch.preprocess = self.scheme, self.preprocess
        return batch

    def to(self, device: str) -> Self:
        """Move all entries to ``device`` in place and return the batch."""
        self.data = {key: tensor.to(device) for key, tensor in self.data.items()}
        self.device = device
        return self

    def max_t_filled(self) -> int:
        """Return the number of steps of the longest episode, its last observation included."""
        return int(self.data[FILLED].sum(1).max())
