"""Shared by all tests: no test picks up this machine's settings or leaves a figure window open."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import chromium  # noqa: F401  # a fixture
from tests.support.workplace import Workplace

# One thread for each test process: results do not depend on the number of cores.
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(autouse=True)
def _no_inherited_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables of ours that a developer may have set must not reach a test."""
    for name in list(os.environ):
        if name.startswith(("PYMARL_", "SC2PATH", "SNAKEMAKE_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _log_lines_stay_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that trains switches the program's log lines on; the next one begins without them."""
    log = logging.getLogger("pymarl")
    monkeypatch.setattr(log, "handlers", [])
    monkeypatch.setattr(log, "propagate", True)
    log.setLevel(logging.NOTSET)


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    """A working folder for the pipeline; what was started in it ends with the test."""
    place = Workplace(tmp_path.resolve())
    yield place
    place.close()
