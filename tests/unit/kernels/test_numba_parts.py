"""The parts of numba that the decorators lean on and that its documentation does not promise.

When one of these fails after an update of numba, the sentence says what the simulator's kernels
need; pyproject.toml caps the version so that this happens here first.
"""

from importlib.metadata import version
from pathlib import Path

import numba
import numpy as np
import pytest
from numba.core import config
from numba.core.caching import NullCache
from numba.core.dispatcher import Dispatcher
from numba.core.options import DefaultOptions
from numba.core.registry import CPUDispatcher, cpu_target

from pymarl.kernels.cache import cached_in
from pymarl.kernels.simulator_jit import cold_kernel, entry_point, inner_kernel, kernel


@inner_kernel
def double(x: int) -> int:
    return 2 * x


@kernel
def add_one(x: int) -> int:
    return x + 1


@cold_kernel
def both(values: np.ndarray) -> int:
    return add_one(double(values[0])) + double(3)


# Without the cache on disk: a version that is loaded from there does not compile its inner kernels.
vars(both)["_cache"] = NullCache()

VALUES = np.array([4])


def test_the_tested_version_is_the_capped_one():
    major, minor = map(int, version("numba").split(".")[:2])
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    assert f'"numba>=0.62,<{major}.{minor + 1}"' in text, (
        "numba is newer than what these tests were seen to pass with: run them, then raise the cap"
    )


@pytest.mark.parametrize(
    "option", ["forceinline", "no_cpython_wrapper", "no_cfunc_wrapper", "_nrt"]
)
def test_numba_still_takes_the_option(option):
    known = option in vars(DefaultOptions) or option in vars(cpu_target.options)
    assert known, (
        f"numba.njit has no option {option} any more: kernels without it are slower or compile "
        "longer; see pymarl/kernels/simulator_jit.py"
    )


@pytest.mark.parametrize("counted", [True, False])
def test_kernels_run_without_reference_counts(counted):
    @numba.njit(_nrt=counted)
    def last_chosen(arrays, n):
        chosen = arrays[0]
        for i in range(n):
            chosen = arrays[1] if arrays[0][i] > 2 else arrays[0]
        return chosen[0]

    assert last_chosen((VALUES, np.arange(7, 9)), 1) == 7
    code = next(iter(last_chosen.inspect_llvm().values()))
    assert ("NRT_incref" in code) == counted, (
        "the option _nrt=False no longer leaves out reference counts: every array access of the "
        "simulator costs an atomic instruction again (half of its speed)"
    )


def test_inner_kernels_refuse_python():
    with pytest.raises(TypeError, match="declare it a cold_kernel"):
        double(1)


@pytest.mark.parametrize("name", ["_compile_for_args", "_insert", "get_call_template"])
def test_dispatchers_still_have_the_method(name):
    assert hasattr(numba.njit(lambda x: x), name), (
        f"numba's dispatcher has no {name} any more: simulator_jit.py replaces it to refuse calls "
        "from Python, or to compile one version for all integers"
    )
    assert issubclass(CPUDispatcher, Dispatcher)


def test_constants_in_calls_do_not_make_versions_of_their_own():
    assert both(VALUES) == 15  # calls double(x) and double(3)
    assert len(double.signatures) == 1, (
        "numba compiles one version of a kernel for each constant in a call again: "
        "get_call_template is no longer asked for the types"
    )


def test_compile_returns_machine_code_that_can_be_called():
    point = entry_point(both, (VALUES,))
    assert point(np.array([5])) == 17, (
        "Dispatcher.compile no longer returns the function's entry point: "
        "steps of single environments get 15 microseconds slower"
    )


def test_the_cache_folder_is_read_when_a_function_is_decorated(tmp_path):
    before = config.CACHE_DIR
    with cached_in(tmp_path):
        function = numba.njit(cache=True)(lambda x: x)
    assert Path(function.stats.cache_path).parent == tmp_path, (
        "numba no longer reads config.CACHE_DIR at decoration: kernels of other sources may meet "
        "stale machine code"
    )
    assert before == config.CACHE_DIR
