"""The battle form: what is accepted, what is refused with a reason."""

import copy
import json

import pytest

from analysis.cli import main
from analysis.dataset.storage import load
from analysis.errors import ResultError
from analysis.web.battle_recordings import load_battle
from analysis.web.battle_selection import collect_battles
from tests.analysis import synthetic_battles, synthetic_runs


def write(tmp_path, value):
    path = tmp_path / "b.json"
    path.write_text(json.dumps(value))
    return path


def test_a_good_battle(tmp_path):
    found = load_battle(write(tmp_path, synthetic_battles.battle(steps=10)))
    assert len(found["frames"]) == 11
    assert found["units"][2] == [0, "stalker", 0.375, 45.0, 80.0]
    assert found["units"][5][0] == 1
    step, x, _, health, _, alive = found["frames"][10]
    assert (step, x[0], health[0], alive) == (10, 13 * 50, 250, "111000")
    assert found["attacks"][10] == [[0, 3], [1, 4], [2, 5]]
    assert found["names"][found["actions"][9][0]] == "attack 0"


def change(path, value):
    def apply(data):
        *parents, last = path
        for key in parents:
            data = data[key]
        data[last] = value

    return apply


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (change(["version"], 2), "version 1"),
        (change(["units"], []), "no units"),
        (change(["units"], "x"), "units: expected a list"),
        (change(["units", 0, "side"], "left"), r"units\[0\].side"),
        (change(["units", 0, "radius"], "big"), r"units\[0\]"),
        (change(["frames", 3, "x"], [1, 2]), r"frames\[3\].x: expected a list of 6"),
        (change(["frames", 3, "y", 0], float("nan")), "not a usable number"),
        (change(["frames", 3, "y", 0], 1e300), "not a usable number"),
        (change(["frames", 3], 7), r"frames\[3\]: expected an object"),
        (change(["frames"], [{}] * 6000), "at most 5000"),
        (change(["map", "size"], [0, 5]), "outside"),
        (change(["map", "size"], [1e5, 5]), "outside"),
        (change(["map", "pathing_rows"], ["<b>"]), "strings of 0 and 1"),
        (change(["map"], None), "map: expected an object"),
    ],
)
def test_refused_with_a_reason(tmp_path, edit, message):
    data = copy.deepcopy(synthetic_battles.battle(steps=5))
    edit(data)
    with pytest.raises(ResultError, match=message):
        load_battle(write(tmp_path, data))


def test_attacks_that_point_nowhere_are_dropped(tmp_path):
    data = synthetic_battles.battle(steps=2)
    data["attacks"] = [[[0, 99], [-1, 2], "x", [1, 2]], [], []]
    data["actions"] = [[10**9, "x", 3], [0, 0, 0]]
    found = load_battle(write(tmp_path, data))
    assert found["attacks"] == [[[1, 2]], [], []]
    assert found["actions"][0] == [-1, -1, 3]


def test_report_takes_two_per_cell_and_names_the_rest(tmp_path):
    folder = synthetic_runs.write_run(tmp_path / "runs")
    synthetic_battles.write_battles(folder, 4)
    (folder / "battles" / "a-broken.json").write_text("{")
    (folder / "battles" / "link.json").symlink_to("/etc/passwd")
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]) == 0
    found, notes = collect_battles(load(tmp_path / "d"))
    assert [b["file"] for b in found] == ["battle-0.json", "battle-1.json"]
    assert any("a-broken.json: not valid JSON" in n for n in notes)
    assert any("more battles left out" in n for n in notes)
