"""Evaluations of saved models and trainings continued from one do not count as trainings."""

import json

import numpy as np
import pytest

from analysis.cli import main
from analysis.dataset.groups import build_groups
from analysis.dataset.storage import load
from analysis.dataset.view.selection import Asked, apply_view
from analysis.plots.win_rate import win_rate_figure
from analysis.published.make_reference import make_reference
from analysis.published.reference import load_reference
from analysis.published.verdict import compare
from analysis.tables.summary import summary_table
from analysis.web.curves import curve_set
from tests.analysis import synthetic_runs

MODEL = {"checkpoint_path": "results/runs/demo/sim/3m/qmix/seed=1/models"}
EVALUATE = MODEL | {"evaluate": True}


def collected(tmp_path, *options, root="runs"):
    words = ["collect", "--runs", tmp_path / root, *options, "--out", tmp_path / "d"]
    assert main([str(w) for w in words]) == 0
    return load(tmp_path / "d")


def write_trainings(root):
    """Three trainings of 50,000 steps with 51 evaluations each; the final window is 5."""
    for seed in (1, 2, 3):
        values = [k / 51 for k in range(51)]
        times = [1_000 * k for k in range(51)]
        synthetic_runs.write_run(root, seed=seed, interval=1_000, times=times, values=values)


def write_evaluation(root, **change):
    """One test of a model at 40,000 steps; it ended at the model's step, before its t_max."""
    return synthetic_runs.write_run(
        root,
        seed=1,
        experiment="evaluation",
        interval=1_000,
        times=[40_000],
        values=[0.25],
        config=EVALUATE | change,
    )


def write_continued(root, **change):
    return synthetic_runs.write_run(
        root,
        seed=1,
        experiment="more",
        interval=1_000,
        times=[40_000, 41_000, 42_000],
        values=[0.5] * 3,
        t_max=42_000,
        config=MODEL | change,
    )


@pytest.fixture
def mixed(tmp_path):
    write_trainings(tmp_path / "runs")
    write_evaluation(tmp_path / "runs")
    write_continued(tmp_path / "runs")
    return tmp_path


def test_they_are_left_out_with_a_code_of_their_own(mixed, capsys):
    info = collected(mixed).info
    assert "3 of 5 runs complete (1 continued, 1 evaluation)" in capsys.readouterr().out
    codes = {e["run"]: (e["code"], e["reason"]) for e in info["exclusions"]}
    code, reason = codes["evaluation/sim/3m/qmix/seed=1"]
    assert code == "evaluation"
    assert "--include-evaluations shows it" in reason
    assert MODEL["checkpoint_path"] in reason
    code, reason = codes["more/sim/3m/qmix/seed=1"]
    assert code == "continued"
    assert "--include-continued shows it" in reason
    assert info["experiment"] == "demo"


def test_nothing_of_the_others_changes_by_their_presence(mixed):
    (with_them,) = build_groups(collected(mixed))
    table = summary_table([with_them])
    write_trainings(mixed / "alone")
    (alone,) = build_groups(collected(mixed, root="alone"))
    assert (with_them.n, with_them.n_found, with_them.final_window()) == (3, 3, 5)
    assert with_them.legend() == "QMIX (n=3)"
    assert with_them.finals().tolist() == alone.finals().tolist()
    assert with_them.common().tolist() == alone.common().tolist()
    assert table.equals(summary_table([alone]))


def test_on_request_they_are_shown_as_what_they_are(mixed):
    dataset = collected(mixed, "--include-evaluations", "--include-continued")
    groups = {g.label: g for g in build_groups(dataset)}
    assert {k: g.n for k, g in groups.items()} == {
        "QMIX": 3,
        "QMIX [continued]": 1,
        "QMIX [evaluation]": 1,
    }
    assert groups["QMIX"].final_window() == 5
    assert groups["QMIX [evaluation]"].finals().tolist() == [0.25]
    assert groups["QMIX [continued]"].finals().tolist() == [0.5]
    assert dataset.runs["kind"].value_counts().to_dict() == {
        "training": 3,
        "continued": 1,
        "evaluation": 1,
    }
    only = collected(mixed, "--include-evaluations")
    assert [g.label for g in build_groups(only)] == ["QMIX", "QMIX [evaluation]"]
    for command in ("table", "plot", "report"):
        words = [command, "--data", mixed / "d", "--out", mixed / command]
        assert main([str(w) for w in words]) == 0


