"""Names of variants that set much are shown whole: in several lines, on figures of usual size."""

import matplotlib.pyplot as plt
import pytest

from analysis.cli import main
from analysis.dataset.groups import build_groups
from analysis.dataset.storage import load
from analysis.dataset.view.group_keys import place_order
from analysis.dataset.view.selection import Asked, apply_view
from analysis.plots.all_figures import figure_jobs
from analysis.plots.looks import looks_of
from analysis.plots.over_maps import pair_name
from tests.analysis import synthetic_runs

LEARNING_RATES = ("0.0005", "9", "10")  # as text 10 would come before 9
LONG = "env_args.obs_last_action=true,env_args.reward_death_value=5,lr={},target_update_interval=2"


@pytest.fixture
def swept(tmp_path):
    """Three variants with long names, two seeds of other td_lambda each; their dataset."""
    for rate in LEARNING_RATES:
        name = f"qmix[{LONG.format(rate)}]"
        folder = "qmix+" + LONG.format(rate).replace(",", "+")
        for seed in (1, 2):
            config = {"name": name, "lr": float(rate), "td_lambda": seed / 2}
            synthetic_runs.write_run(tmp_path / "runs", "3m", folder, seed, config=config)
    data = tmp_path / "data"
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(data)]) == 0
    yield data
    plt.close("all")


@pytest.mark.filterwarnings("error:constrained_layout")
def test_legends_and_names_of_pairs_stay_on_the_figure(swept):
    for name, draw in figure_jobs(load(swept), "median", 1, None):
        figure = draw()
        figure.draw_without_rendering()
        width, height = figure.get_size_inches() * figure.dpi
        assert width <= 8 * figure.dpi, name
        for text in [t for legend in figure.legends for t in legend.get_texts()]:
            box = text.get_window_extent()
            assert box.x0 >= 0, name
            assert box.x1 <= width, name
            assert box.y0 >= 0, name
            assert box.y1 <= height, name
        for axes in (ax for ax in figure.axes if ax.axison):
            left = [label.get_window_extent().x0 for label in axes.get_yticklabels()]
            assert not left or min(left) >= 0, name


def test_short_names_of_pairs_have_one_line():
    assert pair_name("QMIX", "VDN") == "QMIX > VDN"


def test_a_variant_answers_to_its_name_in_experiment_files(swept):
    names = [f"qmix[{LONG.format(rate)}]" for rate in LEARNING_RATES]
    asked = Asked(algs=(names[2], names[0]), labels=(f"{names[0]}=slow", f"{names[2]}=fast"))
    groups = build_groups(apply_view(load(swept), asked))
    assert [g.label for g in groups] == ["fast", "slow"]
    assert looks_of(groups, [f"{names[2]}=#123456"])["fast"].color == "#123456"


def test_maps_and_variants_stand_in_the_order_of_their_numbers():
    places = [("10m", "qmix"), ("3m", "vdn"), ("3m", "qmix[lr=10]"), ("3m", "qmix[lr=9]")]
    assert sorted(places, key=place_order) == [*places[3:1:-1], places[1], places[0]]


def test_variants_are_called_out_by_the_size_of_their_numbers(swept):
    rates = [c.partition("lr=")[2].partition(",")[0] for c in load(swept).info["call_outs"]]
    assert rates == list(LEARNING_RATES)
