"""SMACv2's published results: the pack, its statistic, and what a verdict says of the simulator."""

import json

import numpy as np
import pytest

from analysis.cli import main
from analysis.dataset.storage import load
from analysis.published.reference import default_references, load_reference, tail_mean
from analysis.published.verdict import compare
from tests.analysis import synthetic_runs

PACK = default_references()[1]
# Medians over runs, in percent, as docs/environments/smacv2.md has them.
MEDIANS = {
    "qmix_ft": [69, 75, 73, 40, 17, 62, 67, 57, 37, 10, 40, 40, 29, 26, 7],
    "mappo": [57, 59, 43, 18, 4, 52, 59, 51, 29, 10, 46, 39, 36, 30, 19],
    "mappo_open_loop": [6, 6, 3, 0, 0, 10, 4, 1, 1, 0, 8, 6, 2, 2, 1],
}
SIZES = ("5_vs_5", "10_vs_10", "20_vs_20", "10_vs_11", "20_vs_23")
SCENARIOS = [f"{race}_{size}" for race in ("protoss", "terran", "zerg") for size in SIZES]


@pytest.mark.parametrize("alg", MEDIANS)
def test_the_medians_are_the_published_ones(alg):
    pack = load_reference(PACK)
    found = [pack.cell(name, alg).final.median for name in SCENARIOS]
    assert found == pytest.approx(MEDIANS[alg], abs=0.75)


def test_the_paper_s_orders_hold_in_the_pack():
    pack = load_reference(PACK)
    cells = {alg: [pack.cell(name, alg).final.median for name in SCENARIOS] for alg in MEDIANS}
    assert max(cells["mappo_open_loop"]) < 11
    assert all(
        low < high for low, high in zip(cells["mappo_open_loop"], cells["mappo"], strict=True)
    )


def test_the_end_is_the_mean_of_the_last_half_million_steps():
    t = np.arange(0, 10_050_001, 50_000)
    value = np.where(t > 9_550_000, 0.6, 0.1)
    assert tail_mean(t, value, 500_000) == pytest.approx(0.6)
    assert tail_mean(t, value, 1_000_000) == pytest.approx(0.35)


def test_runs_of_the_simulator_are_incomparable_with_the_numbers(tmp_path):
    times = list(range(0, 10_050_001, 50_000))
    for seed, level in enumerate((0.6, 0.62, 0.64), 1):
        values = [0.0 if t <= 9_550_000 else level for t in times]
        synthetic_runs.write_run(
            tmp_path / "runs", "terran_5_vs_5", "qmix_ft", seed, t_max=10_050_000,
            interval=50_000, episodes=False, provenance={"backend": "sim"}, times=times,
            values=values, config={},
        )  # fmt: skip  # one call
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]) == 0
    (verdict,), unknown = compare(load(tmp_path / "d"), [load_reference(PACK)])
    assert (verdict.verdict, unknown) == ("INCOMPARABLE", [])
    assert "backend sim, reference sc2" in verdict.reasons
    assert verdict.median == pytest.approx(62)
    assert verdict.ref_median == pytest.approx(62, abs=0.75)


def test_every_value_is_a_percentage():
    cells = json.loads(PACK.read_text())["cells"]
    assert sorted(cells) == sorted(SCENARIOS)
    for algs in cells.values():
        for cell in algs.values():
            assert len(cell["final"]) == cell["n_found"]
            numbers = cell["final"] + [v for point in cell["checkpoints"].values() for v in point]
            assert all(0 <= value <= 100 for value in numbers)
