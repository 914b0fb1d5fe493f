"""Runs of different versions of the simulator's engine: told apart, not pooled without being asked.

Constant curves: QMIX on 3m with engine 1 (three seeds at 25 %) and engine 2 (three seeds at
75 %), in two folders of runs, as results are before and after an upgrade.
"""

import json

import numpy as np
import pytest

from analysis.cli import main
from analysis.dataset.groups import backends_of, build_groups
from analysis.dataset.labels import backend_label
from analysis.dataset.storage import load
from analysis.plots.all_figures import footnotes
from analysis.published.make_reference import make_reference
from analysis.published.reference import load_reference
from analysis.published.verdict import compare
from analysis.web.battle_recordings import load_battle
from analysis.web.payload import payload
from tests.analysis import synthetic_battles, synthetic_runs

N_POINTS = 11  # evaluations: 50,000 env steps, every 5,000


def write(root, rate, seeds=(1, 2, 3), engine=None, **options):
    provenance = {} if engine is None else {"engine_version": engine}
    provenance |= options.pop("provenance", {})
    for seed in seeds:
        values = [rate] * N_POINTS
        times = [5_000 * k for k in range(N_POINTS)]
        synthetic_runs.write_run(
            root, seed=seed, values=values, times=times, provenance=provenance, **options
        )


def collected(tmp_path, *options):
    args = ["collect", "--runs", tmp_path / "old", tmp_path / "new", *options]
    assert main([str(a) for a in [*args, "--out", tmp_path / "data"]]) == 0
    return load(tmp_path / "data")


@pytest.fixture
def two_engines(tmp_path):
    write(tmp_path / "old", 0.25)  # written before the version was recorded: engine 1
    write(tmp_path / "new", 0.75, engine=2)
    return tmp_path


def test_the_tables_hold_the_version(two_engines):
    write(two_engines / "new", 0.5, alg="vdn", provenance={"backend": "sc2"}, engine=2)
    write(two_engines / "new", 0.5, alg="iql", provenance={"backend": "standin"}, engine=3)
    dataset = collected(two_engines)
    runs = dataset.runs.groupby(["alg", "backend"])["engine_version"]
    assert {name: sorted(values.dropna()) for name, values in runs} == {
        ("qmix", "sim"): [1, 1, 1, 2, 2, 2],
        ("vdn", "sc2"): [],  # the real game has no version of this engine
        ("iql", "standin"): [3, 3, 3],
    }
    assert str(dataset.tidy["engine_version"].dtype) == "Int64"
    tidy = dataset.tidy[dataset.tidy["metric"] == "test_battle_won_mean"]
    assert tidy.groupby("engine_version")["value"].mean().to_dict() == {1: 0.25, 2: 0.75, 3: 0.5}
    assert len(tidy[tidy["engine_version"] == 1]) == 3 * N_POINTS


def test_versions_are_kept_apart(two_engines):
    dataset = collected(two_engines)
    groups = build_groups(dataset)
    assert [(g.label, g.engine_versions, g.legend()) for g in groups] == [
        ("QMIX [sim, engine 1]", (1,), "QMIX [sim, engine 1] (n=3)"),
        ("QMIX [sim, engine 2]", (2,), "QMIX [sim, engine 2] (n=3)"),
    ]
    assert [g.finals().tolist() for g in groups] == [[0.25] * 3, [0.75] * 3]
    # The same seeds of two versions are no duplicates.
    assert dataset.info["n_complete"] == 6
    assert backends_of(groups) == (
        "embedded simulator, engine 1 (not StarCraft II) + "
        "embedded simulator, engine 2 (not StarCraft II)"
    )
    assert dataset.info["call_outs"] == [
        "different versions of the simulator's engine (engine 1: 3 runs, engine 2: 3 runs), which "
        "play different battles; kept apart (--pool-engines pools them)",
        "qmix on 3m: 2 different engine versions (1, 2); kept apart",
    ]
    assert any("simulator's engine (engine 1: 3 runs" in line for line in footnotes(dataset))


def test_they_are_pooled_when_asked(two_engines):
    dataset = collected(two_engines, "--pool-engines")
    (group,) = build_groups(dataset)
    assert (group.label, group.n, group.engine_versions) == ("QMIX", 6, (1, 2))
    assert np.median(group.finals()) == 0.5
    assert backends_of([group]) == "embedded simulator, engines 1 + 2 (not StarCraft II)"
    assert dataset.info["pooled_engines"] is True
    assert [c.split("; ")[-1] for c in dataset.info["call_outs"]] == ["pooled as asked", "pooled"]


def test_one_version_is_in_the_title_and_nowhere_called_out(tmp_path):
    write(tmp_path / "new", 0.75, engine=2)
    write(tmp_path / "old", 0.5, engine=2, alg="vdn")
    dataset = collected(tmp_path)
    groups = build_groups(dataset)
    assert [g.label for g in groups] == ["QMIX", "VDN"]
    assert backends_of(groups) == "embedded simulator, engine 2 (not StarCraft II)"
    assert dataset.info["call_outs"] == []
    assert dataset.info["pooled_engines"] is False


