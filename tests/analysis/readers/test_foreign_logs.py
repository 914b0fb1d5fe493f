"""Foreign logs: PyMARL sacred, EPyMARL, marl-eval; repairs and what is named as skipped."""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.cli import main
from analysis.dataset.json_values import as_number
from analysis.dataset.series import infer_interval, make_series
from analysis.dataset.storage import load
from analysis.readers import epymarl, marl_eval, sacred
from analysis.readers.truncated_json import close_truncated
from tests.analysis import synthetic_runs


def sacred_folder(root: Path, number: int, **change) -> Path:
    """A PyMARL sacred folder of a finished run: status RUNNING, numpy scalars as objects."""
    folder = root / str(number)
    times = [10_033 * k + 50 for k in range(12)]
    blob = {"dtype": "float64", "py/object": "numpy.float64"}
    info = {
        "test_battle_won_mean": [k / 32 for k in range(12)],
        "test_battle_won_mean_T": times,
        "test_return_mean": [blob | {"value": float(k)} for k in range(12)],
        "test_return_mean_T": times,
    }
    config = {
        "name": "qmix",
        "env": "sc2",
        "env_args": {"map_name": "3s5z"},
        "seed": 123 + number,
        "t_max": 112_000,
        "test_interval": 10_000,
        "test_nepisode": 32,
        "batch_size_run": 1,
        "runner": "episode",
    }
    synthetic_runs.dump(folder / "config.json", config | change)
    synthetic_runs.dump(folder / "info.json", info)
    synthetic_runs.dump(folder / "run.json", {"status": "RUNNING", "start_time": "2020-01-01"})
    return folder


def test_pymarl_running_status_and_numpy_blobs(tmp_path):
    sacred_folder(tmp_path, 1)
    runs, skipped = sacred.read(tmp_path)
    assert not skipped
    (run,) = runs
    assert (run.status, run.alg, run.map, run.seed) == ("COMPLETED", "qmix", "3s5z", 124)
    assert run.series["test_return_mean"].value.tolist() == list(range(12))
    assert run.meta["backend"] == "sc2"
    assert any("status RUNNING" in p for p in run.problems)


@pytest.mark.parametrize("share", [0.1, 0.35, 0.6, 0.9, 0.99])
def test_truncated_info_keeps_the_start(tmp_path, share):
    folder = sacred_folder(tmp_path, 1)
    whole = (folder / "info.json").read_bytes()
    (folder / "info.json").write_bytes(whole[: int(len(whole) * share)])
    (run,) = sacred.read(tmp_path)[0]
    assert any("cut off" in p for p in run.problems)
    for series in run.series.values():  # what is kept is right
        assert series.t_env.tolist() == [10_033 * k + 50 for k in range(len(series.t_env))]


def test_missing_and_foreign_files_are_named(tmp_path):
    (sacred_folder(tmp_path, 1) / "info.json").unlink()
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / "cout.txt").write_text("no config")
    (sacred_folder(tmp_path, 3) / "config.json").write_text("[1, 2]")
    (sacred_folder(tmp_path, 4) / "run.json").write_text("")
    (tmp_path / "_sources").mkdir()
    runs, skipped = sacred.read(tmp_path)
    reasons = [r.reason for r in runs]
    assert "info.json: missing" in reasons[0]
    assert "expected a JSON object" in reasons[1]
    assert runs[2].status == "COMPLETED"
    assert "run.json: empty file" in runs[2].problems
    assert skipped[0].path.endswith("/2")


def test_stub_is_incomplete_with_numbers(tmp_path):
    sacred_folder(tmp_path, 1, t_max=2_050_000)
    (run,) = sacred.read(tmp_path)[0]
    assert run.status == "INCOMPLETE"
    assert run.reason == "12 evaluations, last at t_env 110413 of 2050000 (5.4%)"


def test_epymarl(tmp_path):
    folder = sacred_folder(tmp_path, 1, env="gymma", env_args={"key": "smaclite/3m-v0"})
    times = [10_020 * k + 11 for k in range(12)]
    synthetic_runs.dump(
        folder / "metrics.json",
        {
            "test_battle_won_mean": {"steps": times, "values": [0.5] * 12, "timestamps": []},
            "broken": 5,
        },
    )
    (run,) = epymarl.read(tmp_path)[0]
    assert (run.map, run.meta["backend"], run.status) == ("smaclite/3m-v0", "smaclite", "COMPLETED")
    assert run.series["test_battle_won_mean"].t_env.tolist() == times
    assert any(p.startswith("broken") for p in run.problems)


