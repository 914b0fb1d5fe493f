"""The decorator of the training core's kernels: numba's ``njit``, cached by all their sources.

The simulator's kernels have a decorator of their own, without reference counts
(``kernels/simulator_jit.py``); these here may allocate arrays and call BLAS.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import numba

from pymarl.kernels.cache import cache_base, cached_in
from pymarl.kernels.sources import kernel_files, require_known_file, source_hash

_Function = TypeVar("_Function", bound=Callable[..., Any])
_ANY_ORDER: Final = {"reassoc", "nsz"}


FILES: Final = frozenset(kernel_files("kernels.training_jit"))
_CACHE: Final = cache_base() / f"training-{source_hash(FILES)}"


def compiled(*, inline: bool = False, any_order: bool = False) -> Callable[[_Function], _Function]:
    """Return a decorator that compiles a function: nopython, IEEE arithmetic, cached on disk.

    Args:
        inline: make the function a part of its callers.
        any_order: let the compiler add sums in any order, in vector instructions (the order is
            fixed by the machine).
    """

    def decorate(function: _Function) -> _Function:
        require_known_file(function, FILES)
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
