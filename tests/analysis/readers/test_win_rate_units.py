"""Percent or fraction: decided for a whole file or folder, refused where it cannot be known."""

import json

import pytest

from analysis.cli import main
from analysis.dataset.groups import build_groups
from analysis.dataset.storage import load
from tests.analysis import synthetic_runs
from tests.analysis.synthetic_sacred import WIN_RATE, write_marl_eval, write_sacred

WINNER = [3.125 * k for k in range(12)]  # percent: the last value is 34.375 %
LOSER = [0.0, 0.0, 0.78125] * 4  # never more than 1 of 128 games, in percent
MAVA = {"seed_0": WINNER, "seed_1": LOSER, "seed_2": [0.0] * 11 + [0.78125]}


def imported(tmp_path, *words):
    """Exit code of an import to ``tmp_path / d``."""
    return main(["import", *map(str, words), "--out", str(tmp_path / "d")])


def finals(tmp_path):
    """Final win rates by seed, in percent."""
    (group,) = build_groups(load(tmp_path / "d"))
    return dict(zip(group.seeds, (100 * group.finals()).tolist(), strict=True))


def test_a_file_in_percent_is_decided_as_a_whole(tmp_path):
    path = write_marl_eval(tmp_path / "mava.json", MAVA)
    assert imported(tmp_path, "--from", "marl-eval", path) == 0
    assert finals(tmp_path) == {0: 34.375, 1: 0.78125, 2: 0.78125}
    tidy = load(tmp_path / "d").tidy
    assert tidy[tidy["metric"] == "absolute_battle_won_mean"]["value"].max() == 0.34375
    problems = load(tmp_path / "d").runs["problems"]
    assert problems.str.contains("win_rate was in percent").all()


def test_absolute_metrics_alone_can_show_the_unit(tmp_path):
    runs = {"seed_0": [0.0, 0.5, 0.9]}
    path = write_marl_eval(tmp_path / "a.json", runs)
    text = path.read_text().replace('{"win_rate": [0.9]}}', '{"win_rate": [12.5]}}')
    path.write_text(text)
    assert imported(tmp_path, "--from", "marl-eval", path) == 0
    assert finals(tmp_path) == pytest.approx({0: 0.9})


def test_what_cannot_be_known_is_refused_and_the_option_named(tmp_path, capsys):
    path = write_marl_eval(tmp_path / "a.json", {"seed_0": [0.0, 0.1, 0.2]})
    assert imported(tmp_path, "--from", "marl-eval", path) == 2
    err = capsys.readouterr().err
    assert "a.json: win_rate is never above 1 (largest value 0.2)" in err
    assert "--win-rate percent or --win-rate fraction" in err
    assert err.count("\n") == 1
    assert not (tmp_path / "d").exists()
    for unit, right in (("fraction", 20.0), ("percent", 0.2)):
        assert imported(tmp_path, "--from", "marl-eval", path, "--win-rate", unit) == 0
        assert finals(tmp_path) == {0: pytest.approx(right)}


def test_no_game_won_is_zero_in_both_units(tmp_path):
    path = write_marl_eval(tmp_path / "a.json", {"seed_0": [0.0] * 5})
    assert imported(tmp_path, "--from", "marl-eval", path) == 0
    assert finals(tmp_path) == {0: 0.0}


def test_each_metric_of_a_file_is_decided_by_itself(tmp_path, capsys):
    """A file in which runs name the win rate differently: values of one say nothing of another."""
    path = write_marl_eval(tmp_path / "a.json", {"seed_0": [0.0, 50.0]})
    other = write_marl_eval(tmp_path / "b.json", {"seed_1": [0.0, 0.5]}, metric="battle_won")
    both = path.read_text()[:-4] + ', "seed_1"' + other.read_text().split('"seed_1"')[1]
    path.write_text(both)
    assert imported(tmp_path, "--from", "marl-eval", path) == 2
    assert "battle_won is never above 1" in capsys.readouterr().err
    assert imported(tmp_path, "--from", "marl-eval", path, "--win-rate", "percent") == 0
    assert finals(tmp_path) == pytest.approx({0: 50.0, 1: 0.5})


def test_two_names_of_the_win_rate_in_one_run_are_not_mixed(tmp_path):
    path = write_marl_eval(tmp_path / "a.json", {"seed_0": [0.0, 50.0]})
    text = path.read_text().replace(
        '"win_rate": [50.0]}, "abs', '"won": [1], "win_rate": [50.0]}, "abs'
    )
    text = text.replace('"win_rate": [0.0]}', '"battle_won": [0.25], "win_rate": [0.0]}')
    path.write_text(text)
    assert imported(tmp_path, "--from", "marl-eval", path) == 0
    tidy = load(tmp_path / "d").tidy
    values = {str(m): part["value"].tolist() for m, part in tidy.groupby("metric", observed=True)}
    assert values["test_battle_won_mean"] == [0.0, 0.5]
    assert values["battle_won"] == [0.0025]  # a metric of its own, in the file's percent


def test_other_rates_are_in_the_unit_of_the_win_rate_or_show_their_own(tmp_path):
    """What --metric can show must be right too."""
    write_sacred(tmp_path / "s" / "1", WINNER, keys=[WIN_RATE, "battle_won_mean"])
    folder = write_sacred(tmp_path / "s" / "2", [0.0, 75.0], keys=[WIN_RATE, "battle_won_mean"])
    info = json.loads((folder / "info.json").read_text())
    info["env_win_rate"], info["env_win_rate_T"] = [0.5], [10]
    (folder / "info.json").write_text(json.dumps(info))
    assert imported(tmp_path, "--from", "pymarl", tmp_path / "s") == 0
    tidy = load(tmp_path / "d").tidy
    tops = tidy.groupby("metric", observed=True)["value"].max().to_dict()
    assert tops == {WIN_RATE: 0.75, "battle_won_mean": 0.75, "env_win_rate": 0.005}
    write_sacred(tmp_path / "t" / "1", [0.5] * 12, keys=[WIN_RATE])
    write_sacred(tmp_path / "u" / "1", [50.0] * 12, keys=["eval_win_rate", "test_return_mean"])
    for name, key in (("t", WIN_RATE), ("u", "eval_win_rate")):
        assert imported(tmp_path, "--from", "pymarl", tmp_path / name) == 0
        tidy = load(tmp_path / "d").tidy
        assert tidy[tidy["metric"] == key]["value"].max() == 0.5


