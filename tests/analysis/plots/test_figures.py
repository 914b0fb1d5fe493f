"""Every figure: names, labels, honest emptiness, independence of the number of processes."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from analysis.cli import main
from analysis.dataset.groups import build_groups
from analysis.dataset.storage import load
from analysis.plots.all_figures import draw_all, figure_jobs
from analysis.plots.looks import COLORS, style_index
from analysis.published.reference import default_reference, load_reference
from tests.analysis import synthetic_runs

KINDS = ("svg", "pdf", "png")
NAMES = ["win_rate", "aggregate", "profile", "improvement", "final", "resources"]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_names_and_signatures(demo_data, tmp_path):
    assert main(["plot", "--data", str(demo_data), "--out", str(tmp_path)]) == 0
    wanted = {f"{n}.{k}" for n in [*NAMES, "win_rate_3m", "win_rate_2s3z"] for k in KINDS}
    assert {p.name for p in tmp_path.iterdir()} == wanted
    assert (tmp_path / "final.png").read_bytes()[:4] == b"\x89PNG"
    assert (tmp_path / "final.pdf").read_bytes()[:5] == b"%PDF-"
    svg = (tmp_path / "final.svg").read_text()
    assert "<svg" in svg
    assert "<dc:date>" not in svg


def test_every_figure_names_backend_and_counts(demo_data):
    for name, draw in figure_jobs(load(demo_data), "median", 1, None):
        figure = draw()
        title = figure.get_suptitle()
        assert "embedded simulator, engine 1 (not StarCraft II)" in title, name
        notes = " ".join(t.get_text() for t in figure.texts)
        counts = {"win_rate_3m": "9 of 11", "win_rate_2s3z": "9 of 9"}.get(name, "18 of 20")
        assert f"{counts} runs complete" in notes, name
        has_failure = "failed at t_env" in notes.replace("\n", " ")
        assert has_failure == (name != "win_rate_2s3z"), name


def test_processes_do_not_change_bytes(tmp_path):
    synthetic_runs.write_grid(tmp_path / "runs", ["3m"], ["qmix", "vdn"], [1, 2])
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]) == 0
    dataset = load(tmp_path / "d")
    draw_all(dataset, tmp_path / "one", processes=1)
    draw_all(dataset, tmp_path / "two", processes=2)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_one_algorithm_on_one_map_says_what_is_missing(tmp_path):
    synthetic_runs.write_run(tmp_path / "runs", seed=1)
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]) == 0
    jobs = dict(figure_jobs(load(tmp_path / "d"), "median", 1, None))
    texts = {n: " ".join(t.get_text() for ax in jobs[n]().axes for t in ax.texts) for n in NAMES}
    assert "at least two maps" in texts["aggregate"]
    assert "two algorithms" in texts["improvement"]
    assert "not recorded" in texts["resources"]


def test_drawn_curve_is_the_statistic(demo_data):
    (group,) = [g for g in build_groups(load(demo_data)) if (g.map, g.label) == ("3m", "QMIX")]
    from analysis.plots.win_rate import win_rate_figure

    line = win_rate_figure([group], "t").axes[0].lines[0]
    np.testing.assert_array_equal(line.get_xdata(), np.arange(11) * 5000)
    np.testing.assert_allclose(line.get_ydata(), 100 * np.median(group.matrix, axis=0))
    line = win_rate_figure([group], "t", statistic="mean", smooth=3).axes[0].lines[0]
    assert line.get_ydata()[-1] == pytest.approx(100 * group.matrix[:, -3:].mean())


def test_paper_overlay(tmp_path):
    synthetic_runs.write_run(
        tmp_path / "runs", "3s5z", t_max=2_050_000, interval=10_000, episodes=False
    )
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]) == 0
    reference = load_reference(default_reference())
    figure = dict(figure_jobs(load(tmp_path / "d"), "median", 1, reference))["win_rate_3s5z"]()
    assert "hollow markers: SMAC paper 2019" in figure.get_suptitle()
    marks = [ln for ln in figure.axes[0].lines if ln.get_markerfacecolor() == "white"]
    assert list(marks[0].get_xdata()) == [250_000, 500_000, 1_000_000, 1_500_000, 2_000_000]
    assert marks[0].get_ydata()[1] == pytest.approx(69.06, abs=0.01)  # QMIX at 0.5M


def test_resources_from_benchmark_files(tmp_path):
    runs = synthetic_runs.write_grid(tmp_path / "runs", ["3m"], ["qmix", "vdn"], [1, 2])
    for alg in ("qmix", "vdn"):
        for seed in (1, 2):
            path = tmp_path / "benchmarks" / "demo" / "sim" / "3m" / alg / f"seed={seed}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                f"s\th:m:s\tmax_rss\tcpu_time\tmean_load\n10.5\t0:00:10\t{512 + seed}\t9.9\t-\n"
            )
    assert main(["collect", "--runs", str(runs), "--out", str(tmp_path / "d")]) == 0
    table = load(tmp_path / "d").runs
    assert sorted(table["max_rss_mib"]) == [513, 513, 514, 514]
    assert table["mean_load"].isna().all()
    figure = dict(figure_jobs(load(tmp_path / "d"), "median", 1, None))["resources"]()
    assert [ax.get_xlabel() for ax in figure.axes][2] == "Peak memory (MiB), n=4"


def test_greyscale_and_slots():
    """Neighbouring algorithms differ in lightness or marker; slots are stable and distinct."""
    slots = style_index(["QMIX", "VDN", "IQL", "COMA", "QTRAN", "other", "another"])
    assert [slots[k] for k in ("QMIX", "VDN", "IQL", "QTRAN", "COMA")] == [0, 1, 2, 3, 4]
    assert len(set(slots.values())) == 7
    assert len(set(COLORS)) == 8
    assert style_index(["VDN"]) == {"VDN": 1}  # leaving an algorithm out moves no colour
