"""Kill a run at any instant, start it again: the same bits as a run that was never interrupted."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.determinism.killing import Case, digests
from tests.determinism.sweeping import Sweep, forks

VDN = Case("vdn")
VECTOR = ("runner=vector", "batch_size_run=4")
COMA = ("batch_size=4", "buffer_size=4")
SWEEP = {
    "iql, episode": Case("iql"),
    "vdn, parallel": Case("vdn", ("runner=parallel", "batch_size_run=2")),
    "qmix, vector": Case(
        "qmix", (*VECTOR, "updates_per_rollout=2", "env_args.enemy_order=shuffled")
    ),
    "qmix, changing teams": Case(
        "qmix",
        (
            *VECTOR,
            "env_args.map_name=terran_5_vs_5",
            "env_args.prob_obs_enemy=0.5",
            "held_out_tests=4",
        ),
    ),
    "qtran, episode": Case("qtran"),
    "qplex, episode": Case("qplex", ("burn_in_period=8",)),
    "cw_qmix, vector": Case("cw_qmix", VECTOR),
    "ow_qmix_ft, vector": Case("ow_qmix_ft", VECTOR),
    "qatten, episode": Case("qatten"),
    "coma, vector": Case("coma", (*VECTOR, *COMA)),
    "coma, parallel": Case("coma", ("runner=parallel", "batch_size_run=4", *COMA)),
}
KILLS = 10  # of each


@pytest.mark.parametrize(
    "case",
    [Case("qmix"), SWEEP["coma, vector"], SWEEP["qmix, changing teams"]],
    ids=["qmix", "coma", "changing teams"],
)
def test_a_killed_run_resumes_to_the_same_bits(tmp_path, case):
    assert case.run(tmp_path / "whole").returncode == 0
    stops = 0
    for how, delay_s in ((signal.SIGKILL, 0.4), (signal.SIGTERM, 0.9)):
        if case.run_and_stop(tmp_path / "cut", how, delay_s):
            break
        stops += 1
    else:
        assert case.run(tmp_path / "cut").returncode == 0
    assert stops >= 1
    assert digests(tmp_path / "cut") == digests(tmp_path / "whole")
    provenance = json.loads((tmp_path / "cut" / "provenance.json").read_text())
    assert provenance["resumes"] >= 1
    assert provenance["held_out_tests"] == (4 if "held_out_tests=4" in case.overrides else 0)
    assert not (tmp_path / "cut" / "work").exists()


@pytest.fixture(scope="module")
def server():
    with forks() as started:
        yield started


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", SWEEP)
def test_the_sweep_of_kill_points(tmp_path, name, server):
    """At least 60 kills in all, at random instants, over all algorithms and runners."""
    sweep = Sweep(server, SWEEP[name], np.random.default_rng([5, *name.encode()]))
    sweep.run(tmp_path / "whole")
    expected = digests(tmp_path / "whole")
    resumed = 0
    for attempt in range(20):
        folder = tmp_path / f"cut-{attempt}"
        sweep.stop_until_done(folder)
        assert digests(folder) == expected, sweep.stops
        resumed += json.loads((folder / "provenance.json").read_text())["resumes"]
        if len(sweep.stops) >= KILLS and resumed >= KILLS // 2:
            break
    kinds = sorted(set(sweep.stops))
    sys.stdout.write(
        f"{name}: {len(sweep.stops)} stops "
        f"({', '.join(f'{sweep.stops.count(kind)} x {kind}' for kind in kinds)}), "
        f"{resumed} resumes from a checkpoint, {attempt + 1} run(s) compared\n"
    )
    assert len(sweep.stops) >= KILLS
    assert resumed >= KILLS // 2


def interrupted(tmp_path: Path) -> Path:
    """Return the work folder of a run that was stopped with a checkpoint."""
    process = subprocess.Popen(VDN.command(tmp_path / "run"), stdout=subprocess.DEVNULL)
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
    done = VDN.run(tmp_path / "run")
    assert done.returncode == 1
    assert f"{state}: damaged (wrong SHA-256)" in done.stderr
    assert "Traceback" not in done.stderr
    assert state.read_bytes().endswith(b"damaged")


def test_another_configuration_does_not_resume_but_starts_over_and_says_so(tmp_path):
    work = interrupted(tmp_path)
    done = VDN.run(work.parent, "lr=0.001", "t_max=200")
    assert done.returncode == 0
    assert "an earlier attempt" in done.stderr
    assert "Resuming" not in done.stdout
    assert (work.parent / "failed-1" / "work" / "checkpoint" / "latest.json").exists()
    assert json.loads((work.parent / "provenance.json").read_text())["resumes"] == 0


def test_a_longer_training_may_resume_from_a_shorter_one(tmp_path):
    work = interrupted(tmp_path)
    done = VDN.run(work.parent, "t_max=1700")
    assert done.returncode == 0
    assert "Resuming at t_env" in done.stdout
    assert VDN.run(tmp_path / "whole", "t_max=1700").returncode == 0
    assert digests(work.parent) == digests(tmp_path / "whole")
