"""How the vector form calls the engine's kernels: compiled entry points, and threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.engine.batch_step import Batch, reset_range, step_range
from pymarl.envs.smac.rules.actions import first_unavailable
from pymarl.kernels.simulator_jit import entry_point


class KernelCalls:
    """The calls of one batch of environments.

    It knows nothing of any battle, and what it holds cannot be copied: a copy (``copy.deepcopy``,
    ``pickle``) is a new one.

    Args:
        n_envs: B.
        threads: threads that share the environments; the kernels release the GIL.
    """

    def __init__(self, n_envs: int, threads: int) -> None:
        self.n_envs, self.threads = n_envs, threads
        self._layout = 0
        self._layouts: dict[tuple[Any, ...], int] = {}
        self._steps: dict[int, Callable[..., int]] = {}
        self._resets: dict[int, Callable[..., None]] = {}
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._bounds = [n_envs * k // threads for k in range(threads + 1)]

    def __reduce__(self) -> tuple[type["KernelCalls"], tuple[int, int]]:
        return type(self), (self.n_envs, self.threads)

    def use_layout(self, batch: Batch) -> None:
        """Call for the memory layout of these output arrays from now on.

        Entry points look at no types, so there is one for each layout of ``out``. For numba to look
        at all arrays in every call would take 15 microseconds instead of a half.
        """
        arrays = cast(tuple[NDArray[Any], ...], batch.out)
        layout = tuple((array.dtype, array.ndim, array.flags.num) for array in arrays)
        self._layout = self._layouts.setdefault(layout, len(self._layouts))

    def reset(self, batch: Batch, chosen: NDArray[np.uint8], words: NDArray[np.uint64]) -> None:
        """Begin episodes in the environments of ``chosen`` (B,) with these ``words`` (B,)."""
        arguments = (batch, chosen, words, 0, self.n_envs)
        if self._layout not in self._resets:
            self._resets[self._layout] = entry_point(reset_range, arguments)
        self._resets[self._layout](*arguments)

    def step(
        self,
        batch: Batch,
        actions: NDArray[np.int64],
        chosen: NDArray[np.uint8],
        loops: int,
        scripted: int,
    ) -> int:
        """Step the environments of ``chosen``; return the first bad action or -1.

        Args:
            batch: the environments.
            actions: int64 (B, N).
            chosen: uint8 (B,).
            loops: game loops of a step.
            scripted: 1: SMAC's scripted agents act, and ``actions`` are not looked at.
        """
        fixed = (batch, actions, chosen)
        if self._layout not in self._steps:
            arguments = (*fixed, loops, scripted, 0, self.n_envs)
            self._steps[self._layout] = entry_point(step_range, arguments)
        step = self._steps[self._layout]
        if self._pool is None:
            return int(step(*fixed, loops, scripted, 0, self.n_envs))
        # A range checks its actions before it steps, but does not wait for the checks of others.
        bad = -1 if scripted else first_unavailable(actions, batch.out.avail, chosen)
        if bad >= 0:
            return bad
        jobs = [
            self._pool.submit(step, *fixed, loops, scripted, low, high)
            for low, high in zip(self._bounds[:-1], self._bounds[1:], strict=True)
        ]
        for job in jobs:
            job.result()
        return -1

    def close(self) -> None:
        """End the threads; what is called later runs in the caller's."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