def test_marl_eval(tmp_path):
    steps = {
        f"step_{k}": {"step_count": 10_000 * k, "win_rate": [0, 100, 100, 0]} for k in range(5)
    }
    steps["absolute_metrics"] = {"win_rate": [50]}
    path = tmp_path / "data.json"
    synthetic_runs.dump(path, {"smac": {"3m": {"qmix": {"seed_7": steps, "seed_8": 3}}}})
    runs, skipped = marl_eval.read(path)
    assert (runs[0].seed, runs[0].meta["test_nepisode"]) == (7, 4)
    assert runs[0].series["test_battle_won_mean"].value.tolist() == [0.5] * 5
    assert "percent" in runs[0].problems[0]
    assert skipped[0].path.endswith("smac/3m/qmix/seed_8")


def test_import_mixes_sources_and_never_pools_backends(tmp_path, capsys):
    for k in (1, 2):
        sacred_folder(tmp_path / "old", k)
        synthetic_runs.write_run(
            tmp_path / "runs", "3s5z", "qmix", k, t_max=110_000, interval=10_000
        )
    args = [
        "import",
        "--from",
        "pymarl",
        tmp_path / "old",
        "--from",
        "own",
        tmp_path / "runs",
        "--sc2-build",
        "SC2.4.10",
        "--out",
        tmp_path / "d",
    ]
    assert main([str(a) for a in args]) == 0
    assert "4 of 4 runs complete" in capsys.readouterr().out
    from analysis.dataset.groups import backends_of, build_groups

    groups = build_groups(load(tmp_path / "d"))
    assert [(g.label, g.n) for g in groups] == [("QMIX [SC2.4.10]", 2), ("QMIX [sim]", 2)]
    assert "StarCraft II (SC2.4.10)" in backends_of(groups)
    info = load(tmp_path / "d").info
    assert any("2 different backends" in c and "kept apart" in c for c in info["call_outs"])


def test_duplicates_and_mixed_code_are_called_out(tmp_path):
    runs = tmp_path / "runs"
    synthetic_runs.write_run(runs, seed=1)
    synthetic_runs.write_run(runs, seed=2, provenance={"code_sha256": "b" * 64, "git_dirty": True})
    synthetic_runs.write_run(runs / "copy", seed=1)
    synthetic_runs.write_run(runs / "other", seed=2, values=[0.0] * 11)
    assert main(["collect", "--runs", str(runs), "--out", str(tmp_path / "d")]) == 0
    info = load(tmp_path / "d").info
    assert info["n_complete"] == 2
    reasons = sorted(e["reason"] for e in info["exclusions"])
    assert "(different numbers)" in reasons[1]
    assert "(same numbers)" in reasons[0]
    assert {e["code"] for e in info["exclusions"]} == {"duplicate"}
    assert any("2 different code fingerprints" in c for c in info["call_outs"])
    assert any("uncommitted code" in c for c in info["call_outs"])


def test_unknown_format_suggests(tmp_path, capsys):
    assert main(["import", "--from", "pymarll", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "did you mean 'pymarl" in capsys.readouterr().err
    assert main(["import", "--from", "pymarl", "--out", str(tmp_path)]) == 2
    assert "at least one path" in capsys.readouterr().err


def test_series_unsorted_duplicates_nan():
    problems: list[str] = []
    series = make_series("m", [30, 10, 20, 20, 40], [3, 1, 9, 2, float("nan")], problems)
    assert series.t_env.tolist() == [10, 20, 30]
    assert series.value.tolist() == [1, 2, 3]
    assert len(problems) == 3
    assert make_series("m", [], [], []) is None
    assert make_series("m", "x", [1], problems) is None
    assert make_series("m", [-1, 10**400, 5.7], [1, 1, 1], problems).t_env.tolist() == [5]


def test_as_number():
    assert as_number({"value": {"value": 3}}) != as_number(3)  # nested once only
    assert as_number(True) == 1.0
    assert np.isnan(as_number("3"))
    assert np.isnan(as_number(10**400))


def test_infer_interval():
    assert infer_interval(np.array([13, 10_046, 20_080, 30_110])) == 10_000
    assert infer_interval(np.array([0, 5_003, 10_009])) == 5_000
    assert infer_interval(np.array([0, 1_511, 3_020])) == 1_500
    assert infer_interval(np.array([5])) is None


def test_close_truncated():
    assert close_truncated('{"a": [1, 2, {"b": "x]') == '{"a": [1, 2, {}]}'
    assert close_truncated('{"a": [1, 2') == '{"a": [1]}'  # 2 may be the start of 25
    assert close_truncated('{"a": 1]') is None
    assert close_truncated("") is None
    assert json.loads(close_truncated('[["\\"", 1], [2') or "") == [['"', 1], []]
