"""collect, table, plot, report on synthetic run folders, through the command line."""

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest

from analysis.cli import main
from analysis.dataset.columns import EPISODE_COLUMNS, RUN_COLUMNS, TIDY_COLUMNS
from tests.analysis import synthetic_runs


def run(*args: object) -> int:
    return main([str(a) for a in args])


def test_collect_writes_documented_tables(demo_runs, tmp_path, capsys):
    assert run("collect", "--runs", demo_runs, "--out", tmp_path) == 0
    assert "18 of 20 runs complete (1 failed, 1 running)" in capsys.readouterr().out
    tidy = pd.read_parquet(tmp_path / "tidy.parquet")
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    episodes = pd.read_parquet(tmp_path / "episodes.parquet")
    assert {c: str(t) for c, t in tidy.dtypes.items()} == {
        c: k for c, (k, _) in TIDY_COLUMNS.items()
    }
    assert list(runs.columns) == list(RUN_COLUMNS)
    assert list(episodes.columns) == list(EPISODE_COLUMNS)
    assert set(tidy["backend"]) == {"sim"}
    assert json.loads((tmp_path / "exclusions.json").read_text())["read"] == {"own": 20}
    one = tidy[(tidy["run_id"] == "demo/sim/3m/qmix/seed=1")]
    wins = one[one["metric"] == "test_battle_won_mean"]
    assert list(wins["t_nominal"]) == [5000 * k for k in range(11)]
    assert (wins["n_episodes"] == 32).all()
    assert one[one["metric"] == "loss"]["n_episodes"].isna().all()
    # the per-episode outcomes and the logged means say the same
    mean = episodes[episodes["run_id"] == "demo/sim/3m/qmix/seed=1"].groupby("t_nominal")
    assert mean["battle_won"].mean().tolist() == wins["value"].tolist()


def test_expected_runs_pending_and_strangers(demo_runs, tmp_path, capsys):
    wanted = [
        {"env": "sim", "map": m, "alg": "qmix", "seed": s, "t_max": 50_000, "dir": "x"}
        for m in ("3m", "8m")
        for s in (1, 2)
    ]
    wanted[1]["t_max"] = 60_000
    path = tmp_path / "expected.json"
    path.write_text(json.dumps({"experiment": "demo", "runs": wanted}))
    assert run("collect", "--runs", demo_runs, "--expected", path, "--out", tmp_path) == 0
    info = json.loads((tmp_path / "exclusions.json").read_text())
    assert info["n_complete"] == 1
    codes = {e["run"]: e["code"] for e in info["exclusions"]}
    assert codes["demo/sim/8m/qmix/seed=1"] == "pending"
    assert codes["demo/sim/3m/qmix/seed=2"] == "other-t_max"
    assert codes["demo/sim/2s3z/iql/seed=3"] == "not-expected"


def test_nothing_has_run_yet(tmp_path, capsys):
    wanted = [{"env": "sim", "map": "3m", "alg": "qmix", "seed": 1, "t_max": 50_000, "dir": "x"}]
    path = tmp_path / "expected.json"
    path.write_text(json.dumps({"experiment": "demo", "runs": wanted}))
    data = tmp_path / "data"
    assert run("collect", "--runs", tmp_path / "no", "--expected", path, "--out", data) == 0
    assert run("plot", "--data", data, "--out", tmp_path / "f") == 3
    assert "nothing to draw: no complete run of 1: not started" in capsys.readouterr().err
    assert (tmp_path / "f" / "win_rate.png").is_file()
    assert run("table", "--data", data, "--out", tmp_path / "t") == 0
    assert run("report", "--data", data, "--out", tmp_path / "r") == 0
    assert "(0 of 1)" in (tmp_path / "t" / "summary.md").read_text()


def test_same_input_same_bytes(tmp_path):
    """Figures, tables, report and parquet files are byte-identical when made twice."""
    demo_runs = synthetic_runs.write_grid(tmp_path / "runs", ["3m"], ["qmix", "vdn"], [1, 2])

    def make(folder: Path) -> dict[str, str]:
        assert run("collect", "--runs", demo_runs, "--out", folder / "d") == 0
        assert run("plot", "--data", folder / "d", "--out", folder / "f") == 0
        assert run("table", "--data", folder / "d", "--out", folder / "t") == 0
        assert run("report", "--data", folder / "d", "--out", folder / "r") == 0
        files = sorted(p for p in folder.rglob("*") if p.is_file())
        return {
            str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
        }

    first, second = make(tmp_path / "a"), make(tmp_path / "b")
    assert first == second
    assert {"f/win_rate.svg", "f/win_rate.pdf", "f/win_rate.png", "f/win_rate_3m.svg"} <= set(first)


def test_figure_says_n_and_backend(demo_data, tmp_path):
    from analysis.dataset.groups import build_groups
    from analysis.dataset.storage import load
    from analysis.plots.win_rate import win_rate_figure

    groups = build_groups(load(demo_data))
    figure = win_rate_figure([g for g in groups if g.map == "3m"], "demo")
    texts = [t.get_text() for t in figure.legends[0].get_texts()]
    assert texts == ["QMIX (n=3 of 4)", "VDN (n=3 of 4)", "IQL (n=3)"]
    figure = win_rate_figure(groups, "demo", notes=["2 runs left out"])
    panels = [t.get_text() for ax in figure.axes for t in ax.texts]
    assert panels == ["n: QMIX 3 · VDN 3 · IQL 3", "n: QMIX 3/4 · VDN 3/4 · IQL 3"]
    assert "2 runs left out" in [t.get_text() for t in figure.texts]
    assert "embedded simulator, engine 1 (not StarCraft II)" in figure.get_suptitle()
    assert "median and 25-75 %" in figure.get_suptitle()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["collect", "--runs", "nowhere", "--out", "x"], "no such folder"),
        (["plot", "--data", "nowhere", "--out", "x"], "run `python -m analysis collect` first"),
        (["plot", "--data", "nowhere", "--out", "x", "--smooth", "0"], "--smooth 0"),
    ],
)
def test_errors_are_one_line(args, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(args) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_unwritable_output_is_one_line(demo_data, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert run("table", "--data", demo_data, "--out", tmp_path / "file" / "x") == 2
    assert "Not a directory" in capsys.readouterr().err
    assert run("import", "--from", "own", tmp_path, "--t-max", -5, "--out", tmp_path) == 2
    assert "--t-max -5" in capsys.readouterr().err


def test_checksum_mismatch_is_broken(tmp_path):
    folder = synthetic_runs.write_run(tmp_path / "runs")
    info = json.loads((folder / "info.json").read_text())
    info["test_battle_won_mean"][-1] = 1.0
    (folder / "info.json").write_text(json.dumps(info))
    assert run("collect", "--runs", tmp_path / "runs", "--out", tmp_path / "d") == 0
    found = json.loads((tmp_path / "d" / "exclusions.json").read_text())["exclusions"]
    assert found[0]["code"] == "broken"
    assert "info.json: differs from its checksum" in found[0]["reason"]


def test_without_sentinel_not_complete(tmp_path):
    synthetic_runs.write_run(tmp_path / "runs", state="unsealed")
    assert run("collect", "--runs", tmp_path / "runs", "--out", tmp_path / "d") == 0
    found = json.loads((tmp_path / "d" / "exclusions.json").read_text())["exclusions"]
    assert found[0]["code"] == "incomplete"
    assert "no complete.json" in found[0]["reason"]
