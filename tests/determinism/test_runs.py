"""Whole runs in processes of their own: same seed, same bits; and the record they leave."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pymarl.envs.skirmish.engine_version import ENGINE_VERSION

ARGS = ["env_args.map_name=3m", "t_max=900", "test_interval=300", "test_nepisode=4", "batch_size=4"]
QUICK = [*ARGS, "runner_log_interval=200", "learner_log_interval=200", "log_interval=300"]


def train(folder: Path, *overrides: str, alg: str = "qmix", expect: int = 0):
    settings = [*QUICK, "save_model=true", f"run_dir={folder}", *overrides]
    done = subprocess.run(
        [sys.executable, "-m", "pymarl", f"--config={alg}", "--env-config=sim", "with", *settings],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONHASHSEED": "random"},
    )
    assert done.returncode == expect, done.stderr[-2000:] + done.stdout[-2000:]
    return done


def digests(folder: Path) -> dict[str, str]:
    """Return the digests of everything that must not depend on the process or the clock."""
    names = [folder / "info.json", folder / "test_episodes.jsonl", *sorted(folder.rglob("*.th"))]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in names
    }


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "first"
    train(folder)
    return folder


def test_two_processes_give_the_same_log_episodes_and_parameters(first, tmp_path):
    train(tmp_path / "second")
    assert len(digests(first)) >= 5
    assert digests(tmp_path / "second") == digests(first)


def test_another_seed_gives_another_run(first, tmp_path):
    train(tmp_path / "other", "seed=2")
    assert digests(tmp_path / "other") != digests(first)


def test_testing_does_not_change_the_training(first, tmp_path):
    train(tmp_path / "rare", "test_interval=100000")
    info, rare = (json.loads((f / "info.json").read_text()) for f in (first, tmp_path / "rare"))
    for key in ("return_mean", "loss", "grad_norm", "battle_won_mean"):
        assert info[key] == rare[key]
        assert info[f"{key}_T"] == rare[f"{key}_T"]
    assert len(info["test_return_mean"]) > len(rare["test_return_mean"])


def test_the_record_of_a_run(first):
    info = json.loads((first / "info.json").read_text())
    config = json.loads((first / "config.json").read_text())
    run = json.loads((first / "run.json").read_text())
    provenance = json.loads((first / "provenance.json").read_text())
    episodes = [
        json.loads(line) for line in (first / "test_episodes.jsonl").read_text().splitlines()
    ]
    assert run["status"] == "COMPLETED"
    assert (config["name"], config["env"], config["seed"]) == ("qmix", "sim", 1)
    assert provenance["backend"] == "sim"
    assert "not StarCraft II" in provenance["backend_label"]
    assert provenance["engine_version"] == ENGINE_VERSION
    assert provenance["device"] == "cpu"
    assert provenance["env_steps"] > 900
    for key, values in info.items():
        assert all(type(value) in (int, float) for value in values), key
        if not key.endswith("_T"):
            assert len(values) == len(info[f"{key}_T"])
    # nominal evaluations at 0, 300, 600, 900, four episodes each
    assert [row["t_nominal"] for row in episodes] == [
        t for t in (0, 300, 600, 900) for _ in range(4)
    ]
    assert [row["index"] for row in episodes] == [0, 1, 2, 3] * 4
    assert info["test_battle_won_mean_T"] == sorted({row["t_env"] for row in episodes})
    for k, t_env in enumerate(info["test_battle_won_mean_T"]):
        rows = [row for row in episodes if row["t_env"] == t_env]
        assert info["test_battle_won_mean"][k] == sum(row["battle_won"] for row in rows) / 4
        assert info["test_return_mean"][k] == pytest.approx(sum(r["return"] for r in rows) / 4)
    assert "cout.txt" in json.loads((first / "complete.json").read_text())["files"]
    assert "Finished training" in (first / "cout.txt").read_text()


def test_a_saved_model_is_evaluated_and_continued(first, tmp_path):
    models = first / "models"
    newest = max(int(folder.name) for folder in models.iterdir())
    train(tmp_path / "eval", f"checkpoint_path={models}", "evaluate=true", "test_nepisode=6")
    info = json.loads((tmp_path / "eval" / "info.json").read_text())
    assert info["test_battle_won_mean_T"] == [newest]
    assert len((tmp_path / "eval" / "test_episodes.jsonl").read_text().splitlines()) == 6

    train(tmp_path / "on", f"checkpoint_path={models}", f"t_max={newest + 200}")
    episodes = json.loads((first / "models" / str(newest) / "counters.json").read_text())["episode"]
    info = json.loads((tmp_path / "on" / "info.json").read_text())
    assert info["episode"][0] == episodes + 1
    assert min(info["test_battle_won_mean_T"]) > newest


def test_the_last_battle_of_an_evaluation_is_kept_with_the_run(first, tmp_path):
    evaluation = f"checkpoint_path={first / 'models'}", "save_replay=true", "test_nepisode=1"
    train(tmp_path / "eval", *evaluation)
    battles = tmp_path / "eval" / "battles"
    [record] = battles.glob("*.skirmish")
    battle = json.loads(record.with_suffix(".json").read_text())
    [episode] = (tmp_path / "eval" / "test_episodes.jsonl").read_text().splitlines()
    assert battle["result"]["steps"] == json.loads(episode)["length"]
    assert battle["result"]["battle_won"] == json.loads(episode)["battle_won"]
    files = json.loads((tmp_path / "eval" / "complete.json").read_text())["files"]
    assert f"battles/{record.name}" in files


def test_a_missing_model_is_an_error_not_a_fresh_start(tmp_path):
    done = train(tmp_path / "run", f"checkpoint_path={tmp_path}/none", "evaluate=true", expect=1)
    assert "checkpoint_path=" in done.stderr
    assert "no such folder" in done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads((tmp_path / "run" / "work" / "run.json").read_text())["status"] == "FAILED"


def test_a_finished_run_is_not_run_again(first):
    before = (first / "complete.json").read_bytes()
    done = train(first, expect=2)
    assert "already holds a complete run" in done.stderr
    assert (first / "complete.json").read_bytes() == before


def test_a_diverging_run_fails_with_step_key_and_seed(tmp_path):
    done = train(tmp_path / "run", "lr=1e30", "grad_norm_clip=1e30", expect=1)
    named = r"(loss|grad_norm)=(inf|nan) at t_env=[1-9]\d*, update [1-9]\d*, seed=1:"
    assert re.search(named, done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run" / "complete.json").exists()
