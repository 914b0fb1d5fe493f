"""What a figure shows when asked: maps, algorithms, names, colours, columns; its time axis."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex

from analysis.cli import main
from analysis.dataset.groups import build_groups
from analysis.dataset.storage import load
from analysis.dataset.view.selection import Asked, apply_view
from analysis.errors import ResultError
from analysis.plots.all_figures import FigureStyle, figure_jobs
from analysis.plots.looks import looks_of, style_index
from analysis.plots.panels import count_lines
from analysis.plots.style import legend_columns
from analysis.plots.time_axis import format_steps, short_steps, time_axes
from tests.analysis import synthetic_runs
from tests.analysis.synthetic_sacred import write_sacred


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def figures(data, colors=(), columns=None, **asked):
    dataset = apply_view(load(data), Asked(**asked))
    return dict(figure_jobs(dataset, "median", 1, None, FigureStyle(colors, columns)))


def test_maps_and_algorithms_in_the_order_given(demo_data):
    figure = figures(demo_data, maps=("3m", "2s3z"), algs=("iql", "QMIX"))["win_rate"]()
    assert [a.get_title() for a in figure.axes] == ["3m", "2s3z"]
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["IQL", "QMIX"]
    (one,) = figures(demo_data, maps=("2s3z",))["win_rate"]().axes
    assert one.get_title() == "2s3z"
    assert set(figures(demo_data, maps=("2s3z",))) == {
        "win_rate", "aggregate", "profile", "improvement", "final", "resources", "win_rate_2s3z",
    }  # fmt: skip


def test_lists_with_commas_are_lists(demo_data, tmp_path):
    args = ["table", "--data", str(demo_data), "--out", str(tmp_path)]
    assert main([*args, "--maps", "3m,2s3z", "--algs", "iql,qmix", "--split", "t_max,runner"]) == 0
    text = (tmp_path / "summary.md").read_text()
    assert "| map | IQL | QMIX |\n| --- | --- | --- |\n| 3m |" in text


def test_counts_are_those_of_what_is_shown(demo_data):
    dataset = apply_view(load(demo_data), Asked(maps=("2s3z",), algs=("vdn",)))
    assert (dataset.info["n_found"], dataset.info["n_complete"]) == (3, 3)
    assert dataset.info["exclusions"] == []
    assert set(dataset.tidy["run_id"]) == set(dataset.runs["run_id"])


def test_labels_and_colors(demo_data):
    jobs = figures(
        demo_data,
        colors=("qmix=#123456", "VDN=red"),
        labels=("qmix=Ours", "IQL=Independent Q-learning"),
    )
    figure = jobs["win_rate_3m"]()
    handles = figure.legends[0].get_lines()
    found = {h.get_label().split(" (")[0]: to_hex(h.get_color()) for h in handles}
    assert found == {"Ours": "#123456", "VDN": "#ff0000", "Independent Q-learning": "#009e73"}
    bars = jobs["final"]().axes[0].patches
    assert to_hex(bars[0].get_facecolor()) == "#123456"


def test_a_whole_curve_can_be_renamed_and_chosen(tmp_path):
    for lr in (0.1, 0.2):
        for seed in (1, 2):
            run = {"experiment": f"e{lr}", "config": {"lr": lr}}
            synthetic_runs.write_run(tmp_path / "runs", seed=seed, **run)
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]) == 0
    asked = {"split": ("lr",), "labels": ("QMIX [lr=0.1]=slow",)}
    groups = build_groups(apply_view(load(tmp_path / "d"), Asked(**asked)))
    assert [g.label for g in groups] == ["slow", "QMIX [lr=0.2]"]
    looks = looks_of(groups, ["QMIX [lr=0.1]=#123456"])  # by its old name, too
    assert [looks[g.label].color for g in groups] == ["#123456", "#D55E00"]
    asked = {"split": ("lr",), "algs": ("qmix [lr=0.2]",), "labels": ("qmix=Q",)}
    groups = build_groups(apply_view(load(tmp_path / "d"), Asked(**asked)))
    assert [g.label for g in groups] == ["Q [lr=0.2]"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--maps", "3mm"], "did you mean '3m'"),
        (["--algs", "qmx"], "did you mean 'qmix'"),
        (["--label", "qmx=Ours"], "did you mean 'qmix'"),
        (["--label", "qmix"], "expected old=new"),
        (["--label", "qmix="], "expected old=new"),
        (["--label", "qmix=VDN"], "two curves on"),
        (["--color", "qmix=#12345"], "is no colour"),
        (["--color", "qmx=#123456"], "did you mean 'qmix'"),
        (["--color", "qmix"], "expected ALG=#hex"),
        (["--columns", "0"], "--columns 0: expected at least 1"),
        (["--until", "soon"], "--until soon: expected a whole number"),
    ],
)
def test_what_cannot_be_shown_is_one_line(demo_data, tmp_path, capsys, words, message):
    assert main(["plot", "--data", str(demo_data), "--out", str(tmp_path), *words]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_columns(demo_data):
    def grid(columns):
        spec = figures(demo_data, columns=columns)["win_rate"]().axes[0].get_subplotspec()
        return spec.get_gridspec().get_geometry()

    assert [grid(n) for n in (None, 1, 2, 7)] == [(1, 2), (2, 1), (1, 2), (1, 2)]


def test_one_map_has_the_width_of_a_page_and_its_own_figure_that_of_a_column(demo_data):
    jobs = figures(demo_data, maps=("3m",))
    wide, narrow = jobs["win_rate"](), jobs["win_rate_3m"]()
    assert (wide.get_figwidth(), narrow.get_figwidth()) == (6.6, 3.5)
    for figure in (wide, narrow):
        figure.draw_without_rendering()
        (ax,) = figure.axes
        assert ax.get_position().width > 0.8
    assert figures(demo_data, maps=("3m",), columns=1)["win_rate"]().get_figwidth() == 3.5


def tick_texts(figure):
    figure.draw_without_rendering()
    return [t.get_text() for ax in figure.axes for t in ax.get_xticklabels() if ax.axison]


def test_an_empty_panel_beside_a_long_one_has_a_reason_and_no_axis(tmp_path):
    long = {"t_max": 2_000_000, "interval": 100_000, "episodes": False}
    synthetic_runs.write_run(tmp_path / "runs", "3m", "qmix", 1, **long)
    synthetic_runs.write_run(tmp_path / "runs", "8m", "qmix", 1, state="running")
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]) == 0
    figure = figures(tmp_path / "d")["win_rate"]()
    first, second = figure.axes
    assert not second.axison
    assert "no complete run of 1: still running" in second.texts[-1].get_text().replace("\n", " ")
    assert first.get_xlabel() == "Environment steps (million)"
    assert "2" in tick_texts(figure)
    assert not any("e-" in text for text in tick_texts(figure))


def test_short_and_long_maps_have_units_at_their_ticks(tmp_path):
    for name, step in (("3m", 50), ("8m", 200_000)):
        config = {"env_args": {"map_name": name}, "test_interval": step, "t_max": 10 * step}
        folder = write_sacred(tmp_path / "logs" / name, [0.1 * k for k in range(11)], config)
        times = [step * k + 3 for k in range(11)]
        synthetic_runs.dump(
            folder / "info.json",
            {"test_battle_won_mean": [0.1 * k for k in range(11)], "test_battle_won_mean_T": times},
        )
    args = ["import", "--from", "pymarl", str(tmp_path / "logs"), "--out", str(tmp_path / "d")]
    assert main(args) == 0
    texts = tick_texts(figures(tmp_path / "d")["win_rate"]())
    assert {"400", "2M"} <= set(texts)
    assert not any("e-" in text or text.startswith("0.0") for text in texts)


def test_time_axis_units():
    assert [format_steps(t) for t in (0, 999, 1000, 2e6, 3e9)] == [
        (1.0, ""), (1.0, ""), (1e3, "thousand"), (1e6, "million"), (1e9, "billion"),
    ]  # fmt: skip
    assert [short_steps(t) for t in (0, 500, 20_000, 1.5e6)] == ["0", "500", "20k", "1.5M"]
    _, axes = plt.subplots(1, 2)
    assert time_axes(list(axes), [2e6, 1e6]) == "Environment steps (million)"
    assert time_axes(list(axes), [1e6, 6e5]) == "Environment steps (million)"
    assert time_axes(list(axes), [2e6, 1e3]) == "Environment steps"
    assert time_axes([], []) == "Environment steps"


def test_curves_of_one_algorithm_take_the_first_slots():
    labels = ["QMIX [lr=0.1]", "QMIX [lr=0.2]", "QMIX [lr=0.3]"]
    assert list(style_index(labels).values()) == [0, 1, 2]
    assert style_index([*labels, "VDN"]) == dict(zip([*labels, "VDN"], [0, 5, 6, 1], strict=True))


def test_unknown_color_of_no_groups():
    with pytest.raises(ResultError, match="expected ALG=#hex"):
        looks_of([], ["qmix=#123456"])


def test_legend_fits_the_width(demo_data):
    figure = figures(demo_data)["win_rate_3m"]()
    handles = figure.legends[0].get_lines()
    assert legend_columns(handles, 3.5) == 2
    assert legend_columns(handles, 6.6) == 3
    assert legend_columns([], 3.5) == 1


def test_counts_fit_their_panel(demo_data):
    groups = [g for g in build_groups(load(demo_data)) if g.map == "3m"]
    assert count_lines(groups, 2.35) == ["n: QMIX 3/4 · VDN 3/4 · IQL 3"]
    for group, value in zip(groups, ("0.1", "0.2", "0.3"), strict=True):
        group.label = f"QMIX [learning_rate={value}]"
    assert count_lines(groups, 2.35) == ["n: 3/4 each · QMIX [learning_rate=0.3] 3"]
    groups[2].n_found = 4
    assert count_lines(groups, 2.35) == ["n: 3/4 each"]
    groups[1].n_found, groups[2].n_found = 5, 6
    assert len(count_lines(groups, 2.35)) == 2


def test_returns_of_different_scales_have_a_panel_for_each_map(tmp_path):
    for number, (name, top) in enumerate((("lbf", 1.0), ("spread", -60.0))):
        config = {"env_args": {"map_name": name}, "seed": number}
        write_sacred(tmp_path / "logs" / str(number), [top] * 21, config, ("test_return_mean",))
    args = ["import", "--from", "pymarl", str(tmp_path / "logs"), "--out", str(tmp_path / "d")]
    assert main(args) == 0
    first, second = figures(tmp_path / "d")["final"]().axes
    assert [ax.patches[0].get_height() for ax in (first, second)] == [1.0, -60.0]
    assert [t.get_text() for t in second.get_xticklabels()] == ["spread"]
