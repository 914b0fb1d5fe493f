"""Numbers beside the game's: z-scores and summary by hand, the forms they are printed in."""

import json
import math

import numpy as np
import pytest

from pymarl.envs.skirmish.__main__ import main
from pymarl.envs.skirmish.fidelity import report
from pymarl.envs.skirmish.fidelity.comparison import (
    MapComparison,
    compare_maps,
    estimate,
    summarize,
    z_score,
)
from pymarl.envs.skirmish.fidelity.game_numbers import Estimate, load_game_numbers
from pymarl.envs.skirmish.tools.play import play
from pymarl.errors import EnvError


def row(length=55.0, game=50.0, won=80.0, naive=9.0, **changes):
    """A map where random play lasts 10 % too long: z = 5 / hypot(3, 4) = 1."""
    values = {
        "map": "m",
        "episodes": 10,
        "random_length": Estimate(length, 3.0),
        "game_length": Estimate(game, 4.0),
        "paper_length": None,
        "heuristic_won": Estimate(won, 4.0),
        "game_heuristic": Estimate(90.0, None),
        "naive_return": Estimate(naive, 0.3),
        "game_early": {"VDN": Estimate(12.0, 0.1), "IQL": Estimate(10.0, 0.4)},
    }
    return MapComparison(**(values | changes))


def test_z_scores_by_hand():
    assert z_score(Estimate(55, 3), Estimate(50, 4)) == 1
    assert z_score(Estimate(40, 0), Estimate(50, 5)) == -2
    for game in (None, Estimate(50, None), Estimate(50, 0)):
        assert z_score(Estimate(55, 0), game) is None


@pytest.mark.parametrize(
    ("naive", "z"), [(9.0, -2.0), (10.0, 0), (11.5, 0), (12.0, 0), (13, 3.162)]
)
def test_naive_return_against_the_nearer_end_of_the_range(naive, z):
    """Below: (9 - 10) / hypot(0.3, 0.4); above: (13 - 12) / hypot(0.3, 0.1)."""
    assert row(naive=naive).early_z == pytest.approx(z, abs=1e-3)
    assert row(game_early={}).early_z is None


def test_summary_by_hand():
    rows = [
        row(),  # +10 %, 10 points off, below the range
        row(map="far", length=70.0, won=74.0, naive=11.0),  # +40 %, z = 4, 16 points off, inside
        row(map="alone", game_length=None, game_heuristic=None, game_early={}),
        row(map="paper", game_length=None, paper_length=Estimate(50.0, 0.0), won=105.0),  # z = 5/3
    ]
    s = summarize(rows)
    assert s.length_rms == pytest.approx(math.sqrt((0.1**2 + 0.4**2) / 2))
    assert (s.length_maps, s.far_maps) == (2, ["far"])
    assert s.paper_rms == pytest.approx(0.1)
    assert (s.paper_maps, s.paper_far_maps) == (1, [])
    assert (s.heuristic_close, s.heuristic_maps) == (2, 3)
    assert (s.early_inside, s.early_maps) == (1, 3)
    assert math.isnan(summarize([]).length_rms)


def test_estimate_is_mean_and_standard_error():
    assert estimate(np.array([1.0, 3.0, 5.0])) == Estimate(3.0, pytest.approx(2 / math.sqrt(3)))
    assert estimate(np.array([2.0])) == Estimate(2.0, None)


def test_episodes_depend_on_their_seeds_alone():
    few, more, others = (
        play("3m", "random", 3),
        play("3m", "heuristic", 80),
        play("3m", "random", 3, 1),
    )
    assert np.array_equal(few.length, play("3m", "random", 3).length)
    assert not np.array_equal(few.length, others.length)
    assert np.array_equal(more.returns[:5], play("3m", "heuristic", 5).returns)
    assert few.length.shape == (3,)
    assert (more.length > 0).all()


def test_a_row_is_what_the_policies_do():
    (found,) = compare_maps(["2s3z"], load_game_numbers(), 8, 0)
    assert found.random_length.mean == play("2s3z", "random", 8).length.mean()
    assert found.heuristic_won.mean == 100 * play("2s3z", "heuristic", 8).won.mean()
    assert found.naive_return.mean == play("2s3z", "heuristic_rest", 8).returns.mean()
    assert found.game_length == load_game_numbers().random_length["2s3z"]


def test_cells_stand_under_the_header():
    assert dict(zip(enumerate(report.HEADER), report.cells(row()), strict=True)) == {
        (0, "map"): "m",
        (1, "random steps: here"): "55.0 ± 3.0",
        (2, "game"): "50.0 ± 4.0",
        (3, "z"): "+1.0",
        (4, "paper"): "-",
        (5, "z"): "-",
        (6, "heuristic %: here"): "80.0 ± 4.0",
        (7, "game"): "90.0",
        (8, "off"): "-10",
        (9, "naive return: here"): "9.00 ± 0.30",
        (10, "game, early"): "10.0 ± 0.4 to 12.0 ± 0.1",
        (11, "z"): "-2.0",
    }


def test_command_prints_a_table_and_one_line(capsys):
    assert main(["fidelity", "--maps", "3m", "2s3z", "--episodes", "4"]) == 0
    said = capsys.readouterr()
    head, three, two, line = said.out.splitlines()
    assert head.split()[:2] == ["map", "random"]
    assert (three.split()[0], two.split()[0]) == ("3m", "2s3z")
    assert line.startswith("random-play length: rms relative error ")
    assert "over 1 maps" in line
    assert "of 1;" in line
    assert not said.err  # no progress bar where there is no terminal


def test_command_prints_json_lines(capsys):
    assert (
        main(["fidelity", "--maps", "3m", "2s3z", "--episodes", "4", "--seed", "2", "--json"]) == 0
    )
    three, two, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert three["game_length"] is three["z"]["game_length"] is None
    assert two["game_length"]["mean"] == 52.2
    assert two["z"]["game_length"] == pytest.approx(
        (two["random_length"]["mean"] - 52.2)
        / math.hypot(two["random_length"]["se"], two["game_length"]["se"])
    )
    assert (last["summary"]["seed"], last["summary"]["length_maps"]) == (2, 1)


def test_command_refuses_in_one_line(capsys, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("no markers")
    small = ["--maps", "3m", "--episodes", "2"]
    for line, words in (
        (["--maps", "4m"], "unknown map"),
        (["--episodes", "1"], "at least 2"),
        (["--seed", "-1"], "0 or more"),
        ([*small, "--into", str(page)], "expected one line"),
        ([*small, "--into", str(tmp_path / "none.md")], "cannot be read"),
    ):
        assert main(["fidelity", *line]) == 2
        said = capsys.readouterr().err
        assert words in said
        assert said.count("\n") == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "x", "version": 1}'])
def test_a_file_of_another_form_is_refused(tmp_path, text):
    file = tmp_path / "play.json"
    file.write_text(text)
    with pytest.raises(EnvError, match=r"play\.json"):
        load_game_numbers(file)
    with pytest.raises(EnvError, match="none of"):
        load_game_numbers(tmp_path / "missing.json")