def test_summary_page_and_exports(two_engines, capsys):
    dataset = collected(two_engines)
    data = str(two_engines / "data")
    assert main(["table", "--data", data, "--out", str(two_engines / "t")]) == 0
    assert (
        "embedded simulator, engine 2 (not StarCraft II)"
        in (two_engines / "t" / "summary.md").read_text()
    )
    rows = (two_engines / "t" / "summary.csv").read_text().splitlines()
    assert [row.split(",")[:6] for row in rows[1:]] == [
        ["3m", '"QMIX [sim', ' engine 1]"', "sim", "", "1"],
        ["3m", '"QMIX [sim', ' engine 2]"', "sim", "", "2"],
    ]
    page = payload(dataset, two_engines / "index.html", [])
    assert [g["engine"] for g in page["groups"]] == ["1", "2"]
    at = page["run_columns"].index("engine_version")
    assert sorted(run[at] for run in page["runs"]) == [1, 1, 1, 2, 2, 2]
    assert sorted((p["runs"], p["engine_version"]) for p in page["provenance"]) == [(3, 1), (3, 2)]
    capsys.readouterr()
    export = ["export", "--data", data, "--format", "marl-eval", "--out", "x"]
    reference = ["reference", "--data", data, "--name", "n", "--source", "s", "--out", "x"]
    for command in (export, reference):
        assert main(command) == 2
        assert "versions of the simulator's engine" in capsys.readouterr().err


def test_verdicts_compare_one_version_only(tmp_path):
    write(tmp_path / "old", 0.25)
    (tmp_path / "new").mkdir()
    file = tmp_path / "reference.json"
    make_reference(collected(tmp_path), "ours", "this test", file)
    assert load_reference(file).protocol["engine_version"] == 1
    write(tmp_path / "new", 0.75, engine=2)
    dataset = collected(tmp_path)
    verdicts, _ = compare(dataset, [load_reference(file)])
    assert [(v.engine_version, v.verdict, v.reasons) for v in verdicts] == [
        ("1", "COMPATIBLE", ""),
        ("2", "INCOMPARABLE", "engine version 2, reference 1"),
    ]
    # A reference from before versions were counted is of version 1; null is not compared.
    data = json.loads(file.read_text())
    del data["protocol"]["engine_version"]
    file.write_text(json.dumps(data))
    assert [v.verdict for v in compare(dataset, [load_reference(file)])[0]] == [
        "COMPATIBLE",
        "INCOMPARABLE",
    ]
    data["protocol"]["engine_version"] = None
    file.write_text(json.dumps(data))
    assert "INCOMPARABLE" not in [v.verdict for v in compare(dataset, [load_reference(file)])[0]]


def test_unfinished_runs_are_counted_with_the_newest_version(two_engines):
    write(two_engines / "new", 0.75, [4], state="running")
    run = two_engines / "new" / "demo" / "sim" / "3m" / "qmix" / "seed=4"
    (run / "work" / "provenance.json").unlink()  # written when a run has finished
    groups = build_groups(collected(two_engines))
    assert [(g.engine, g.n, g.n_found) for g in groups] == [("1", 3, 3), ("2", 3, 4)]
    assert groups[1].legend() == "QMIX [sim, engine 2] (n=3 of 4)"


def test_a_complete_run_without_provenance_is_of_version_1(tmp_path):
    write(tmp_path / "old", 0.25, [1])
    (tmp_path / "new").mkdir()
    run = tmp_path / "old" / "demo" / "sim" / "3m" / "qmix" / "seed=1"
    (run / "provenance.json").unlink()
    (run / "complete.json").unlink()
    synthetic_runs.seal(run)
    (group,) = build_groups(collected(tmp_path))
    assert (group.n, group.engine_versions) == (1, (1,))


@pytest.mark.parametrize("told", ["2", 0, -1, 1.5, True, [2]])
def test_what_is_no_version_counts_as_not_recorded(tmp_path, told):
    write(tmp_path / "old", 0.25, engine=told)
    write(tmp_path / "new", 0.75, engine=2)
    dataset = collected(tmp_path)
    groups = build_groups(dataset)
    assert [(g.label, g.n) for g in groups] == [
        ("QMIX [sim, engine not recorded]", 3),
        ("QMIX [sim, engine 2]", 3),
    ]
    assert "engine 2: 3 runs, not recorded: 3 runs" in dataset.info["call_outs"][0]
    assert "not a whole number above 0" in dataset.info["repairs"][0]["problems"][-1]


def test_labels():
    assert backend_label("sim", None, [2]) == "embedded simulator, engine 2 (not StarCraft II)"
    assert backend_label("standin", "4.10", [1, 2]) == (
        "stand-in server on the embedded simulator, engines 1 + 2 (not StarCraft II) (4.10)"
    )
    assert backend_label("sc2", "4.10") == "StarCraft II (4.10)"


def test_battles_name_the_version_that_played_them(two_engines):
    file = two_engines / "b.json"
    for told, shown in ((None, 1), (2, 2)):
        battle = synthetic_battles.battle(steps=3)
        battle |= {} if told is None else {"engine_version": told}
        file.write_text(json.dumps(battle))
        found = load_battle(file)
        assert found["engine_version"] == shown
        label = f"embedded simulator, engine {shown} (not StarCraft II)"
        assert found["backend_label"] == label
    # A battle of another version than its run's is shown, and said to be one.
    run = two_engines / "old" / "demo" / "sim" / "3m" / "qmix" / "seed=1"
    (run / "battles").mkdir()
    (run / "battles" / "b.json").write_text(file.read_text())
    page = payload(collected(two_engines), two_engines / "index.html", [])
    assert len(page["battles"]) == 1
    (note,) = page["battle_notes"]
    assert note.startswith("demo/sim/3m/qmix/seed=1")
    assert note.endswith(": b.json: recorded by engine version 2, its run by 1")
