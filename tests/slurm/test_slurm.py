"""The DAG on a real Slurm: GPUs, a killed trainer, a second call."""

import os
import re
import signal

import pytest

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(600)]


def journal(workplace):
    """(run, gpu, pid) of every start."""
    text = workplace.journal.read_text() if workplace.journal.exists() else ""
    return re.findall(r"^(\S+) threads=\S+ gpu=(\S+) pid=(\d+)", text, re.MULTILINE)


def test_runs_get_one_gpu_each_and_a_killed_trainer_is_tried_again(cluster):
    cluster.use_fake_trainer(sleep_s=6)
    process = cluster.start(*cluster.snakemake_arguments())
    cluster.wait_until(lambda: len(journal(cluster)) >= 2, seconds=90)
    run, _, pid = journal(cluster)[0]
    os.kill(int(pid), signal.SIGKILL)
    out, _ = process.communicate(timeout=420)
    assert process.returncode == 0, out
    assert len(cluster.complete()) == 4
    starts = journal(cluster)
    assert [name for name, _, _ in starts].count(run) == 2
    assert len(starts) == 5
    # Two GPUs, two runs at a time, one GPU each.
    assert {gpu for _, gpu, _ in starts} == {"0", "1"}
    assert {gpu for _, gpu, _ in starts[:2]} == {"0", "1"}
    assert (cluster.folder / "results/figures/tiny/win_rate.svg").is_file()

    code, out = cluster.call(*cluster.snakemake_arguments())
    assert code == 0
    assert "Nothing to be done" in out
    assert len(journal(cluster)) == 5


def test_a_configuration_that_a_run_refuses_is_submitted_once(cluster):
    """With the profile's five retries; what the planning check finds is not submitted at all."""
    cluster.use_fake_trainer()
    cluster.env["FAKE_TRAINER_REFUSE"] = "qmix/1"
    code, out = cluster.call(
        *cluster.snakemake_arguments(algs=["qmix"], sweep={"td_lambda": [0, 0.4]}, seeds=[1, 2]),
        timeout=420,
    )
    assert code == 1, out
    names = [name for name, _, _ in journal(cluster)]
    assert sorted(names) == ["qmix/1", "qmix/1", "qmix/2", "qmix/2"]  # of two variants
    assert len(re.findall(r"has been submitted with SLURM jobid", out)) == 4
    assert len(cluster.complete()) == 2
    assert "FAILED run 3m qmix[td_lambda=0] seed=1: pymarl: lr='abc'" in out
