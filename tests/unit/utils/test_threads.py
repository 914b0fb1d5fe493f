"""How many threads BLAS gets, and that another number than the configuration's is logged."""

import logging

import pytest

from pymarl.envs.standin import launch
from pymarl.runners import workers
from pymarl.utils.threads import VARIABLES, pin_threads, warn_of_other_threads


@pytest.fixture
def _variables(monkeypatch):
    for name in VARIABLES:
        monkeypatch.setenv(name, "7")


@pytest.mark.usefixtures("_variables")
@pytest.mark.parametrize(
    ("argv", "threads"),
    [
        ([], 1),
        (["--config=qmix", "with", "t_max=5"], 1),
        (["threads=4"], 4),
        (["threads=4", "threads=2"], 2),
        (["threads=many"], 1),
    ],
)
def test_libraries_are_told_the_threads_of_the_command_line(argv, threads, caplog):
    pin_threads(argv)
    warn_of_other_threads(threads, logging.getLogger("test"))
    assert not caplog.records
    warn_of_other_threads(threads + 1, logging.getLogger("test"))
    assert f"OMP_NUM_THREADS={threads}, OPENBLAS_NUM_THREADS={threads}" in caplog.text


@pytest.mark.usefixtures("_variables")
def test_a_library_that_was_told_nothing_is_named(monkeypatch, caplog):
    pin_threads([])
    monkeypatch.delenv("MKL_NUM_THREADS")
    warn_of_other_threads(1, logging.getLogger("test"))
    assert "threads=1, but MKL_NUM_THREADS=not set" in caplog.text


def test_the_stand_in_server_pins_the_same_variables():
    """It pins its own before it can import anything of the package."""
    assert set(VARIABLES) <= set(launch._THREADS)


def test_workers_pin_the_same_variables():
    assert workers.THREAD_VARIABLES is VARIABLES
