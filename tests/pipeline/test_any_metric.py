"""Experiments without a win rate, a metric that was asked for, nothing to draw: by the rules."""

import json

import pytest

from tests.analysis import synthetic_runs
from workflow.experiment.selection import read_selection

pytestmark = pytest.mark.pipeline
MATRIX = {"env": "matrix", "maps": ["two_step"], "t_max": 50_000}


def write_matrix_runs(root):
    """Complete runs of the matrix game, which logs no win rate."""
    for alg in ("qmix", "vdn"):
        for seed in (1, 2):
            options = {"experiment": "tiny", "env": "matrix", "episodes": False}
            folder = synthetic_runs.write_run(root, "two_step", alg, seed, **options)
            info = json.loads((folder / "info.json").read_text())
            kept = {k: v for k, v in info.items() if "battle_won" not in k}
            synthetic_runs.dump(folder / "info.json", kept)
            synthetic_runs.dump(folder / "provenance.json", {"format": 1, "backend": "matrix"})
            synthetic_runs.seal(folder)


def test_matrix_games_give_full_figures_of_the_return_or_of_what_was_asked(workplace):
    write_matrix_runs(workplace.folder / "results" / "runs")
    path = str(workplace.experiment(**MATRIX))
    code, out = workplace.snakemake("--configfile", path, "--config", "partial=true")
    assert code == 0, out
    results = workplace.folder / "results"
    assert "; test return" in (results / "logs/tiny/plot.log").read_text()
    assert "Test return: median" in (results / "tables/tiny/summary.md").read_text()
    for name in ("win_rate", "profile", "improvement", "final"):
        assert (results / f"figures/tiny/{name}.png").stat().st_size > 10_000
    asked = ["--config", "partial=true", "metric=test_ep_length_mean"]
    code, out = workplace.snakemake("--configfile", path, *asked)
    assert code == 0, out
    assert "Test episode length: median" in (results / "tables/tiny/summary.md").read_text()
    assert '"key":"test_ep_length_mean"' in (results / "report/tiny/index.html").read_text()


def test_nothing_to_draw_fails_the_rule_with_the_reason(workplace):
    path = str(workplace.experiment(**MATRIX))
    code, _ = workplace.snakemake("--configfile", path, "--config", "partial=true", "--keep-going")
    assert code != 0
    log = (workplace.folder / "results/logs/tiny/plot.log").read_text()
    assert "nothing to draw: no complete run of 4: not started" in log
    assert (workplace.folder / "results/report/tiny/index.html").is_file()


def test_metric_is_a_setting_of_the_pipeline():
    assert read_selection({"metric": "test_return_mean"}).pipeline["metric"] == "test_return_mean"
