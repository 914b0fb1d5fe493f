"""Training on ``env=sc2`` over the stand-in, from the command line to the published folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pymarl.envs.skirmish.engine_version import ENGINE_VERSION
from tests.support.standin import install_standin

SHORT = [
    "t_max=300", "test_interval=150", "test_nepisode=4", "log_interval=100",
    "runner_log_interval=100", "learner_log_interval=100", "batch_size=4", "use_cuda=false",
]  # fmt: skip  # as typed


def train(folder, *arguments, timeout=280):
    command = [sys.executable, "-m", "pymarl", *arguments[:2], "with", *arguments[2:], *SHORT]
    command.append(f"local_results_path={folder}")
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def processes_in(folder):
    """Return the command lines of processes that name a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()):
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if str(folder) in line:
                found.append(line)
    return found


def test_four_games_in_parallel(sc2path, tmp_path):
    arguments = ["env_args.map_name=3m", "runner=parallel", "batch_size_run=4", "seed=2"]
    train(tmp_path, "--config=qmix", "--env-config=sc2", *arguments)
    (run,) = (tmp_path / "runs").glob("*/sc2/3m/qmix/seed=2")
    origin = json.loads((run / "provenance.json").read_text())
    assert origin["backend"] == "standin"
    assert origin["backend_label"] == "stand-in server on the embedded simulator, not StarCraft II"
    assert origin["sc2_build"] == "4.10.0.75689"
    assert origin["engine_version"] == ENGINE_VERSION
    assert len(origin["map_sha256"]) == 64
    assert origin["lost_episodes"] == 0
    assert origin["env_steps"] >= 300
    assert json.loads((run / "run.json").read_text())["status"] == "COMPLETED"
    assert not processes_in(sc2path)

    # The same run in the simulator: the same episodes, so the same log.
    train(tmp_path, "--config=qmix", "--env-config=sim", *arguments)
    (sim,) = (tmp_path / "runs").glob("*/sim/3m/qmix/seed=2")
    assert json.loads((run / "info.json").read_text()) == json.loads(
        (sim / "info.json").read_text()
    )
    episodes = "test_episodes.jsonl"
    assert (run / episodes).read_bytes() == (sim / episodes).read_bytes()


@pytest.mark.slow
@pytest.mark.pipeline
@pytest.mark.timeout(1500)
def test_the_whole_pipeline(workplace, tmp_path_factory):
    game = install_standin(tmp_path_factory.mktemp("standin") / "StarCraftII")
    workplace.env["SC2PATH"] = str(game)
    smoke = yaml.safe_load(Path("configs/experiments/smoke.yaml").read_text())
    smoke |= {"experiment": "tiny", "env": "sc2"}
    smoke["with"] |= {"runner": "parallel", "batch_size_run": 4}
    code, out = workplace.reproduce(workplace.experiment(**smoke), timeout=1400)
    assert code == 0, out
    results = workplace.folder / "results"
    assert "<svg" in (results / "figures/tiny/win_rate.svg").read_text()
    assert json.loads((results / "data/tiny/exclusions.json").read_text())["exclusions"] == []
    origins = [json.loads(p.read_text()) for p in results.glob("runs/**/provenance.json")]
    assert len(origins) == 4
    assert {origin["backend"] for origin in origins} == {"standin"}
    # The figure and the report say that this is not StarCraft II.
    assert "stand-in" in (results / "report/tiny/index.html").read_text()
    assert not processes_in(game)