def test_files_of_one_folder_are_decided_each(tmp_path, capsys):
    """Mava writes a file per run: that of a run that hardly wins cannot tell its unit."""
    for name, values in MAVA.items():
        write_marl_eval(tmp_path / "mava" / name / "metrics.json", {name: values})
    assert imported(tmp_path, "--from", "marl-eval", tmp_path / "mava") == 2
    err = capsys.readouterr().err
    assert "other files here are in percent" in err
    assert "(and 1 more)" in err
    words = ["--from", "marl-eval", tmp_path / "mava", "--win-rate", "percent"]
    assert imported(tmp_path, *words) == 0
    assert finals(tmp_path) == {0: 34.375, 1: 0.78125, 2: 0.78125}


def test_units_told_for_single_paths(tmp_path, capsys):
    mava = write_marl_eval(tmp_path / "mava.json", {"seed_1": LOSER})
    ours = write_marl_eval(tmp_path / "ours.json", {"seed_5": [0.0, 0.5]})
    words = ["--from", "marl-eval", mava, ours, "--win-rate", "percent"]
    assert imported(tmp_path, *words, "--win-rate", "fraction", ours) == 0
    assert finals(tmp_path) == {1: 0.78125, 5: 50.0}
    assert imported(tmp_path, *words[:-1], "percent", tmp_path / "none.json") == 2
    assert "none.json: no such file" in capsys.readouterr().err
    (tmp_path / "other").mkdir()
    assert imported(tmp_path, *words[:-1], "percent", tmp_path / "other") == 2
    assert "not among the paths that are read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "unit", "message"),
    [
        ([0.0, 50.0], "fraction", "--win-rate fraction: "),
        ([0.0, 150.0], "percent", "neither fractions nor percent"),
        ([0.0, 0.5], "percents", "did you mean 'percent'?"),
    ],
)
def test_what_is_told_must_fit(tmp_path, capsys, values, unit, message):
    path = write_marl_eval(tmp_path / "a.json", {"seed_0": values})
    assert imported(tmp_path, "--from", "marl-eval", path, "--win-rate", unit) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("name", ["pymarl", "epymarl"])
class TestSacred:
    """PyMARL defines the win rate as a fraction; a fork that writes percent is noticed."""

    def write(self, tmp_path, name, curves):
        for number, values in enumerate(curves, start=1):
            write_sacred(tmp_path / "s" / str(number), values, epymarl=name == "epymarl")
        return ["--from", name, tmp_path / "s"]

    def test_fractions_need_no_option(self, tmp_path, name):
        words = self.write(tmp_path, name, [[0.0, 0.0078125]])
        assert imported(tmp_path, *words) == 0
        assert finals(tmp_path) == {1: 0.78125}

    def test_percent_in_every_run(self, tmp_path, name):
        words = self.write(tmp_path, name, [WINNER, [0.0, 75.0]])
        assert imported(tmp_path, *words) == 0
        assert finals(tmp_path) == {1: 34.375, 2: 75.0}

    def test_percent_in_some_runs_is_asked_about(self, tmp_path, name, capsys):
        words = self.write(tmp_path, name, [WINNER, LOSER, [0.0] * 12])
        assert imported(tmp_path, *words) == 2
        assert "is above 1 in 1 of 2 runs" in capsys.readouterr().err
        assert imported(tmp_path, *words, "--win-rate", "percent") == 0
        assert finals(tmp_path) == {1: 34.375, 2: 0.78125, 3: 0.0}
        mixed = ["--win-rate", "fraction", tmp_path / "s" / "2"]
        assert imported(tmp_path, *words, *mixed) == 0
        assert finals(tmp_path) == {1: 34.375, 2: 78.125, 3: 0.0}


def test_our_own_runs(tmp_path, capsys):
    root = tmp_path / "runs"
    synthetic_runs.write_run(root, seed=1, values=[0.0] * 10 + [0.5])
    synthetic_runs.write_run(root, seed=2, values=[0.0] * 10 + [50.0])
    words = ["collect", "--runs", str(root), "--out", str(tmp_path / "d")]
    assert main(words) == 2
    assert "is above 1 in 1 of 2 runs" in capsys.readouterr().err
    second = next(root.rglob("seed=2"))
    assert main([*words, "--win-rate", "percent", str(second)]) == 0
    assert finals(tmp_path) == {1: 50.0, 2: 50.0}


def test_the_paper_s_form(tmp_path):
    """Fractions by definition; a file of this form in percent is decided as a whole."""
    runs = {
        f"Run_{k}": [[10_000 * t, v] for t, v in enumerate(values)]
        for k, values in enumerate(([0.0, 50.0] + [50.0] * 204, [0.0, 0.5] + [0.5] * 204))
    }
    path = tmp_path / "smac_run_data.json"
    synthetic_runs.dump(path, {"3m": {"QMIX": {"test_battle_won_mean": runs}}})
    assert imported(tmp_path, "--from", "smac-paper", path) == 0
    assert finals(tmp_path) == pytest.approx({0: 50.0, 1: 0.5})
