"""The decorator of the training core's kernels: numba's ``njit``, cached by all their sources.

The simulator's kernels have a decorator of their own, without reference counts
(``kernels/simulator_jit.py``); these here may allocate arrays and call BLAS.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import numba

from pymarl.kernels.cache import PACKAGE, cache_base, cached_in, source_hash

_Function = TypeVar("_Function", bound=Callable[..., Any])
_ANY_ORDER: Final = {"reassoc", "nsz"}


def kernel_files(package: Path = PACKAGE) -> list[Path]:
    """Return the files that hold kernels of the training core, and this one.

    Constants that a kernel reads must lie in such a file, too.
    """
    # The searched words stand here, so that this file is found by them as well.
    return [
        path
        for path in package.rglob("*.py")
        if b"kernels.training_jit import" in path.read_bytes()
    ]


_CACHE: Final = cache_base() / f"training-{source_hash(kernel_files())}"


def compiled(*, inline: bool = False, any_order: bool = False) -> Callable[[_Function], _Function]:
    """Return a decorator that compiles a function: nopython, IEEE arithmetic, cached on disk.

    Args:
        inline: make the function a part of its callers.
        any_order: let the compiler add sums in any order, in vector instructions (the order is
            fixed by the machine).
    """

    def decorate(function: _Function) -> _Function:
        njit: Any = numba.njit
        with cached_in(_CACHE):
            result: _Function = njit(
                cache=True,
                inline="always" if inline else "never",
                error_model="numpy",
                fastmath=_ANY_ORDER if any_order else False,
            )(function)
        return result

    return decorate
