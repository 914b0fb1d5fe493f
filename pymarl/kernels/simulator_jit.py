"""The decorators of the simulator's kernels: numba's ``njit`` without reference counts.

Machine code is kept on disk in a folder that is named by all its sources (``sources.py``).

Some of this leans on parts of numba that are not in its documentation; tests/unit/kernels holds one
test for each of them, and pyproject.toml an upper limit of numba's version.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba
from numba.core import types

from pymarl.kernels.cache import cache_base, cached_in
from pymarl.kernels.entry_point import entry_point as entry_point  # for the simulator's callers
from pymarl.kernels.sources import kernel_files, require_known_file, source_hash

_Function = TypeVar("_Function", bound=Callable[..., Any])
_njit: Any = numba.njit  # its types do not know ``_nrt``
_unliteral: Any = types.unliteral
FILES: Final = frozenset(kernel_files("kernels.simulator_jit"))
_CACHE: Final = cache_base() / source_hash(FILES)


def kernel(function: _Function) -> _Function:
    """Compile ``function`` with its first caller: nopython, no GIL, IEEE arithmetic.

    Kernels must not create arrays, nor copy one array to a slice of another (numba does that
    through a temporary): they run without numba's reference counts, whose atomic instructions cost
    half of the time. Callers own all arrays, scratch included.

    It is inlined into its callers: kernels pass many arrays, and calls would cost more than the
    work (measured: 1.2 to 1.7 times slower without). Not for calls from Python.
    """
    return _compile(function, inline=True, inner=True)


def inner_kernel(function: _Function) -> _Function:
    """Compile ``function`` like a kernel, without inlining: for what is called seldom."""
    return _compile(function, inner=True)


def inlined_kernel(function: _Function) -> _Function:
    """Paste the body of ``function`` into the kernels that call it, before they are compiled.

    For what numba cannot return from a call: a tuple that holds records. Calls from Python run it
    as the plain function that it is.
    """
    require_known_file(function, FILES)
    compiled: Any = _njit(inline="always", _nrt=False)(function)
    if hasattr(compiled, "compile"):  # not with NUMBA_DISABLE_JIT
        compiled._compile_for_args = lambda *_, **__: function
    return cast(_Function, compiled)


def cold_kernel(function: _Function) -> _Function:
    """Compile ``function`` like a kernel that Python calls, too; cached on disk."""
    return _compile(function)


def setup_kernel(function: _Function) -> _Function:
    """Compile ``function`` like a cold kernel; it may allocate arrays: for what runs once a map."""
    return _compile(function, nrt=True)


def _compile(
    function: _Function, *, inline: bool = False, inner: bool = False, nrt: bool = False
) -> _Function:
    """Return the compiled function; its cache lies in our own folder.

    Args:
        function: what to compile.
        inline: make it a part of its callers.
        inner: leave out what calls from Python need, a third of the time to compile, and the
            cache: its callers' entries hold it.
        nrt: keep numba's run time (reference counts and allocation).
    """
    require_known_file(function, FILES)
    with cached_in(_CACHE):
        compiled: Any = _njit(
            cache=not inner,
            forceinline=inline,
            nogil=True,
            error_model="numpy",
            _nrt=nrt,
            no_cpython_wrapper=inner,
            no_cfunc_wrapper=True,
        )(function)
    _forget_literals(compiled)
    if inner:
        _refuse_python(compiled)
    return cast(_Function, compiled)


def _refuse_python(compiled: Any) -> None:
    """Make calls from Python an error: what they need is left out, and numba would crash."""

    def refuse(*_: Any, **__: Any) -> None:
        raise TypeError(
            f"{compiled.py_func.__name__} is for calls from other kernels; "
            "to call it from Python declare it a cold_kernel"
        )

    compiled._compile_for_args = refuse
    compiled._insert = lambda *_: None


def _forget_literals(compiled: Any) -> None:
    """Compile one version for all integers: numba makes one for each constant in a call."""
    template = compiled.get_call_template

    def get_call_template(args: Any, kws: Any) -> Any:
        plain = {name: _unliteral(kind) for name, kind in kws.items()}
        return template([_unliteral(kind) for kind in args], plain)

    compiled.get_call_template = get_call_template
