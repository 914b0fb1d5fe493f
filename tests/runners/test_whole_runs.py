"""Whole trainings: vector and parallel give the same run; a dead worker fails it by name."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

OVERRIDES = [
    "env_args.map_name=3m", "t_max=400", "test_interval=200", "test_nepisode=4", "batch_size=4",
    "runner_log_interval=100", "learner_log_interval=100", "log_interval=100", "save_model=true",
    "batch_size_run=2", "updates_per_rollout=2", "use_cuda=false",
]  # fmt: skip  # as typed


def train(
    folder: Path, *overrides: str, env: str = "sim", code: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a training in a process of its own; ``code`` runs before it."""
    start = f"{code}\nimport sys\nfrom pymarl.main import main\nsys.exit(main(sys.argv[1:]))"
    arguments = ["--config=qmix", f"--env-config={env}", "with", *overrides, f"run_dir={folder}"]
    return subprocess.run(
        [sys.executable, "-c", start, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path])},
    )


def digests(folder: Path) -> dict[str, str]:
    """Return the digests of the log, the test episodes and all parameters."""
    paths = [folder / "info.json", folder / "test_episodes.jsonl", *sorted(folder.rglob("*.th"))]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def test_vector_and_parallel_are_the_same_run(tmp_path):
    for runner in ("vector", "parallel"):
        done = train(tmp_path / runner, *OVERRIDES, f"runner={runner}")
        assert done.returncode == 0, done.stderr[-2000:]
    assert len(digests(tmp_path / "vector")) >= 5
    assert digests(tmp_path / "vector") == digests(tmp_path / "parallel")
    info = json.loads((tmp_path / "vector" / "info.json").read_text())
    assert len(info["loss"]) > 1
    console = (tmp_path / "vector" / "cout.txt").read_text()
    assert "runner=vector: 2 episode(s) per rollout; 1 update per episode" in console


def test_a_dead_worker_fails_the_run_with_one_clear_message(tmp_path):
    code = (
        "from pymarl.envs import REGISTRY\nfrom tests.runners.fakes import Leaving\n"
        "import pymarl.envs.matrix as m\nREGISTRY['matrix'] = Leaving"
    )
    overrides = ["runner=parallel", "batch_size_run=2", "use_cuda=false"]
    done = train(tmp_path / "run", *overrides, env="matrix", code=code)
    assert done.returncode == 1
    assert "died with exit code 7 at 'step'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run" / "complete.json").exists()
