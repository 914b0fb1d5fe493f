"""What copies of environments need: arrays of their own, and no copies of what never changes."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, TypeVar, cast

import numpy as np

_Arrays = TypeVar("_Arrays", bound=tuple[Any, ...])
_Env = TypeVar("_Env")


def own_array(array: Any) -> Any:
    """Return an array that is contiguous, writable and owns its memory: itself, or a copy."""
    return np.require(array, requirements=("C", "A", "W", "O"))


def own_arrays(arrays: _Arrays) -> _Arrays:
    """Return a named tuple of arrays with each one contiguous, writable and owning its memory.

    Unpickling may give arrays that are not (pickle's buffers out of band, as Ray's, are read-only),
    and compiled kernels take one memory layout only. What fits is not copied.
    """
    make = cast(Any, type(arrays))._make
    return cast(_Arrays, make(own_array(array) for array in arrays))


def deep_copy(env: _Env, memo: dict[int, Any], fixed: Iterable[Any]) -> _Env:
    """Return what ``copy.deepcopy(env)`` is to return, by ``__getstate__`` and ``__setstate__``.

    Args:
        env: the environment.
        memo: of ``copy.deepcopy``.
        fixed: objects that never change, which the copy shares with the original.
    """
    memo |= {id(part): part for part in fixed}
    twin = cast(Any, type(env)).__new__(type(env))
    memo[id(env)] = twin
    twin.__setstate__(deepcopy(cast(Any, env).__getstate__(), memo))
    return cast(_Env, twin)
