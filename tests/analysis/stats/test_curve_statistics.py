"""Grid, curves and final values against numpy, scipy and slow loops."""

import math
import statistics

import numpy as np
import pytest
from scipy import stats as sps

from analysis.stats.curves import iqm, iqm_band, mean_band, median_band
from analysis.stats.final import (
    area_under_curve,
    best_by_margin,
    final_value,
    final_window,
    table_value,
    time_to_threshold,
)
from analysis.stats.grid import common_end, stack, to_grid, trailing_mean
from tests.analysis.stats.random_numbers import RNG


def ints(*values):
    return np.array(values, dtype=np.int64)


class TestGrid:
    def test_drift_leaves_a_hole_that_the_previous_value_fills(self):
        t = ints(50, 10_040, 20_400, 31_000, 41_900, 53_100)  # bin 40k: 41,900; 50k: 53,100
        out = to_grid(t, np.arange(6.0), 10_000)
        assert out.tolist() == [0, 1, 2, 3, 4, 5]
        t = ints(50, 10_040, 31_000)
        assert to_grid(t, np.array([0.0, 1.0, 2.0]), 10_000).tolist() == [0, 1, 1, 2]

    def test_two_in_one_bin_last_counts_and_late_start_is_nan(self):
        out = to_grid(ints(10_001, 19_999, 20_000), np.array([1.0, 2.0, 3.0]), 10_000)
        assert math.isnan(out[0])
        assert out[1:].tolist() == [2, 3]

    def test_empty_and_bad_interval(self):
        assert len(to_grid(ints(), np.zeros(0), 10)) == 0
        with pytest.raises(ValueError, match="interval must be positive"):
            to_grid(ints(1), np.ones(1), 0)

    def test_common_end(self):
        m = stack([np.ones(5), np.ones(3), np.ones(4)])
        assert common_end(m) == 3
        assert common_end(m, 0.5) == 4
        assert common_end(np.zeros((0, 0))) == 0

    def test_trailing_mean_equals_loop(self):
        x = RNG.random((3, 20))
        x[1, 4:9] = np.nan
        out = trailing_mean(x, 4)
        for r in range(3):
            for k in range(20):
                part = x[r, max(0, k - 3) : k + 1]
                part = part[np.isfinite(part)]
                want = part.mean() if len(part) else np.nan
                np.testing.assert_allclose(out[r, k], want)
        np.testing.assert_array_equal(trailing_mean(x, 1), x)
        with pytest.raises(ValueError, match="window"):
            trailing_mean(x, 0)


class TestCurves:
    def test_median_band_is_numpy_percentiles(self):
        m = RNG.random((7, 11))
        band = median_band(m)
        np.testing.assert_allclose(band.low, np.percentile(m, 25, axis=0))
        np.testing.assert_allclose(band.center, [statistics.median(c) for c in m.T])
        np.testing.assert_allclose(band.high, np.percentile(m, 75, axis=0))

    def test_degenerate(self):
        assert np.isnan(median_band(np.zeros((0, 3))).center).all()
        one = median_band(np.array([[0.5, 0.25]]))
        assert one.low.tolist() == one.center.tolist() == one.high.tolist() == [0.5, 0.25]
        m = np.array([[np.nan, 1.0], [np.nan, 3.0]])
        assert math.isnan(median_band(m).center[0])
        assert mean_band(m).center[1] == 2.0
        assert mean_band(np.array([[4.0]])).low[0] == 4.0

    def test_mean_band(self):
        m = RNG.random((5, 4))
        band = mean_band(m)
        np.testing.assert_allclose(band.center, m.mean(axis=0))
        np.testing.assert_allclose(band.high - band.center, m.std(axis=0, ddof=1))

    @pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8, 9, 23])
    def test_iqm_is_scipy_trim_mean(self, n):
        x = RNG.random((n, 6))
        np.testing.assert_allclose(iqm(x), sps.trim_mean(x, 0.25, axis=0))

    def test_iqm_band_seeded_and_brackets(self):
        m = RNG.random((6, 9))
        a, b = iqm_band(m, seed=3), iqm_band(m, seed=3)
        np.testing.assert_array_equal(a.low, b.low)
        assert (a.low <= a.center).all()
        assert (a.center <= a.high).all()
        assert not np.array_equal(a.low, iqm_band(m, seed=4).low)


class TestFinal:
    def test_window(self):
        assert [final_window(n) for n in (0, 1, 11, 50, 99, 100, 205)] == [1, 1, 1, 5, 9, 10, 10]
        assert final_value(np.arange(20.0)) == np.arange(10, 20).mean()
        assert final_value(np.array([1.0, np.nan, 3.0]), 2) == 2.0
        assert math.isnan(final_value(np.zeros(0)))

    def test_table_value_by_loop(self):
        m = RNG.random((5, 40))
        best = -1.0
        for k in range(7, 40):
            best = max(best, statistics.median(m[r, k - 7 : k + 1].mean() for r in range(5)))
        assert table_value(m) == pytest.approx(best)
        assert table_value(np.array([[0.25, 0.5]])) == pytest.approx(0.375)  # shorter than window
        assert math.isnan(table_value(np.zeros((0, 0))))

    def test_auc_and_threshold(self):
        assert area_under_curve(np.array([0.0, 1.0])) == 0.5
        assert area_under_curve(np.array([0.3])) == 0.3
        assert area_under_curve(np.full(9, 0.4)) == pytest.approx(0.4)
        assert math.isnan(area_under_curve(np.zeros(0)))
        x = np.array([0.0, 0.4, 0.8, 0.9])
        assert time_to_threshold(x, 100, 0.5) == 200
        assert time_to_threshold(x, 100, 0.5, window=3) == 300
        assert time_to_threshold(x, 100, 0.95) == math.inf

    def test_best_by_margin(self):
        m = np.array([[0.5, 0.9, np.nan, 0.3], [0.5, 0.5, 0.9, 0.3 + 1 / 32]])
        assert best_by_margin(m).tolist() == [1, 1]
