"""Statistics against scipy, slow loops and rliable."""

import math
import statistics

import numpy as np
import pytest
from scipy import stats as sps

from analysis.stats.bootstrap import stratified_bootstrap
from analysis.stats.compare import (
    mean_improvement,
    paired_difference,
    permutation_p,
    probability_of_improvement,
    rank_test,
)
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
from analysis.stats.profiles import optimality_gap, performance_profile, profile_band
from analysis.stats.uncertainty import power, seeds_needed, spread

RNG = np.random.default_rng(7)
_START = RNG.bit_generator.state


@pytest.fixture(autouse=True)
def _numbers_do_not_depend_on_the_order_of_tests():
    RNG.bit_generator.state = _START


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


class TestBootstrap:
    def test_interval_covers_a_known_mean(self):
        """Coverage of the 95 % interval of the mean of 40 normals is near nominal."""
        rng = np.random.default_rng(0)
        hits = 0
        for i in range(200):
            x = rng.normal(size=40)
            found = stratified_bootstrap([x], lambda v: v.mean(axis=0), reps=400, seed=i)
            hits += found.low <= 0 <= found.high
        assert 178 <= hits <= 199

    def test_strata_keep_their_sizes(self):
        found = stratified_bootstrap([np.zeros(3), np.ones(3)], lambda v: v.mean(axis=0), reps=50)
        assert found == (0.5, 0.5, 0.5)  # unstratified resampling would vary

    def test_one_task_equals_scipy(self):
        x = RNG.random(9)
        want = sps.bootstrap(
            (x,),
            lambda v, axis: sps.trim_mean(v, 0.25, axis=axis),
            method="percentile",
            n_resamples=20_000,
            rng=np.random.default_rng(0),
        ).confidence_interval
        found = stratified_bootstrap([x], reps=20_000)
        assert (found.low, found.high) == pytest.approx((want.low, want.high), abs=0.01)

    def test_two_tasks_equal_a_slow_loop(self):
        tasks = [RNG.random(6), 1 + RNG.random(4)]
        rng = np.random.default_rng(1)
        draws = [
            sps.trim_mean(np.concatenate([rng.choice(t, len(t)) for t in tasks]), 0.25)
            for _ in range(4000)
        ]
        found = stratified_bootstrap(tasks, reps=20_000)
        want = np.percentile(draws, (2.5, 97.5))
        assert (found.low, found.high) == pytest.approx(tuple(want), abs=0.03)

    def test_same_seed_same_interval(self):
        x = [RNG.random(5), RNG.random(7)]
        assert stratified_bootstrap(x, seed=5) == stratified_bootstrap(x, seed=5)
        assert stratified_bootstrap(x, seed=5) != stratified_bootstrap(x, seed=6)
        assert math.isnan(stratified_bootstrap([]).value)

    def test_global_random_state_is_not_touched(self):
        np.random.seed(1)  # noqa: NPY002
        before = np.random.get_state()[1].copy()  # noqa: NPY002
        stratified_bootstrap([RNG.random(5)], reps=10)
        assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


