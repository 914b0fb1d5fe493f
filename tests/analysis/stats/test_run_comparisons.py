"""Bootstrap, tests, profiles and uncertainty against scipy, slow loops and rliable."""

import math

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
from analysis.stats.profiles import optimality_gap, performance_profile, profile_band
from analysis.stats.uncertainty import power, seeds_needed, spread
from tests.analysis.stats.random_numbers import RNG


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
        np.random.seed(1)  # noqa: NPY002 - the global state is what this test is about
        before = np.random.get_state()[1].copy()  # noqa: NPY002 - as above
        stratified_bootstrap([RNG.random(5)], reps=10)
        assert (np.random.get_state()[1] == before).all()  # noqa: NPY002 - as above


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
