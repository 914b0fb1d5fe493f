"""Shared fixtures: synthetic experiments and the SMAC paper's raw data."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.analysis import synthetic_runs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def no_open_figures() -> Iterator[None]:
    """Close what a test drew: pyplot keeps figures, and warns of more than 20."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with smac_run_data.json: $PYMARL_SHARED_DATA, else ../shared/data by the checkout."""
    given = os.environ.get("PYMARL_SHARED_DATA")
    folder = Path(given) if given else ROOT.parent / "shared" / "data"
    if not (folder / "smac_run_data.json").is_file():
        pytest.skip(f"no smac_run_data.json in {folder} (set PYMARL_SHARED_DATA)")
    return folder


@pytest.fixture(scope="session")
def demo_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """results/runs/demo: 2 maps x 3 algorithms x 3 seeds, one more running, one failed."""
    root = tmp_path_factory.mktemp("results") / "runs"
    synthetic_runs.write_grid(root, ["3m", "2s3z"], ["qmix", "vdn", "iql"], [1, 2, 3])
    synthetic_runs.write_run(root, "3m", "qmix", 4, state="running")
    synthetic_runs.write_run(root, "3m", "vdn", 4, state="failed")
    return root / "demo"


@pytest.fixture(scope="session")
def demo_data(demo_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collected dataset of ``demo_runs``."""
    from analysis.readers.collect import collect_own

    out = tmp_path_factory.mktemp("data")
    collect_own([demo_runs], out)
    return out
