"""Any metric: the default, figures, tables, references and the page of runs without win rates."""

import json

import numpy as np
import pandas as pd
import pytest

from analysis.cli import main
from analysis.dataset.groups import build_groups
from analysis.dataset.storage import load
from analysis.dataset.view.group_selection import on_one_scale
from analysis.dataset.view.selection import Asked, apply_view
from analysis.errors import ResultError
from analysis.metrics import RETURN, WIN_RATE, choose_metric, metric_of
from analysis.plots.all_figures import figure_jobs, footnotes
from analysis.published.reference import load_reference
from analysis.tables.comparisons import aggregate_table
from analysis.web.payload import payload
from tests.analysis import synthetic_runs
from tests.analysis.synthetic_sacred import write_sacred
from tests.analysis.view.conftest import imported, ramp

LBF = "lbforaging:Foraging-8x8-2p-3f-v2"


def run(command, data, out, *more):
    args = [command, "--data", str(data), "--out", str(out), *more]
    return main([str(a) for a in args])


def test_default_is_the_win_rate_else_the_return_else_another_test_statistic():
    assert choose_metric({"loss", RETURN, WIN_RATE}).key == WIN_RATE
    assert choose_metric({"loss", RETURN}).key == RETURN
    assert choose_metric({"loss", "test_b", "test_a"}).key == "test_a"
    assert choose_metric(set()).key == WIN_RATE
    assert choose_metric({"loss", WIN_RATE}, "loss").key == "loss"
    assert choose_metric({WIN_RATE}, "win_rate").key == WIN_RATE
    assert choose_metric({RETURN}, "return").key == RETURN
    with pytest.raises(ResultError, match=r"no run logged it; logged: test_return_mean, loss$"):
        choose_metric({"loss", RETURN}, "win_rate")
    with pytest.raises(ResultError, match="did you mean 'test_return_mean'"):
        choose_metric({RETURN, "loss"}, "test_return_men")


def test_what_is_known_of_a_metric():
    win, length = metric_of(WIN_RATE), metric_of("test_ep_length_mean")
    assert (win.axis, win.scale, win.margin, win.better) == ("Test win rate (%)", 100, 1 / 32, 1)
    assert (length.axis, length.scale, length.better) == ("Test episode length (steps)", 1, 0)
    assert metric_of(RETURN).axis == "Test return"
    assert metric_of("td_error_abs").lower_name == "td_error_abs"


def test_returns_only_give_full_figures_and_say_so(only_returns):
    dataset = load(only_returns)
    assert dataset.metric.key == RETURN
    assert any("no run has a win rate" in line for line in footnotes(dataset))
    figures = {name: draw() for name, draw in figure_jobs(dataset, "median", 1, None)}
    curves = figures["win_rate"]
    assert "test return: median and 25-75 %" in curves.get_suptitle()
    ax = curves.axes[0]
    assert ax.get_ylabel() == "Test return"
    (spread,) = [a for a in curves.axes if a.get_title() == "SimpleSpread"]
    assert spread.lines[0].get_ydata()[-1] == pytest.approx(-90 + 50 * 0.98)  # seed 2 of 3
    assert figures["final"].axes[0].get_ylabel() == "Final test return"
    assert figures["profile"].axes[0].get_xlabel() == "Final normalised test return τ (%)"
    assert "final test return" in figures["improvement"].get_suptitle().replace("\n", " ")
    assert len(figures["aggregate"].axes[0].lines) == 2
    for name, figure in figures.items():
        drawn = [a for a in figure.axes if a.get_visible() and (a.lines or a.patches)]
        assert drawn or name == "resources", name


def test_normalised_per_map(only_returns):
    groups = on_one_scale(build_groups(load(only_returns)))
    for name in {g.map for g in groups}:
        values = np.concatenate([r for g in groups if g.map == name for r in g.raw])
        assert (values.min(), values.max()) == (pytest.approx(0), pytest.approx(1))
    # QMIX's best run is at 1 on both maps; medians of seed 2: (0.98 - 0.5 * ...) on one scale.
    table = aggregate_table(build_groups(load(only_returns))).set_index("alg")
    want = 100 * np.mean([0.975 * v for v in (0.98, 0.98)]) / 0.99
    assert table.loc["QMIX", "mean_of_medians"] == pytest.approx(want)
    assert table.loc["QMIX", "maps_best"] == 2


def test_equal_values_normalise_to_one(tmp_path):
    write_sacred(tmp_path / "logs" / "1", [3.0] * 21, keys=(RETURN,))
    (group,) = on_one_scale(build_groups(imported(tmp_path / "d", tmp_path / "logs")))
    assert group.finals().tolist() == [1.0]


def test_tables_are_in_the_unit_of_the_metric(only_returns, tmp_path):
    assert run("table", only_returns, tmp_path) == 0
    table = pd.read_csv(tmp_path / "summary.csv").set_index(["map", "alg"])
    assert set(table["metric"]) == {RETURN}
    assert table.loc[(LBF, "QMIX"), "final_median"] == pytest.approx(0.98 * 0.975, abs=1e-4)
    assert table.loc[("SimpleSpread", "VDN"), "final_median"] == pytest.approx(
        -90 + 50 * 0.48 * 0.975, abs=1e-4
    )
    assert table["sd_episodes"].isna().all()
    assert table["t_50_median"].isna().all()
    page = (tmp_path / "summary.md").read_text()
    assert "Test return: median [25-75 %]" in page
    assert "[-42.47 to -41.98] n=3" in page
    pairs = pd.read_csv(tmp_path / "pairs.csv").set_index("map")
    assert pairs.loc[LBF, "paired_difference"] == pytest.approx(0.5 * 0.975, abs=1e-4)
    assert r"\textbf{0.96}" in (tmp_path / "summary.tex").read_text()


