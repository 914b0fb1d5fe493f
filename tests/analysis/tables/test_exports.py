"""Exports: marl-eval JSON, CSV, LaTeX; the verified download."""

import csv
import hashlib
import json

import pytest

from analysis.cli import main
from analysis.dataset.storage import load
from analysis.errors import ResultError
from analysis.published import smac_download as fetch
from tests.analysis import synthetic_runs


def export(data, kind, out) -> None:
    args = ["export", "--data", str(data), "--format", kind, "--out", str(out)]
    assert main(args) == 0


def check_marl_eval(data: dict) -> tuple[int, int, int, int]:
    """marl-eval's rules: the same steps, runs and algorithms everywhere; returns the counts."""
    (tasks,) = data.values()
    shapes = set()
    algs = {tuple(sorted(a)) for a in tasks.values()}
    assert len(algs) == 1
    for task in tasks.values():
        for alg, runs in task.items():
            assert alg == alg.lower()
            assert "," not in alg
            for steps in runs.values():
                assert "absolute_metrics" in steps
                counts = [s["step_count"] for k, s in steps.items() if k != "absolute_metrics"]
                assert counts == sorted(set(counts))
                metrics = {tuple(sorted(s)) for k, s in steps.items() if k != "absolute_metrics"}
                assert len(metrics) == 1
                assert all(isinstance(s["win_rate"], list) for k, s in steps.items())
                shapes.add((len(runs), tuple(counts)))
    assert len(shapes) == 1
    runs_count, counts = shapes.pop()
    return len(tasks), len(algs.pop()), runs_count, len(counts)


def test_marl_eval_is_regular_and_comes_back(demo_data, tmp_path, capsys):
    export(demo_data, "marl-eval", tmp_path / "m.json")
    line = capsys.readouterr().out
    assert "2 tasks x 3 algorithms x 3 runs x 11 steps" in line
    assert "--win-rate fraction" in line
    data = json.loads((tmp_path / "m.json").read_text())
    assert check_marl_eval(data) == (2, 3, 3, 11)
    args = ["import", "--from", "marl-eval", str(tmp_path / "m.json"), "--out", str(tmp_path / "d")]
    assert main([*args, "--win-rate", "fraction"]) == 0
    mine, back = load(demo_data).tidy, load(tmp_path / "d").tidy
    for table in (mine, back):
        table["key"] = table["map"].astype(str) + table["alg"].astype(str)
    pick = "metric == 'test_battle_won_mean' and included and key == '3mqmix'"
    assert sorted(back.query(pick)["value"]) == sorted(mine.query(pick)["value"])


def test_ragged_runs_become_regular_and_it_is_said(tmp_path, capsys):
    root = tmp_path / "runs"
    synthetic_runs.write_grid(root, ["3m"], ["qmix"], [1, 2, 3])
    synthetic_runs.write_grid(root, ["3m", "8m"], ["vdn"], [1, 2])
    synthetic_runs.write_grid(root, ["8m"], ["qmix"], [1, 2])
    synthetic_runs.write_run(root, "8m", "iql", 1)
    short = [5_000 * k for k in range(10)]
    synthetic_runs.write_run(root, "8m", "qmix", 2, times=short, values=[0.5] * 10)
    assert main(["collect", "--runs", str(root), "--out", str(tmp_path / "d")]) == 0
    export(tmp_path / "d", "marl-eval", tmp_path / "m.json")
    assert "left out: 1 runs" not in (out := capsys.readouterr().out)
    assert "left out:" in out
    counts = check_marl_eval(json.loads((tmp_path / "m.json").read_text()))
    assert counts[3] == 10


def test_own_reader_of_marl_eval(demo_data, tmp_path):
    tools = pytest.importorskip(
        "marl_eval.utils.diagnose_data_errors", reason="id-marl-eval is not installed"
    )
    export(demo_data, "marl-eval", tmp_path / "m.json")
    data = json.loads((tmp_path / "m.json").read_text())
    checks = tools.DiagnoseData(raw_data=data).check_data()["sim"]
    assert set(checks.values()) == {True}


def test_csv_has_every_tidy_row(demo_data, tmp_path):
    export(demo_data, "csv", tmp_path / "t.csv")
    with (tmp_path / "t.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    tidy = load(demo_data).tidy
    assert len(rows) == len(tidy)
    assert float(rows[7]["value"]) == tidy["value"].iloc[7]
    assert {r["included"] for r in rows} == {"True", "False"}


def test_mixed_backends_are_refused(tmp_path, capsys):
    synthetic_runs.write_run(tmp_path / "runs", seed=1)
    synthetic_runs.write_run(tmp_path / "runs", seed=2, provenance={"backend": "sc2"})
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]) == 0
    args = ["export", "--data", str(tmp_path / "d"), "--format", "marl-eval", "--out", "x"]
    assert main(args) == 2
    assert "mixes backends" in capsys.readouterr().err


def test_latex(demo_data, tmp_path):
    assert main(["table", "--data", str(demo_data), "--out", str(tmp_path)]) == 0
    text = (tmp_path / "summary.tex").read_text()
    assert text.count(r"\\") == 3  # a heading and two maps
    assert r"\textbf{" in text
    assert "not StarCraft II" in text


def test_download_checks_the_bytes(tmp_path, monkeypatch):
    source = tmp_path / "s.json"
    source.write_bytes(b"{}")
    with pytest.raises(ResultError, match="expected e179ccbd"):
        fetch.fetch_smac(tmp_path / "o.json", source.as_uri())
    assert not (tmp_path / "o.json").exists()
    monkeypatch.setattr(fetch, "SHA256", hashlib.sha256(b"{}").hexdigest())
    assert "sha256 verified" in fetch.fetch_smac(tmp_path / "o.json", source.as_uri())
    assert "already there" in fetch.fetch_smac(tmp_path / "o.json", "https://unused.invalid")
    with pytest.raises(ResultError, match="only https"):
        fetch.fetch_smac(tmp_path / "p.json", "http://x")
    with pytest.raises(ResultError, match="download it by hand"):
        fetch.fetch_smac(tmp_path / "p.json", (tmp_path / "none").as_uri())
