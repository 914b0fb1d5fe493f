"""Tables over maps and pairs, and the split of the spread."""

import numpy as np
import pandas as pd
import pytest

from analysis.cli import main
from analysis.dataset.groups import build_groups
from analysis.dataset.storage import load
from analysis.tables.comparisons import AGGREGATE_COLUMNS, PAIR_COLUMNS
from tests.analysis import synthetic_runs


@pytest.fixture(scope="module")
def tables(demo_data, tmp_path_factory):
    out = tmp_path_factory.mktemp("tables")
    assert main(["table", "--data", str(demo_data), "--out", str(out)]) == 0
    return {n: pd.read_csv(out / f"{n}.csv") for n in ("summary", "aggregate", "pairs")}


def test_aggregate_by_hand(tables, demo_data):
    finals = {}
    for g in build_groups(load(demo_data)):
        finals.setdefault(g.label, []).append(g.finals())
    table = tables["aggregate"].set_index("alg")
    assert list(tables["aggregate"].columns) == list(AGGREGATE_COLUMNS)
    for label, runs in finals.items():
        row = table.loc[label]
        assert row["n_runs"] == 6
        want = 100 * np.mean([np.median(r) for r in runs])
        assert row["mean_of_medians"] == pytest.approx(want, abs=1e-3)
        assert row["iqm_low"] <= row["iqm"] <= row["iqm_high"]
        assert row["optimality_gap"] == pytest.approx(
            100 - 100 * np.concatenate(runs).mean(), abs=1e-3
        )


def test_pairs_by_hand(tables, demo_data):
    groups = {(g.map, g.label): g for g in build_groups(load(demo_data))}
    table = tables["pairs"]
    assert list(table.columns) == list(PAIR_COLUMNS)
    assert len(table) == 3 * (2 + 1)
    for row in table[table["map"] != "all maps"].to_dict("records"):
        x, y = (groups[row["map"], row[k]].finals() for k in "xy")
        assert row["n_paired"] == 3
        assert row["paired_difference"] == pytest.approx(100 * (x - y).mean(), abs=1e-3)


def test_spread_columns(tables):
    for row in tables["summary"].to_dict("records"):
        p = row["final_mean"] / 100  # one evaluation of 32 episodes
        assert row["sd_episodes"] <= 100 * np.sqrt(p * (1 - p) / 31) + 1e-6
        total = row["sd_episodes"] ** 2 + row["sd_seeds"] ** 2
        assert total >= row["final_std"] ** 2 - 1e-2


def test_numbered_runs_are_not_paired(shared_data, tmp_path):
    from analysis.readers.import_logs import import_logs
    from analysis.tables.comparisons import pairs_table

    data = import_logs([["smac-paper", str(shared_data / "smac_run_data.json")]], tmp_path)
    assert set(pairs_table(build_groups(data))["n_paired"].dropna()) == {0}


def test_algorithm_on_few_maps_is_left_out_and_named(tmp_path):
    root = tmp_path / "runs"
    synthetic_runs.write_grid(root, ["3m", "8m", "2s3z"], ["qmix", "vdn"], [1, 2])
    synthetic_runs.write_run(root, "3m", "qtran", 1)
    assert main(["collect", "--runs", str(root), "--out", str(tmp_path / "d")]) == 0
    from analysis.plots.all_figures import figure_jobs

    figure = dict(figure_jobs(load(tmp_path / "d"), "median", 1, None))["aggregate"]()
    notes = " ".join(t.get_text() for t in figure.texts)
    assert "run on too few maps: QTRAN" in notes
    assert "3 maps, n runs: QMIX 6, VDN 6" in figure.get_suptitle()
