"""Runs that were stopped: cut at one time, or shown as far as they go and marked."""

import numpy as np
import pytest

from analysis.cli import main
from analysis.dataset.groups import build_groups
from analysis.dataset.storage import load
from analysis.dataset.view.options import env_steps
from analysis.dataset.view.selection import Asked, apply_view
from analysis.errors import ResultError
from analysis.plots.all_figures import figure_jobs, nothing_to_draw
from analysis.stats.curves import iqm_band, mean_band, median_band
from analysis.stats.ragged import band_by_segment
from analysis.web.payload import payload
from tests.analysis import synthetic_runs
from tests.analysis.synthetic_sacred import write_sacred
from tests.analysis.view.conftest import imported, ramp


def shown(data, **asked):
    return apply_view(load(data), Asked(**asked))


def by_label(dataset):
    return {g.label: g for g in build_groups(dataset)}


def test_by_default_stopped_runs_are_left_out(stopped):
    groups = by_label(load(stopped))
    assert {k: (g.n, g.n_found) for k, g in groups.items()} == {"QMIX": (2, 3), "VDN": (0, 2)}


def test_until_cuts_everything_and_completes_what_got_there(stopped):
    dataset = shown(stopped, until=120_000)
    assert (dataset.info["n_complete"], dataset.info["exclusions"]) == (5, [])
    groups = by_label(dataset)
    assert {k: (g.n, g.matrix.shape[1]) for k, g in groups.items()} == {
        "QMIX": (3, 13),
        "VDN": (2, 13),
    }
    # 13 evaluations: the final value is the last one, 12/20 of the top, for every run.
    assert groups["QMIX"].finals().tolist() == pytest.approx([0.48] * 3)
    assert groups["VDN"].finals().tolist() == pytest.approx([0.24] * 2)
    assert "cut at t_env 120000 (--until)" in dataset.info["rule"]
    assert load(stopped).info["n_complete"] == 2  # nothing on disk has changed


def test_until_beyond_a_run_leaves_it_out_with_the_reason(stopped):
    dataset = shown(stopped, until=180_000)
    assert {e["run"][-10:]: e["reason"] for e in dataset.info["exclusions"]} == {
        "mix/seed=3": "ended at t_env 120037, before --until 180000",
        "vdn/seed=1": "ended at t_env 120037, before --until 180000",
    }
    assert {k: g.n for k, g in by_label(dataset).items()} == {"QMIX": 2, "VDN": 1}


def test_two_training_lengths_cut_at_the_shorter(tmp_path):
    write_sacred(tmp_path / "logs" / "1", ramp(0.5, 6))
    write_sacred(tmp_path / "logs" / "2", ramp(1.0, 21))
    dataset = imported(tmp_path / "d", tmp_path / "logs")
    assert (
        "2 different training lengths t_max (50000, 200000); pooled" in dataset.info["call_outs"][0]
    )
    cut = shown(tmp_path / "d", until=50_000)
    assert cut.info["call_outs"] == [
        "qmix on 3m: 2 different training lengths t_max (50000, 200000); all cut at 50000 (--until)"
    ]
    (group,) = build_groups(cut)
    assert group.finals().tolist() == pytest.approx([0.5, 0.25])


def test_incomplete_runs_are_shown_marked_and_leave_the_others_alone(stopped, tmp_path):
    dataset = shown(stopped, include_incomplete=True)
    alone, groups = by_label(load(stopped))["QMIX"], by_label(dataset)
    qmix, vdn = groups["QMIX"], groups["VDN"]
    assert (qmix.n, qmix.partial.tolist(), qmix.final_window()) == (3, [False, False, True], 2)
    assert qmix.finals()[:2].tolist() == alone.finals().tolist()
    assert qmix.finals()[2] == pytest.approx(0.48)  # its own last evaluation
    assert qmix.legend() == "QMIX (n=3, 1 incomplete)"
    assert vdn.legend() == "VDN (n=2, 2 incomplete)"
    assert (qmix.drawn().shape, vdn.drawn().shape) == ((3, 21), (2, 19))
    assert dataset.info["n_complete"] == 2
    assert len(dataset.info["partial"]) == 3
    args = ["table", "--data", str(stopped), "--out", str(tmp_path), "--include-incomplete"]
    assert main(args) == 0
    page = (tmp_path / "summary.md").read_text()
    assert "n=3*" in page
    assert "2 of 5 runs complete; 3 incomplete ones are used as far as they go (*)" in page
    assert "## Incomplete runs used" in page


def test_the_figure_marks_them(stopped):
    dataset = shown(stopped, include_incomplete=True)
    figure = dict(figure_jobs(dataset, "median", 1, None))["win_rate"]()
    lines = figure.axes[0].lines
    solid, dashed = lines[0], lines[1]  # QMIX: all three runs, then the two that went on
    assert (len(solid.get_xdata()), solid.get_linestyle()) == (13, "-")
    assert dashed.get_linestyle() != "-"
    assert (dashed.get_xdata()[0], dashed.get_xdata()[-1]) == (120_000, 200_000)
    assert dashed.get_ydata()[-1] == pytest.approx(80)
    assert [t.get_text() for t in figure.legends[0].get_texts()] == [
        "QMIX (n=3, 1 incomplete)",
        "VDN (n=2, 2 incomplete)",
    ]
    notes = " ".join(t.get_text() for t in figure.texts)
    assert "3 incomplete runs are shown as far as they go" in notes
    assert "incomplete: unknown/sc2/3m/qmix/seed=3" in notes


