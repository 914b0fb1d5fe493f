"""Kill a run at any instant, start it again: the same bits as a run that was never interrupted."""

import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

SETTINGS = [
    "env_args.map_name=3m",
    "t_max=1500",
    "test_interval=500",
    "test_nepisode=4",
    "batch_size=6",
    "buffer_size=30",
    "checkpoint_interval=150",
    "log_interval=400",
    "runner_log_interval=300",
    "learner_log_interval=300",
    "target_update_interval=10",
]


def command(alg: str, folder: Path, *overrides: str) -> list[str]:
    words = [*SETTINGS, f"run_dir={folder}", *overrides]
    flags = [f"--config={alg}", "--env-config=sim"]
    return [sys.executable, "-u", "-m", "pymarl", *flags, "with", *words]


def run(alg: str, folder: Path, *overrides: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(alg, folder, *overrides), capture_output=True, text=True, check=False
    )


def run_and_stop(alg: str, folder: Path, how: int, delay_s: float) -> bool:
    """Start a run, send the signal ``how`` a while after training began; return whether it ended.

    The delay is counted from the line that says that training begins.
    """
    process = subprocess.Popen(command(alg, folder), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if "Beginning training" in line:
            break
    time.sleep(delay_s)
    process.send_signal(how)
    process.communicate()
    return process.returncode == 0


def digests(folder: Path) -> dict[str, str]:
    names = [folder / "info.json", folder / "test_episodes.jsonl", *sorted(folder.rglob("*.th"))]
    assert len(names) >= 5
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in names
    }


def killed_then_finished(alg: str, folder: Path, stops: list[tuple[int, float]]) -> int:
    """Stop the run by each (signal, delay), then let it end; return how often it was stopped."""
    for count, (how, delay_s) in enumerate(stops):
        if run_and_stop(alg, folder, how, delay_s):
            return count
    done = run(alg, folder)
    assert done.returncode == 0, done.stderr[-2000:]
    return len(stops)


def test_a_killed_run_resumes_to_the_same_bits(tmp_path):
    assert run("qmix", tmp_path / "whole").returncode == 0
    stops = [(signal.SIGKILL, 0.4), (signal.SIGTERM, 0.9)]
    assert killed_then_finished("qmix", tmp_path / "cut", stops) >= 1
    assert digests(tmp_path / "cut") == digests(tmp_path / "whole")
    provenance = json.loads((tmp_path / "cut" / "provenance.json").read_text())
    assert provenance["resumes"] >= 1
    assert not (tmp_path / "cut" / "work").exists()


@pytest.mark.slow
@pytest.mark.parametrize("alg", ["qmix", "vdn", "iql"])
@pytest.mark.parametrize("seed", range(4))
def test_the_sweep_of_kill_points(tmp_path, alg, seed):
    """At least 30 kills in all, at random instants, over the algorithms."""
    assert run(alg, tmp_path / "whole").returncode == 0
    delays = np.random.default_rng(seed).uniform(0.0, 2.5, 5)
    stops = [(signal.SIGKILL, float(delay_s)) for delay_s in delays]
    assert killed_then_finished(alg, tmp_path / "cut", stops) >= 3
    assert digests(tmp_path / "cut") == digests(tmp_path / "whole")


def interrupted(tmp_path: Path) -> Path:
    """Return the work folder of a run that was stopped with a checkpoint."""
    process = subprocess.Popen(command("vdn", tmp_path / "run"), stdout=subprocess.DEVNULL)
    latest = tmp_path / "run" / "work" / "checkpoint" / "latest.json"
    while not latest.exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.terminate()
    assert process.wait() == 143
    return tmp_path / "run" / "work"


def test_damaged_and_foreign_checkpoints_are_named_and_left_alone(tmp_path):
    work = interrupted(tmp_path)
    latest = work / "checkpoint" / "latest.json"
    entry = json.loads(latest.read_text())
    state = work / "checkpoint" / entry["state"]["file"]
    state.write_bytes(state.read_bytes()[:-7] + b"damaged")
    done = run("vdn", tmp_path / "run")
    assert done.returncode == 1
    assert f"{state}: damaged (wrong SHA-256)" in done.stderr
    assert "Traceback" not in done.stderr
    assert state.read_bytes().endswith(b"damaged")


def test_another_configuration_does_not_resume_but_starts_over_and_says_so(tmp_path):
    work = interrupted(tmp_path)
    done = run("vdn", work.parent, "lr=0.001", "t_max=200")
    assert done.returncode == 0
    assert "an earlier attempt" in done.stderr
    assert "Resuming" not in done.stdout
    assert (work.parent / "failed-1" / "work" / "checkpoint" / "latest.json").exists()
    assert json.loads((work.parent / "provenance.json").read_text())["resumes"] == 0


def test_a_longer_training_may_resume_from_a_shorter_one(tmp_path):
    work = interrupted(tmp_path)
    done = run("vdn", work.parent, "t_max=1700")
    assert done.returncode == 0
    assert "Resuming at t_env" in done.stdout
    assert run("vdn", tmp_path / "whole", "t_max=1700").returncode == 0
    assert digests(work.parent) == digests(tmp_path / "whole")
