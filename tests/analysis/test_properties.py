"""Properties: the order of files and runs, relabelling, ragged and degenerate inputs."""

import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from analysis.cli import main
from analysis.dataset.assemble import assemble
from analysis.dataset.groups import build_groups
from analysis.dataset.records import WIN_RATE, MetricSeries, RunRecord
from analysis.dataset.storage import load
from analysis.stats.bootstrap import stratified_bootstrap
from analysis.stats.compare import probability_of_improvement
from analysis.stats.curves import iqm, mean_band, median_band
from analysis.stats.final import final_value, table_value
from analysis.stats.grid import common_end, stack, to_grid, trailing_mean
from analysis.tables.summary import summary_table
from tests.analysis import synthetic_runs

rates = st.integers(0, 32).map(lambda k: k / 32)
matrices = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=rates)
vectors = arrays(np.float64, st.integers(1, 12), elements=rates)
clocks = st.lists(st.integers(0, 300_000), min_size=1, max_size=40, unique=True).map(sorted)
quick = settings(max_examples=60, deadline=None)


@given(matrices, st.randoms())
@quick
def test_order_of_runs_does_not_matter(matrix, random):
    order = list(range(len(matrix)))
    random.shuffle(order)
    for function in (median_band, mean_band):
        for a, b in zip(function(matrix), function(matrix[order]), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-12)
    np.testing.assert_allclose(iqm(matrix), iqm(matrix[order]), atol=1e-12)
    assert table_value(matrix) == pytest.approx(table_value(matrix[order]))


@given(matrices)
@quick
def test_bands_bracket_and_stay_in_range(matrix):
    band = median_band(matrix)
    assert (band.low <= band.center).all()
    assert (band.center <= band.high).all()
    assert (band.low >= matrix.min(axis=0)).all()
    assert (band.high <= matrix.max(axis=0)).all()
    assert (iqm(matrix) >= matrix.min(axis=0) - 1e-12).all()
    assert (iqm(matrix) <= matrix.max(axis=0) + 1e-12).all()


@given(matrices)
@quick
def test_win_and_loss_mirror(matrix):
    """Statistics of 1 - x are 1 - statistics of x, quartiles swapped."""
    a, b = median_band(matrix), median_band(1 - matrix)
    np.testing.assert_allclose(b.low, 1 - a.high, atol=1e-12)
    np.testing.assert_allclose(iqm(1 - matrix), 1 - iqm(matrix), atol=1e-12)


@given(clocks, st.data())
@quick
def test_grid_keeps_values_and_time_order(times, data):
    values = data.draw(st.lists(rates, min_size=len(times), max_size=len(times)))
    t, v = np.array(times), np.array(values)
    grid = to_grid(t, v, 10_000)
    assert len(grid) == times[-1] // 10_000 + 1
    for k, x in enumerate(grid):  # the definition, by a slow loop
        before = [y for s, y in zip(times, values, strict=True) if s < (k + 1) * 10_000]
        assert (np.isnan(x) and not before) or x == before[-1]


@given(st.lists(vectors, min_size=1, max_size=6))
@quick
def test_ragged_runs(rows):
    matrix = stack(rows)
    end = common_end(matrix)
    assert end == min(len(r) for r in rows)
    assert np.isfinite(matrix[:, :end]).all()
    assert matrix.shape[1] == max(len(r) for r in rows)


@given(vectors, st.integers(1, 20))
@quick
def test_smoothing_of_a_constant_and_bounds(row, window):
    smooth = trailing_mean(row, window)
    assert (smooth >= row.min() - 1e-12).all()
    assert (smooth <= row.max() + 1e-12).all()
    np.testing.assert_allclose(trailing_mean(np.full_like(row, 0.25), window), 0.25)


@given(vectors, vectors)
@quick
def test_improvement_is_antisymmetric_and_rank_based(x, y):
    p = probability_of_improvement(x, y)
    assert 0 <= p <= 1
    assert p + probability_of_improvement(y, x) == pytest.approx(1)
    assert probability_of_improvement(x**3, y**3) == pytest.approx(p)


@given(st.lists(vectors, min_size=1, max_size=4), st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_bootstrap_is_seeded_and_ordered(tasks, seed):
    a = stratified_bootstrap(tasks, reps=50, seed=seed)
    assert a == stratified_bootstrap(tasks, reps=50, seed=seed)
    assert a.low <= a.high
    assert final_value(tasks[0]) == pytest.approx(tasks[0][-10:].mean())


def make_runs(labels, seeds):
    runs = []
    for alg in labels:
        for seed in seeds:
            run = RunRecord(
                path=f"{alg}-{seed}", source="own", env="sim", map="3m", alg=alg, seed=seed
            )
            run.status, run.t_max, run.test_interval = "COMPLETED", 100_000, 10_000
            rng = np.random.default_rng(seed)
            run.series[WIN_RATE] = MetricSeries(
                np.arange(11, dtype=np.int64) * 10_000, rng.integers(0, 33, 11) / 32
            )
            run.meta["backend"] = "sim"
            runs.append(run)
    return runs


@given(order=st.permutations(range(6)))
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_order_of_files_gives_the_same_bytes(tmp_path, order):
    runs = make_runs(["qmix", "vdn"], [1, 2, 3])
    for name, pick in (("a", range(6)), ("b", order)):
        fresh = make_runs(["qmix", "vdn"], [1, 2, 3])
        assemble([fresh[i] for i in pick], [], tmp_path / name)
    for file in ("tidy.parquet", "runs.parquet", "exclusions.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert len(runs) == 6


def test_relabelling_moves_rows_and_changes_no_number(tmp_path):
    assemble(make_runs(["qmix", "vdn"], [1, 2, 3]), [], tmp_path / "a")
    assemble(make_runs(["zeta", "alpha"], [1, 2, 3]), [], tmp_path / "b")
    a = summary_table(build_groups(load(tmp_path / "a"))).set_index("alg")
    b = summary_table(build_groups(load(tmp_path / "b"))).set_index("alg")
    numbers = a.select_dtypes("number").columns
    pd.testing.assert_series_equal(
        a.loc["QMIX", numbers], b.loc["zeta", numbers], check_names=False
    )


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_runs_go_through_everything(tmp_path, count):
    root = tmp_path / "runs"
    root.mkdir()
    for seed in range(count):
        synthetic_runs.write_run(root, "3m", "qmix", seed, values=[0.5] * 11)
    steps = [["collect", "--runs", root, "--out", tmp_path / "d"]]
    steps += [
        [c, "--data", tmp_path / "d", "--out", tmp_path / c]
        for c in ("table", "plot", "report", "compare")
    ]
    for step in steps:
        empty = step[0] == "plot" and count == 0  # its figures say why, its exit code that
        assert main([str(s) for s in step]) == (3 if empty else 0)
    assert len(load(tmp_path / "d").runs) == count


def test_single_evaluation_and_moved_folder(tmp_path):
    synthetic_runs.write_run(tmp_path / "runs", times=[17], values=[0.25])
    shutil.move(tmp_path / "runs" / "demo", tmp_path / "moved")
    for step in (
        ["collect", "--runs", tmp_path / "moved", "--out", tmp_path / "d"],
        ["plot", "--data", tmp_path / "d", "--out", tmp_path / "f"],
    ):
        assert main([str(s) for s in step]) == 0
    (group,) = build_groups(load(tmp_path / "d"))
    assert group.matrix.tolist() == [[0.25]]