class TestCompare:
    def test_improvement_by_loop(self):
        x, y = RNG.integers(0, 5, 7).astype(float), RNG.integers(0, 5, 6).astype(float)
        want = np.mean([(a > b) + 0.5 * (a == b) for a in x for b in y])
        assert probability_of_improvement(x, y) == pytest.approx(want)
        assert probability_of_improvement(x, y) + probability_of_improvement(y, x) == pytest.approx(
            1
        )
        assert probability_of_improvement(np.ones(3), np.ones(4)) == 0.5
        assert math.isnan(probability_of_improvement(np.zeros(0), x))

    def test_mean_improvement(self):
        found = mean_improvement([(np.ones(4), np.zeros(4)), (np.zeros(4), np.ones(4))])
        assert found == (0.5, 0.5, 0.5)
        x, y = RNG.random(5), RNG.random(6)
        found = mean_improvement([(x, y)])
        assert found.value == pytest.approx(probability_of_improvement(x, y))
        assert found.low <= found.value <= found.high

    def test_paired(self):
        found, n = paired_difference({1: 0.9, 2: 0.8, 9: 0.0}, {1: 0.5, 2: 0.4, 3: 1.0})
        assert n == 2
        assert found.value == pytest.approx(0.4)
        assert paired_difference({1: 1.0}, {2: 1.0})[1] == 0

    def test_rank_test(self):
        assert rank_test(np.array([6.0, 7, 8, 9, 10]), np.array([1.0, 2, 3, 4, 5])) == (
            pytest.approx(2 / 252)
        )
        assert rank_test(np.zeros(5), np.zeros(5)) == 1.0
        x, y = np.array([0.0, 0, 1, 2]), np.array([2.0, 3, 3, 4])
        assert rank_test(x, y) == permutation_p(x, y)
        x, y = RNG.random(4), RNG.random(5)  # no ties: the relabelling p is the exact one
        assert permutation_p(x, y) == pytest.approx(sps.mannwhitneyu(x, y, method="exact").pvalue)


class TestProfiles:
    def test_profile_by_loop(self):
        tasks = [RNG.random(5), RNG.random(3)]
        taus = np.linspace(0, 1, 11)
        want = [np.mean([np.mean([v > t for v in task]) for task in tasks]) for t in taus]
        np.testing.assert_allclose(performance_profile(tasks, taus), want)
        band = profile_band(tasks, taus)
        assert (band.low <= band.center + 1e-12).all()
        assert (band.center <= band.high + 1e-12).all()

    def test_gap(self):
        assert optimality_gap([np.array([0.5, 1.0])]) == 0.25
        assert optimality_gap([np.array([2.0])]) == 0.0


class TestUncertainty:
    def test_spread_separates_the_levels(self):
        rng = np.random.default_rng(1)
        p = np.clip(rng.normal(0.5, 0.1, 4000), 0, 1)
        found = spread(rng.binomial(320, p) / 320, 320)
        assert found.binomial == pytest.approx(math.sqrt(0.24 / 320), rel=0.05)
        assert found.seeds == pytest.approx(0.1, rel=0.05)
        same = spread(rng.binomial(320, np.full(4000, 0.5)) / 320, 320)
        assert same.seeds < 0.01

    def test_power_against_simulation(self):
        rng = np.random.default_rng(2)
        x, y = rng.normal(size=(5, 20_000)), rng.normal(1.5, size=(5, 20_000))
        hits = np.mean(sps.ttest_ind(x, y, axis=0).pvalue < 0.05)
        assert power(5, 1.5, 1.0) == pytest.approx(hits, abs=0.02)

    def test_seeds_needed(self):
        n = seeds_needed(10, 10)
        assert n == 17  # textbook: 16 by the normal approximation, 17 by the t distribution
        assert power(17, 10, 10) >= 0.8 > power(16, 10, 10)
        assert seeds_needed(0.01, 50) is None
        assert seeds_needed(5, 0.0) == 2


class TestAgainstRliable:
    def test_aggregates(self):
        metrics = pytest.importorskip("rliable.metrics", reason="rliable is not installed")
        scores = RNG.random((7, 4))
        tasks = list(scores.T)
        assert stratified_bootstrap(tasks, reps=1).value == pytest.approx(
            metrics.aggregate_iqm(scores)
        )
        assert optimality_gap(tasks) == pytest.approx(metrics.aggregate_optimality_gap(scores))
        other = RNG.random((6, 4))
        want = metrics.probability_of_improvement(scores, other)
        found = mean_improvement(list(zip(scores.T, other.T, strict=True)))
        assert found.value == pytest.approx(want)

    def test_profile(self):
        library = pytest.importorskip("rliable.library", reason="rliable is not installed")
        scores = RNG.random((7, 4))
        taus = np.linspace(0, 1, 11)
        want = [library.run_score_deviation(scores, tau) for tau in taus]
        np.testing.assert_allclose(performance_profile(list(scores.T), taus), want)