def test_metric_asked_for(demo_data, tmp_path, capsys):
    dataset = apply_view(load(demo_data), Asked(metric="test_return_mean"))
    win = {g.label: g for g in build_groups(load(demo_data)) if g.map == "3m"}
    for group in build_groups(dataset):
        if group.map == "3m":  # the made-up returns are 20 times the win rate
            np.testing.assert_allclose(group.finals(), 20 * win[group.label].finals())
    figure = dict(figure_jobs(dataset, "median", 1, None))["win_rate_3m"]()
    assert figure.axes[0].get_ylabel() == "Test return"
    assert run("plot", demo_data, tmp_path / "f", "--metric", "loss") == 0
    assert "; loss" in capsys.readouterr().out
    assert run("table", demo_data, tmp_path / "t", "--metric", "test_ep_length_mean") == 0
    assert r"\textbf" not in (tmp_path / "t" / "summary.tex").read_text()  # longer is not better
    assert run("plot", demo_data, tmp_path / "x", "--metric", "test_retrun_mean") == 2
    assert "did you mean 'test_return_mean'?" in capsys.readouterr().err


def test_reference_of_another_metric(only_returns, demo_data, tmp_path, capsys):
    path = tmp_path / "r.json"
    args = ["reference", "--data", str(only_returns), "--name", "ours", "--source", "s"]
    assert main([*args, "--out", str(path)]) == 0
    reference = load_reference(path)
    assert reference.metric == RETURN
    assert reference.cell("SimpleSpread", "qmix").final.runs[0] == pytest.approx(
        -90 + 50 * 0.99 * 0.975, abs=1e-3
    )
    assert json.loads(path.read_text())["metric"] == RETURN
    assert run("compare", only_returns, tmp_path / "c", "--reference", path) == 0
    table = pd.read_csv(tmp_path / "c" / "verdicts.csv")
    assert list(table["verdict"]) == ["COMPATIBLE"] * 4
    assert table["difference"].tolist() == pytest.approx([0] * 4, abs=1e-3)
    assert table["power_10"].isna().all()
    capsys.readouterr()
    assert run("compare", only_returns, tmp_path / "c") == 0  # the SMAC paper's are win rates
    assert "4 without reference" in capsys.readouterr().out
    assert "so not compared" in (tmp_path / "c" / "verdicts.md").read_text()


def test_page_shows_it_first(only_returns, demo_data, tmp_path):
    data = payload(load(only_returns), tmp_path / "i.html", [])
    assert [m["key"] for m in data["metrics"]] == [RETURN]
    assert data["metric"]["axis"] == "Test return"
    assert (data["metrics"][0]["is_rate"], data["metrics"][0]["percent"]) == (False, 1)
    asked = apply_view(load(demo_data), Asked(metric="loss"))
    keys = [m["key"] for m in payload(asked, tmp_path / "i.html", [])["metrics"]]
    assert keys == ["loss", WIN_RATE, RETURN, "test_ep_length_mean"]


def test_a_map_without_the_metric_says_so_in_its_panel(tmp_path, capsys):
    write_sacred(tmp_path / "logs" / "1", ramp(0.5))
    lbf = {"env": "gymma", "env_args": {"key": LBF}}
    write_sacred(tmp_path / "logs" / "2", ramp(0.5), lbf, (RETURN,))
    dataset = imported(tmp_path / "d", tmp_path / "logs")
    figure = dict(figure_jobs(dataset, "median", 1, None))["win_rate"]()
    texts = {a.get_title(): " ".join(t.get_text() for t in a.texts) for a in figure.axes}
    reason = texts[LBF].replace("\n", " ")
    assert f"none of 1 runs logged {WIN_RATE}" in reason
    assert "logged" not in texts["3m"]
    assert run("plot", tmp_path / "d", tmp_path / "f") == 0
    capsys.readouterr()
    assert run("plot", tmp_path / "d", tmp_path / "f", "--maps", LBF, "--metric", "loss") == 2


def test_episodes_without_battles_are_kept(tmp_path):
    config = {"env_args": {"map_name": "two_step"}}
    folder = synthetic_runs.write_run(tmp_path / "runs", "two_step", env="matrix", config=config)
    lines = [{"t_env": 2, "t_nominal": 0, "index": 0, "return": 8.0, "length": 2}]
    text = "".join(json.dumps(line) + "\n" for line in lines * 3)
    (folder / "test_episodes.jsonl").write_text(text)
    synthetic_runs.seal(folder)
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]) == 0
    episodes = pd.read_parquet(tmp_path / "d" / "episodes.parquet")
    assert episodes["return"].tolist() == [8.0] * 3
    assert episodes["battle_won"].isna().all()
    assert load(tmp_path / "d").info["repairs"] == []


def test_export_of_returns_alone(only_returns, tmp_path, capsys):
    args = ["export", "--data", str(only_returns), "--format", "marl-eval"]
    assert main([*args, "--out", str(tmp_path / "m.json")]) == 0
    assert "2 tasks x 2 algorithms x 3 runs x 21 steps" in capsys.readouterr().out
    (env,) = json.loads((tmp_path / "m.json").read_text()).values()
    assert env["simplespread"]["qmix"]["seed_0"]["step_20"] == {
        "step_count": 200_000, "return": [pytest.approx(-40.5)],
    }  # fmt: skip