def test_the_request_can_be_made_when_they_are_drawn(mixed):
    """The same curves from a dataset that left them out; --until does not ask a test for more."""
    at_collection = build_groups(collected(mixed, "--include-evaluations", "--include-continued"))
    dataset = collected(mixed)
    both = build_groups(apply_view(dataset, Asked(kinds=("evaluation", "continued"))))
    assert [(g.legend(), g.finals().tolist()) for g in both] == [
        (g.legend(), g.finals().tolist()) for g in at_collection
    ]
    cut = apply_view(dataset, Asked(kinds=("evaluation",), until=45_000))
    assert [g.legend() for g in build_groups(cut)] == ["QMIX (n=3)", "QMIX [evaluation] (n=1)"]
    assert [e["code"] for e in cut.info["exclusions"]] == ["continued"]
    assert [g.legend() for g in build_groups(dataset)] == ["QMIX (n=3)"]
    words = ["table", "--data", mixed / "d", "--out", mixed / "t", "--include-evaluations"]
    assert main([str(w) for w in words]) == 0
    assert "QMIX [evaluation]" in (mixed / "t" / "summary.md").read_text()


def test_a_copy_and_a_test_that_failed_when_they_are_drawn(tmp_path):
    write_trainings(tmp_path / "runs")
    write_evaluation(tmp_path / "runs")
    write_evaluation(tmp_path / "runs" / "copy")
    synthetic_runs.write_run(
        tmp_path / "runs", seed=7, state="failed", config=EVALUATE, experiment="e"
    )
    shown = apply_view(collected(tmp_path), Asked(kinds=("evaluation",)))
    assert sorted(e["code"] for e in shown.info["exclusions"]) == ["duplicate", "failed"]
    assert [g.n for g in build_groups(shown)] == [3, 1]


def test_a_single_evaluation_can_be_seen(mixed):
    """In the figure its marker, on the page a dash; thinning leaves the one value it has."""
    groups = build_groups(collected(mixed, "--include-evaluations"))
    evaluation = groups[-1]
    figure = win_rate_figure(groups, "demo")
    (line,) = [x for x in figure.axes[0].lines if np.isfinite(x.get_ydata()).sum() == 1]
    first, every = line.get_markevery()
    marked = np.arange(len(line.get_ydata()))[first::every]
    assert np.flatnonzero(np.isfinite(line.get_ydata())).tolist() == [40]
    assert 40 in marked
    for window in (1, 5):
        curves = curve_set(evaluation, {}, window, first=True)
        assert curves.centers["median"][40 // curves.every] == 0.25
    evaluation.matrix = np.pad(evaluation.matrix, ((0, 0), (961, 0)), constant_values=np.nan)
    curves = curve_set(evaluation, {}, 5, first=True)
    assert np.nanmax(curves.centers["median"]) == 0.25


def test_verdicts_and_reference_sets_are_of_trainings(mixed):
    dataset = collected(mixed, "--include-evaluations", "--include-continued")
    assert make_reference(dataset, "mine", "here", mixed / "r.json") == 1
    reference = load_reference(mixed / "r.json")
    assert reference.cell("3m", "qmix").n == 3
    verdicts, _ = compare(dataset, [reference])
    said = {v.alg: (v.verdict, v.reasons) for v in verdicts}
    assert said["QMIX"][0] == "COMPATIBLE"
    assert said["QMIX [evaluation]"][0] == "INCOMPARABLE"
    assert "an evaluation of a saved model" in said["QMIX [evaluation]"][1]
    assert "a training continued from" in said["QMIX [continued]"][1]


def test_an_evaluation_that_still_runs_is_no_unfinished_training(tmp_path):
    write_trainings(tmp_path / "runs")
    synthetic_runs.write_run(
        tmp_path / "runs", seed=7, state="running", config=EVALUATE, experiment="e"
    )
    dataset = collected(tmp_path)
    (group,) = build_groups(dataset)
    assert group.n_found == 3
    assert dataset.info["exclusions"][0]["code"] == "evaluation"


def expect(tmp_path, folder, t_max=42_000):
    entry = {"env": "sim", "map": "3m", "alg": "qmix", "seed": 1, "t_max": t_max, "dir": folder}
    path = tmp_path / "expected.json"
    path.write_text(json.dumps({"experiment": "more", "runs": [entry]}))
    return path


def test_an_experiment_of_continued_trainings_shows_them(tmp_path):
    write_continued(tmp_path / "runs")
    path = expect(tmp_path, "more/sim/3m/qmix/seed=1")
    dataset = collected(tmp_path, "--expected", path)
    assert [g.legend() for g in build_groups(dataset)] == ["QMIX [continued] (n=1)"]
    assert dataset.info["exclusions"] == []


def test_an_evaluation_does_not_stand_for_a_training_that_is_missing(tmp_path):
    write_evaluation(tmp_path / "runs")
    path = expect(tmp_path, "runs/more/sim/3m/qmix/seed=1")
    dataset = collected(tmp_path, "--expected", path)
    assert sorted(e["code"] for e in dataset.info["exclusions"]) == ["evaluation", "pending"]