def test_the_page_marks_them(stopped, tmp_path):
    data = payload(shown(stopped, include_incomplete=True), tmp_path / "i.html", [])
    assert [(g["label"], g["partial"], g["whole"]) for g in data["groups"]] == [
        ("QMIX", 1, 13),
        ("VDN", 2, 13),
    ]
    # Not drawn a second time as runs that are not finished.
    assert all(not c["1"]["unfinished"] for c in data["curves"]["test_battle_won_mean"])


def test_a_stopped_attempt_of_a_complete_run_is_one_run(tmp_path):
    write_sacred(tmp_path / "logs" / "again", ramp(0.5), {"seed": 1})
    write_sacred(tmp_path / "logs" / "stopped", ramp(0.5)[:13], {"seed": 1, "t_max": 200_000})
    write_sacred(tmp_path / "logs" / "other", ramp(0.5)[:13], {"seed": 2, "t_max": 200_000})
    imported(tmp_path / "d", tmp_path / "logs")
    for asked in ({"include_incomplete": True}, {"until": 100_000}):
        dataset = shown(tmp_path / "d", **asked)
        (group,) = build_groups(dataset)
        assert group.seeds == [1, 2], asked
        assert [e["code"] for e in dataset.info["exclusions"]] == ["duplicate"]


def test_broken_runs_and_strangers_stay_out(tmp_path):
    synthetic_runs.write_run(tmp_path / "runs", seed=1)
    (synthetic_runs.write_run(tmp_path / "runs", seed=2) / "info.json").write_text("{}")
    synthetic_runs.write_run(tmp_path / "runs", seed=3, state="failed")
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]) == 0
    (group,) = [g for g in build_groups(shown(tmp_path / "d", include_incomplete=True)) if g.n]
    assert (group.seeds, group.partial.tolist()) == ([1, 3], [False, True])


def test_nothing_got_there(stopped, tmp_path, capsys):
    out = tmp_path / "f"
    args = ["plot", "--data", str(stopped), "--out", str(out), "--until", "5M"]
    assert main(args) == 3
    err = capsys.readouterr().err
    assert "nothing to draw" in err
    assert "before --until 5000000" in err
    assert (out / "win_rate.png").is_file()
    reason = nothing_to_draw(shown(stopped, algs=("vdn",)))
    assert "--until 120037 or --include-incomplete shows 2 of them" in reason


def test_t_max_is_obeyed(tmp_path):
    write_sacred(tmp_path / "logs" / "1", ramp(0.5, 14), {"t_max": 200_000})
    args = ["import", "--from", "pymarl", str(tmp_path / "logs"), "--t-max", "130k"]
    assert main([*args, "--out", str(tmp_path / "d")]) == 0
    dataset = load(tmp_path / "d")
    assert (dataset.info["n_complete"], int(dataset.runs["t_max"][0])) == (1, 130_000)
    said = dataset.info["repairs"][0]["problems"]
    assert "t_max 130000 given on the command line, log: 200000" in said
    args[-1] = "1e6"
    assert main([*args, "--out", str(tmp_path / "d")]) == 0
    assert load(tmp_path / "d").info["exclusions"][0]["code"] == "incomplete"
    args[-1] = "50000"
    assert main([*args, "--out", str(tmp_path / "d")]) == 0
    said = load(tmp_path / "d").info["call_outs"]
    assert any("times the --t-max given; --until N cuts it" in c for c in said)


@pytest.mark.parametrize(
    ("text", "value"), [("1000", 1000), ("1e6", 10**6), ("1.5M", 1_500_000), ("500K", 500_000)]
)
def test_env_steps(text, value):
    assert env_steps("--until", text) == value


@pytest.mark.parametrize("text", ["0", "-5", "x", "", "1.5", "nan", "inf", "1e99", "M"])
def test_unusable_env_steps(text):
    with pytest.raises(ResultError, match="--until"):
        env_steps("--until", text)


def test_band_by_segment_has_the_statistic_of_the_runs_that_are_there():
    rng = np.random.default_rng(3)
    matrix = rng.random((4, 9))
    matrix[0, 5:] = matrix[1, :2] = matrix[2, 7:] = np.nan
    for statistic in (median_band, mean_band, iqm_band):
        band = band_by_segment(matrix, statistic)
        for rows, columns in (
            ([0, 2, 3], [0, 1]),
            ([0, 1, 2, 3], [2, 3, 4]),
            ([1, 2, 3], [5, 6]),
            ([1, 3], [7, 8]),
        ):
            want = statistic(matrix[np.ix_(rows, columns)])
            for got, wanted in zip(band, want, strict=True):
                np.testing.assert_allclose(got[columns], wanted)
    empty = band_by_segment(np.full((2, 3), np.nan), median_band)
    assert np.isnan(empty.center).all()
    assert band_by_segment(np.zeros((0, 0)), median_band).center.shape == (0,)
