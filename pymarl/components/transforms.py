"""Preprocessing of batch entries (PyMARL's ``preprocess``)."""

from abc import ABC, abstractmethod

import torch as th


class Transform(ABC):
    """Derives one batch entry from another."""

    @abstractmethod
    def transform(self, tensor: th.Tensor) -> th.Tensor:
        """Return the derived entry of ``tensor``."""

    @abstractmethod
    def infer_output_info(
        self, vshape: tuple[int, ...], dtype: th.dtype
    ) -> tuple[tuple[int, ...], th.dtype]:
        """Return shape and dtype of the derived entry."""


class OneHot(Transform):
    """Integer entries (..., 1) in [0, ``out_dim``) to one-hot float32 (..., ``out_dim``)."""

    def __init__(self, out_dim: int) -> None:
        """Store the number of classes."""
        self.out_dim = out_dim

    def transform(self, tensor: th.Tensor) -> th.Tensor:
        """Return the one-hot form.

        Raises:
            RuntimeError: an entry is outside [0, ``out_dim``).
        """
        onehot = th.zeros(*tensor.shape[:-1], self.out_dim, dtype=th.float32, device=tensor.device)
        return onehot.scatter_(-1, tensor.long(), 1.0)

    def infer_output_info(
        self, vshape: tuple[int, ...], dtype: th.dtype
    ) -> tuple[tuple[int, ...], th.dtype]:
        """Return ((out_dim,), float32)."""
        if vshape != (1,):
            raise ValueError(f"OneHot: expected entries of shape (1,), got {vshape} of {dtype}")
        return (self.out_dim,), th.float32
