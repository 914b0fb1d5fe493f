"""The DAG on a real Slurm (.ci/slurm.sh up FOLDER): GPUs, a killed trainer, a stopped Snakemake."""

import os
import re
import shutil
import signal
import subprocess

import pytest
import yaml

from tests.support.workplace import ROOT, Workplace

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(600)]


def slurm_answers():
    if shutil.which("sinfo") is None:
        return False
    done = subprocess.run(["sinfo", "-h"], capture_output=True, text=True, timeout=30, check=False)
    return done.returncode == 0 and "main" in done.stdout


@pytest.fixture(scope="module", autouse=True)
def _slurm():
    if not slurm_answers():
        if os.environ.get("CI"):
            pytest.fail("no Slurm controller answers; .ci/test-slurm.sh brings one up")
        pytest.skip("needs a Slurm controller: .ci/slurm.sh up FOLDER")


@pytest.fixture
def cluster(workplace):
    """A workplace with the product's Slurm profile, in a hurry."""
    profile = yaml.safe_load((ROOT / "profiles/slurm/profile.yaml").read_text())
    profile |= {"slurm-init-seconds-before-status-checks": 3, "latency-wait": 10}
    folder = workplace.folder / "profile"
    folder.mkdir()
    (folder / "profile.yaml").write_text(yaml.safe_dump(profile))
    return workplace


def words(workplace: Workplace, **changes) -> list[str]:
    return [
        "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"),
        "--workflow-profile", str(workplace.folder / "profile"),
        "--configfile", str(workplace.experiment(**changes)),
    ]  # fmt: skip


def journal(workplace):
    """(run, gpu, pid) of every start."""
    text = workplace.journal.read_text() if workplace.journal.exists() else ""
    return re.findall(r"^(\S+) threads=\S+ gpu=(\S+) pid=(\d+)", text, re.MULTILINE)


def test_runs_get_one_gpu_each_and_a_killed_trainer_is_tried_again(cluster):
    cluster.stand_in(sleep_s=6)
    process = cluster.start(*words(cluster))
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

    code, out = cluster.call(*words(cluster))
    assert code == 0
    assert "Nothing to be done" in out
    assert len(journal(cluster)) == 5


@pytest.mark.slow
def test_preempted_runs_are_requeued_and_finish(cluster):
    profile = cluster.folder / "profile/profile.yaml"
    profile.write_text(
        profile.read_text().replace("slurm_partition=gpu", "slurm_partition=scavenge")
    )
    cluster.stand_in(sleep_s=20)
    process = cluster.start(*words(cluster, seeds=[1]))
    cluster.wait_until(lambda: len(journal(cluster)) >= 2, seconds=90)
    # A job of the higher tier that wants all cores.
    subprocess.run(
        ["sbatch", "--partition=main", "--cpus-per-task=8", "--mem=7000", "--wrap", "sleep 15",
         "--output=/dev/null"],
        check=True, cwd=cluster.folder,
    )  # fmt: skip
    out, _ = process.communicate(timeout=550)
    assert process.returncode == 0, out
    assert len(cluster.complete()) == 2
    assert len(journal(cluster)) > 2
