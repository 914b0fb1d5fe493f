"""Logs as users bring them, imported through the command line."""

from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from analysis.cli import main
from analysis.dataset.storage import Dataset, load
from tests.analysis.synthetic_sacred import RETURN, write_sacred


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def imported(out: Path, *words: object) -> Dataset:
    """The dataset of ``import --from pymarl WORDS``."""
    assert main(["import", "--from", "pymarl", *map(str, words), "--out", str(out)]) == 0
    return load(out)


def ramp(top: float, points: int = 21) -> list[float]:
    """Values that rise evenly from 0 to ``top``."""
    return [top * k / (points - 1) for k in range(points)]


@pytest.fixture(scope="session")
def three_lambdas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """td_lambda 0.4, 0.5 and 0.6 with three seeds each, all named qmix."""
    root = tmp_path_factory.mktemp("three_lambdas")
    for number, (value, top) in enumerate(((0.4, 0.9), (0.5, 0.5), (0.6, 0.1))):
        for seed in range(3):
            config = {"td_lambda": value, "seed": 100 + seed, "checkpoint_path": ""}
            write_sacred(root / "logs" / str(10 * number + seed), ramp(top), config)
    imported(root / "data", root / "logs")
    return root / "data"


@pytest.fixture(scope="session")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """t_max 200,000: QMIX complete twice and stopped at 63 %, VDN stopped at 63 and 91 %."""
    root = tmp_path_factory.mktemp("stopped")
    for alg, seed, points in (("qmix", 1, 21), ("qmix", 2, 21), ("qmix", 3, 13)):
        values = ramp(0.8)[:points]
        config = {"name": alg, "seed": seed, "t_max": 200_000}
        write_sacred(root / "logs" / alg / str(seed), values, config)
    for seed, points in ((1, 13), (2, 19)):
        config = {"name": "vdn", "seed": seed, "t_max": 200_000}
        write_sacred(root / "logs" / "vdn" / str(seed), ramp(0.4)[:points], config)
    imported(root / "data", root / "logs")
    return root / "data"


@pytest.fixture(scope="session")
def only_returns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Level-based foraging and a particle environment: returns of different scales, no win rate."""
    root = tmp_path_factory.mktemp("only_returns")
    for key, scale, shift in (
        ("lbforaging:Foraging-8x8-2p-3f-v2", 1, 0),
        ("SimpleSpread", 50, -90),
    ):
        for alg, top in (("qmix", 1.0), ("vdn", 0.5)):
            for seed in (1, 2, 3):
                values = [shift + scale * v for v in ramp(top - 0.01 * seed)]
                config = {"name": alg, "env": "gymma", "env_args": {"key": key}, "seed": seed}
                write_sacred(root / "logs" / key[:3] / alg / str(seed), values, config, (RETURN,))
    imported(root / "data", root / "logs")
    return root / "data"
