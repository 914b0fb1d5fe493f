"""Runs that start late: no statistic is NaN, and the others' numbers stay."""

import math

import numpy as np
import pytest
from scipy import stats as sps

from analysis.cli import main
from analysis.dataset.groups import build_groups
from analysis.dataset.storage import load
from analysis.published.make_reference import make_reference
from analysis.published.reference import load_reference
from analysis.published.verdict import compare
from analysis.stats.curves import iqm, iqm_band, mean_band, median_band, value_range
from analysis.stats.final import area_under_curve, final_value, table_value, time_to_threshold
from analysis.stats.grid import common_end, stack, to_grid, trailing_mean
from analysis.stats.profiles import mean_of_medians
from analysis.tables.summary import SUMMARY_COLUMNS, summary_row
from tests.analysis import synthetic_runs
from tests.analysis.stats.random_numbers import RNG

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")


def late(width=20, starts=(0, 0, 0, 12)):
    """(R, G) values, NaN before each run's start."""
    matrix = RNG.random((len(starts), width))
    for row, start in zip(matrix, starts, strict=True):
        row[:start] = np.nan
    return matrix


class TestStatistics:
    def test_bands_are_of_the_runs_that_have_a_value(self):
        m = late()
        for band in (median_band(m), mean_band(m), iqm_band(m)):
            for part in band:
                assert np.isfinite(part).all()
        for a, b in zip(median_band(m), median_band(m[:3]), strict=True):
            np.testing.assert_allclose(a[:12], b[:12])
        np.testing.assert_allclose(mean_band(m).center[:12], m[:3, :12].mean(axis=0))
        assert all(np.isfinite(x).all() for x in value_range(m))

    def test_iqm_leaves_nan_out_column_by_column(self):
        m = late(width=6, starts=(0, 1, 2, 3, 4, 4, 5, 5, 5))
        want = [sps.trim_mean(c[np.isfinite(c)], 0.25) for c in m.T]
        np.testing.assert_allclose(iqm(m), want)
        np.testing.assert_allclose(iqm(m.T, axis=1), want)
        assert math.isnan(iqm(np.full((3, 1), np.nan))[0])

    def test_the_common_end_is_where_a_run_is_last(self):
        assert common_end(late()) == 20
        m = stack([np.ones(5), np.ones(8), to_grid(np.array([65]), np.ones(1), 10)])
        assert common_end(m) == 5  # the third run starts when the first has ended
        assert common_end(m, 0.6) == 7
        assert common_end(np.full((2, 4), np.nan)) == 0

    def test_single_numbers(self):
        m = late()
        assert math.isfinite(table_value(m))
        m[:3] = 0.25
        m[3, 12:] = 0.5
        assert table_value(m) == 0.25
        assert area_under_curve(m[3]) == 0.5
        assert final_value(m[3]) == 0.5
        assert time_to_threshold(m[3], 10, 0.5) == 120
        assert np.isfinite(trailing_mean(m, 5)[:3]).all()

    def test_mean_over_maps_where_one_map_starts_late(self):
        curves = [np.array([np.nan, 0.5, 1.0]), np.array([0.25, 0.5, 0.5, 0.75])]
        assert mean_of_medians(curves).tolist() == [0.25, 0.5, 0.75]


N = 51  # evaluations of a whole run, every 1,000 steps


def write(root, seed, first=0, value=0.5):
    times = [1_000 * k for k in range(first, N)]
    values = [value] * len(times)
    synthetic_runs.write_run(root, seed=seed, interval=1_000, times=times, values=values)


@pytest.fixture
def dataset(tmp_path):
    """Four runs, one of which has lost the first 49 of its 51 evaluations."""
    for seed in (1, 2, 3):
        write(tmp_path / "runs", seed)
    write(tmp_path / "runs", 4, first=49, value=0.75)
    words = ["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]
    assert main(words) == 0
    return load(tmp_path / "d")


def test_the_window_of_the_others_stays(dataset):
    (group,) = build_groups(dataset)
    assert (group.n, group.final_window()) == (4, 5)  # 51 // 10, not 2 // 10
    assert group.finals().tolist() == [0.5, 0.5, 0.5, 0.75]


def test_no_number_of_the_table_is_nan(dataset):
    row = summary_row(build_groups(dataset)[0])
    numbers = {k: v for k, v in row.items() if isinstance(v, float | np.floating)}
    assert len(numbers) == 15
    assert [k for k, v in numbers.items() if math.isnan(v)] == []
    assert row["table_value"] == 50.0
    assert row["t_end"] == 50_000
    assert set(row) <= set(SUMMARY_COLUMNS)


def test_it_is_called_out(dataset):
    assert dataset.info["call_outs"] == [
        "qmix on 3m: 1 of 4 runs (seed 4) started late, first at t_env 49000 (others at 0); "
        "points before are of the others"
    ]


def test_exports_and_verdicts(dataset, tmp_path):
    out = tmp_path / "m.json"
    words = ["export", "--data", tmp_path / "d", "--format", "marl-eval", "--out", out]
    assert main([str(w) for w in words]) == 0
    assert "NaN" not in out.read_text()
    make_reference(dataset, "mine", "here", tmp_path / "r.json")
    verdicts, _ = compare(dataset, [load_reference(tmp_path / "r.json")])
    assert verdicts[0].median == 50.0
    for command in ("plot", "table", "report"):
        words = [command, "--data", tmp_path / "d", "--out", tmp_path / command]
        assert main([str(w) for w in words]) == 0


@pytest.mark.parametrize("statistic", ["median", "mean", "iqm"])
def test_a_run_that_starts_after_another_s_end(tmp_path, statistic):
    write(tmp_path / "runs", 1)
    times = [1_000 * k for k in range(60, 111)]
    synthetic_runs.write_run(
        tmp_path / "runs", seed=2, interval=1_000, t_max=110_000, times=times, values=[0.75] * 51
    )
    words = ["collect", "--runs", tmp_path / "runs", "--out", tmp_path / "d"]
    assert main([str(w) for w in words]) == 0
    row = summary_row(build_groups(load(tmp_path / "d"))[0])
    assert (row["table_value"], row["t_end"], row["final_median"]) == (50.0, 50_000, 62.5)
    words = ["plot", "--data", tmp_path / "d", "--out", tmp_path / "f", "--statistic", statistic]
    assert main([str(w) for w in words]) == 0
