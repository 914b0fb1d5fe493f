"""Real training on a real Slurm: what a run survives, and that it goes on from its checkpoint.

Minutes each, as Slurm holds a requeued job for two: SLURM_TESTS='slurm and slow' .ci/test-slurm.sh
"""

import json
import os
import re
import signal
import subprocess

import pytest

pytestmark = [pytest.mark.slurm, pytest.mark.slow, pytest.mark.timeout(2400)]
# One core for each run and no GPU: three runs at once.
ANYWHERE = {
    "set-resources": ["train:slurm_partition=main", "train:runtime=60", "train:mem_mb=1500"]
}
TRAINING = {
    "algs": ["vdn"],
    "t_max": 60000,
    "with": {"checkpoint_interval": 1000, "test_interval": 20000, "test_nepisode": 4},
}


def slurm(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def job_of(seed):
    """The id of the job that trains this seed, from its comment."""
    for line in slurm("squeue", "-h", "-o", "%i %k").splitlines():
        job, _, comment = line.partition(" ")
        if re.search(rf"\b{seed}$|_{seed}\b", comment):
            return job
    return None


def checkpoints(cluster):
    return len(list(cluster.folder.glob("results/runs/**/work/checkpoint/latest.json")))


def resumes(cluster):
    """How often each seed's run was taken up again, as its provenance says."""
    found = {}
    for path in cluster.folder.glob("results/runs/**/provenance.json"):
        said = json.loads(path.read_text())
        found[said["seed"]] = said["resumes"]
    return found


def finish(cluster, process, seconds=1800):
    out, _ = process.communicate(timeout=seconds)
    assert process.returncode == 0, out
    assert (cluster.folder / "results/figures/tiny/win_rate.svg").is_file()
    return out


def test_cancelled_and_requeued_runs_resume_also_with_a_nodes_own_disk(cluster):
    cluster.profile(**ANYWHERE)
    disk = cluster.folder / "disk"
    disk.mkdir()
    cluster.env["NODE_DISK"] = str(disk)
    process = cluster.start(
        *cluster.snakemake_arguments("scratch=$NODE_DISK", seeds=[1, 2, 3], **TRAINING)
    )
    cluster.wait_until(lambda: checkpoints(cluster) == 3, seconds=900)
    assert list(disk.glob("pymarl-*/run/work"))
    slurm("scancel", job_of(1))
    slurm("scontrol", "requeue", job_of(2))
    finish(cluster, process)
    counted = resumes(cluster)
    assert counted[1] >= 1
    assert counted[2] >= 1
    assert counted[3] == 0
    assert list(disk.iterdir()) == []


def test_preempted_runs_resume(cluster):
    cluster.profile(
        **{"set-resources": ["train:slurm_partition=scavenge", "train:runtime=60"]},
    )
    process = cluster.start(*cluster.snakemake_arguments(seeds=[1, 2], **TRAINING))
    cluster.wait_until(lambda: checkpoints(cluster) == 2, seconds=900)
    # A job of the higher tier that wants all cores.
    slurm(
        "sbatch",
        "--partition=main",
        "--cpus-per-task=8",
        "--mem=7000",
        "--wrap=sleep 15",
        "--output=/dev/null",
    )
    finish(cluster, process)
    assert set(resumes(cluster)) == {1, 2}
    assert min(resumes(cluster).values()) >= 1


def test_jobs_outlive_a_killed_snakemake_and_are_not_trained_again(cluster):
    cluster.profile(**ANYWHERE)
    arguments = cluster.snakemake_arguments(seeds=[1, 2], **TRAINING)
    process = cluster.start(*arguments)
    cluster.wait_until(lambda: checkpoints(cluster) == 2, seconds=900)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    cluster.wait_until(lambda: slurm("squeue", "-h") == "", seconds=600)
    assert len(cluster.complete()) == 2
    assert cluster.call(*arguments, "--unlock")[0] == 0
    out = finish(cluster, cluster.start(*arguments))
    assert "rule train:" not in out
    assert resumes(cluster) == {1: 0, 2: 0}


def test_a_run_longer_than_the_time_limit_goes_on_in_the_next_job(cluster):
    """The fake trainer's time is known: 150 seconds, with a limit of two minutes."""
    cluster.profile(**{"set-resources": ["train:slurm_partition=main", "train:runtime=2"]})
    cluster.use_fake_trainer(sleep_s=150)
    finish(cluster, cluster.start(*cluster.snakemake_arguments(algs=["vdn"], seeds=[1])))
    assert len(cluster.journal.read_text().splitlines()) >= 2
    saved = next(cluster.folder.glob("results/runs/**/work/elapsed"))
    assert 30 < float(saved.read_text()) < 150
