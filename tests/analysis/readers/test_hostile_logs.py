"""Truncated, empty, foreign and hostile run folders: named, skipped, the rest unharmed."""

import json
import os
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.dataset.storage import load
from tests.analysis import synthetic_runs

EVIL = '<img src=x onerror="alert(1)">'


def collect(root: Path, out: Path) -> dict:
    assert main(["collect", "--runs", str(root), "--out", str(out)]) == 0
    return load(out).info


BREAK = {
    "empty info": lambda f: (f / "info.json").write_text(""),
    "truncated config": lambda f: (f / "config.json").write_text('{"name": "qm'),
    "binary info": lambda f: (f / "info.json").write_bytes(bytes(range(256))),
    "deep info": lambda f: (f / "info.json").write_text("[" * 200_000),
    "list info": lambda f: (f / "info.json").write_text("[]"),
    "huge int": lambda f: (f / "info.json").write_text('{"a": ' + "9" * 10_000 + "}"),
    "fifo": lambda f: ((f / "info.json").unlink(), os.mkfifo(f / "info.json")),
    "folder": lambda f: ((f / "info.json").unlink(), (f / "info.json").mkdir()),
    "no config": lambda f: (f / "config.json").unlink(),
    "sentinel list": lambda f: (f / "complete.json").write_text("[]"),
    "sentinel empty": lambda f: (f / "complete.json").write_text(""),
    "provenance": lambda f: (f / "provenance.json").write_text("{"),
    "wrong types": lambda f: (f / "config.json").write_text('{"name": 3, "env_args": []}'),
}


@pytest.mark.parametrize("name", BREAK)
@pytest.mark.parametrize("resealed", [True, False])
def test_broken_run_is_named_and_others_stay(tmp_path, name, resealed):
    synthetic_runs.write_run(tmp_path / "runs", seed=1)
    folder = synthetic_runs.write_run(tmp_path / "runs", seed=2)
    sentinel = (folder / "complete.json").read_text()
    if resealed and "sentinel" not in name:
        (folder / "complete.json").write_text(json.dumps(json.loads(sentinel) | {"files": {}}))
    BREAK[name](folder)
    info = collect(tmp_path / "runs", tmp_path / "d")
    assert info["n_found"] == 2
    assert info["n_complete"] == 1
    (excluded,) = info["exclusions"]
    assert excluded["run"].endswith("seed=2")
    assert excluded["code"] == "broken"
    assert len(excluded["reason"]) > 10


def test_bad_numbers_inside_a_good_run(tmp_path):
    folder = synthetic_runs.write_run(tmp_path / "runs")
    info = json.loads((folder / "info.json").read_text())
    info["test_battle_won_mean"][3] = float("nan")
    info["test_battle_won_mean_T"][4] = 10**400
    info["loss_T"][0] = 10**11  # a grid of 2e7 points
    info["weird"] = {"a": 1}
    info["text"], info["text_T"] = ["x"], [1]
    (folder / "info.json").write_text(json.dumps(info))
    synthetic_runs.seal(folder)
    assert collect(tmp_path / "runs", tmp_path / "d")["n_complete"] == 1
    tidy = load(tmp_path / "d").tidy
    assert (tidy["metric"] == "test_battle_won_mean").sum() == 9
    assert tidy["t_env"].max() < 10**9
    problems = load(tmp_path / "d").info["repairs"][0]["problems"]
    assert len(problems) >= 4
    assert main(["plot", "--data", str(tmp_path / "d"), "--out", str(tmp_path / "f")]) == 0


def test_bad_episode_lines(tmp_path):
    folder = synthetic_runs.write_run(tmp_path / "runs", n_episodes=4)
    path = folder / "test_episodes.jsonl"
    good = path.read_text().splitlines()
    bad = ["", "{", "[]", '{"t_env": "x"}', '{"t_env": 1e400, "battle_won": 1}', '{"t_env": 3}']
    path.write_text("\n".join(good[:2] + bad + good[2:] + ['{"t_env": 5, "batt']))
    synthetic_runs.seal(folder)
    info = collect(tmp_path / "runs", tmp_path / "d")
    assert info["n_test_episodes"] == len(good)
    assert "test_episodes.jsonl: 6 lines not usable, left out" in info["repairs"][0]["problems"]


def test_html_and_math_in_labels(tmp_path):
    """Labels are text everywhere: figure, markdown, LaTeX, page, file names."""
    name = EVIL + " $\\frac{1"
    folder = synthetic_runs.write_run(
        tmp_path / "runs",
        "3m",
        "qmix",
        1,
        config={"name": name, "env_args": {"map_name": "../../" + EVIL}, "experiment": EVIL},
    )
    assert folder.exists()
    data, out = tmp_path / "d", tmp_path / "out"
    collect(tmp_path / "runs", data)
    for command in ("plot", "table", "report"):
        assert main([command, "--data", str(data), "--out", str(out / command)]) == 0
    assert not list(tmp_path.parent.glob("*img*"))
    written = [p for p in out.rglob("*") if p.is_file()]
    assert all("/" not in p.name and ".." not in p.name for p in written)
    assert all(out in p.parents for p in written)
    page = (out / "report" / "index.html").read_text()
    assert "<img" not in page
    assert "<img" not in (out / "table" / "summary.md").read_text()
    assert r"\frac" not in (out / "table" / "summary.tex").read_text()


def test_folder_and_config_disagree(tmp_path):
    synthetic_runs.write_run(tmp_path / "runs", config={"name": "vdn", "seed": 9})
    info = collect(tmp_path / "runs", tmp_path / "d")
    assert "folder says alg 'qmix', config says 'vdn'" in info["repairs"][0]["problems"]
    assert load(tmp_path / "d").runs["seed"].tolist() == [9]


def test_sentinel_cannot_point_elsewhere(tmp_path):
    """File names in complete.json are never opened unless they are ours."""
    folder = synthetic_runs.write_run(tmp_path / "runs")
    sentinel = json.loads((folder / "complete.json").read_text())
    os.mkfifo(tmp_path / "trap")  # opening it would hang
    sentinel["files"]["../../../../../../trap"] = "0" * 64
    synthetic_runs.dump(folder / "complete.json", sentinel)
    assert collect(tmp_path / "runs", tmp_path / "d")["n_complete"] == 1


def test_symlinked_folders_are_not_followed(tmp_path):
    synthetic_runs.write_run(tmp_path / "elsewhere", seed=5)
    synthetic_runs.write_run(tmp_path / "runs", seed=1)
    (tmp_path / "runs" / "link").symlink_to(tmp_path / "elsewhere")
    assert collect(tmp_path / "runs", tmp_path / "d")["n_found"] == 1


def test_damaged_tables_are_one_line(tmp_path, capsys):
    synthetic_runs.write_run(tmp_path / "runs")
    collect(tmp_path / "runs", tmp_path / "d")
    (tmp_path / "d" / "tidy.parquet").write_bytes(b"PAR1junk")
    assert main(["plot", "--data", str(tmp_path / "d"), "--out", str(tmp_path / "f")]) == 2
    assert "not a readable parquet file" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["[]", "{}", '{"runs": [1]}', "", "{"])
def test_bad_expected_file(tmp_path, text, capsys):
    synthetic_runs.write_run(tmp_path / "runs")
    (tmp_path / "e.json").write_text(text)
    args = [
        "collect",
        "--runs",
        tmp_path / "runs",
        "--expected",
        tmp_path / "e.json",
        "--out",
        tmp_path / "d",
    ]
    assert main([str(a) for a in args]) == 2
    assert "e.json" in capsys.readouterr().err
