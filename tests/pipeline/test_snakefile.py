"""The real Snakefile: job counts of every experiment file, choosing one, mistakes."""

import re
import subprocess
import sys

import pytest

from tests.support.workplace import ROOT
from workflow.containers.build_context import context_digest
from workflow.containers.engine import REPOSITORY
from workflow.experiment.experiment_file import read_experiment
from workflow.experiment.training_runs import expand_runs

pytestmark = pytest.mark.pipeline
RUNS = {
    "demo": 9, "smoke": 4, "smac_paper": 350, "learning": 30, "learning_more": 6,
    "smacv2_demo": 6, "smacv2_paper": 45,
}  # fmt: skip  # a table
STEPS_AFTER = 7  # expected, collect, plot, table, verdict, report_page, all


def count(out):
    stats = dict(re.findall(r"^(\w+)\s+(\d+)$", out, re.MULTILINE))
    return {rule: int(n) for rule, n in stats.items()}


def test_every_experiment_file_is_counted_here():
    names = {path.stem for path in (ROOT / "configs/experiments").glob("*.yaml")}
    assert names == set(RUNS)
    for name in names:
        experiment = read_experiment(name)
        assert experiment.name == name
        assert len(expand_runs(experiment)) == RUNS[name]


@pytest.mark.parametrize("name", sorted(RUNS))
def test_dry_run(workplace, name):
    code, out = workplace.snakemake("-n", "--config", f"experiment={name}")
    assert code == 0, out
    jobs = count(out)
    assert jobs["train"] == RUNS[name]
    assert jobs["total"] == RUNS[name] + STEPS_AFTER


def test_a_file_of_ones_own_replaces_the_default_experiment(workplace):
    path = workplace.experiment(seeds=[7])
    code, out = workplace.snakemake("-n", "--configfile", str(path))
    assert code == 0, out
    assert count(out)["train"] == 2
    assert "results/runs/tiny/sim/3m/qmix/seed=7/complete.json" in out
    assert "demo" not in out
    assert "test_interval" not in out


def test_a_mistake_is_one_line_and_no_traceback(workplace):
    code, out = workplace.snakemake("-n", "--configfile", str(workplace.experiment(algs=["qmx"])))
    assert code == 1
    assert "algs: no file configs/algs/qmx.yaml" in out
    assert "Traceback" not in out
    code, out = workplace.reproduce("smokee")
    assert code == 2
    assert out.splitlines() == [
        "error: experiment=smokee: no file configs/experiments/smokee.yaml; "
        "known: demo, learning, learning_more, smac_paper, smacv2_demo, smacv2_paper, smoke; "
        "did you mean 'smoke'?"
    ]


def test_thousands_of_runs_do_not_overflow_a_command_line(workplace):
    """Linux takes 128 KiB for one argument of a command line, and `bash -c COMMAND` is one."""
    path = workplace.experiment(seeds={"first": 1, "count": 2000})
    code, out = workplace.snakemake("-n", "--printshellcmds", "--configfile", str(path))
    assert code == 0, out
    assert count(out)["train"] == 4000
    commands = re.findall(r"^Shell command: (.*)$", out, re.MULTILINE)
    assert len(commands) >= 4000 + STEPS_AFTER - 2  # `all` has none, `expected` is Python
    assert any("-m analysis collect" in command for command in commands)
    assert max(map(len, commands)) < 4096
    code, out = workplace.snakemake("results/data/tiny/expected.json", "--configfile", str(path))
    assert code == 0, out
    assert (workplace.folder / "results/data/tiny/expected.json").read_text().count('"alg"') == 4000


@pytest.mark.parametrize("name", ["slurm", "cluster-generic", "default"])
def test_the_profiles_are_accepted(workplace, name):
    profile = ROOT / "profiles" / name
    code, out = workplace.snakemake(
        "-n", "--workflow-profile", str(profile), "--config", "experiment=smoke"
    )
    assert code == 0, out
    assert count(out)["train"] == RUNS["smoke"]


DOCKER = """\
#!/bin/sh
# `docker image inspect`: it is there.
# `docker run ... python -I ARGUMENTS`: this machine's Python with the arguments instead.
[ "$1" != image ] || exit 0
while [ "$1" != -I ]; do shift; done
shift
exec python "$@"
"""
QSUB = """\
#!/bin/sh
# A scheduler with a submit command: starts the job script, its last argument, and names the job.
echo "$*" >> qsub.journal
for script; do :; done
setsid sh "$script" > /dev/null 2>&1 < /dev/null &
echo "$!.fake"
"""


def test_a_scheduler_with_a_submit_command_runs_the_trainings(workplace):
    workplace.use_fake_trainer()
    programs = workplace.folder / "bin"
    programs.mkdir()
    (programs / "qsub").write_text(QSUB)
    (programs / "qsub").chmod(0o755)
    workplace.env["PATH"] = f"{programs}:{workplace.env['PATH']}"
    profile = ROOT / "profiles/cluster-generic"
    code, out = workplace.snakemake(
        "--workflow-profile",
        str(profile),
        "--configfile",
        str(workplace.experiment(algs=["vdn"])),
    )
    assert code == 0, out
    assert workplace.trained() == ["vdn/1", "vdn/2"]
    submitted = (workplace.folder / "qsub.journal").read_text().splitlines()
    assert len(submitted) == 2
    assert all("-N pymarl-train" in line and "mem=3000mb" in line for line in submitted)
    assert (workplace.folder / "results/report/tiny/index.html").is_file()


def test_another_image_means_a_build_and_other_runs_and_the_same_one_does_not(workplace):
    workplace.use_fake_trainer()
    path = workplace.experiment(algs=["vdn"], seeds=[1])
    arguments = ("-n", "--configfile", str(path), "--config", "engine=docker")
    jobs = count(workplace.snakemake(*arguments)[1])
    assert (jobs["build_image"], jobs["train"]) == (1, 1)
    # The image is there: it is not built; that it was touched says nothing.
    image = workplace.folder / f"build/image/{REPOSITORY}-{context_digest('', {})}.docker-id"
    image.parent.mkdir(parents=True)
    image.write_text("sha256:0\n")
    programs = workplace.folder / "bin"
    programs.mkdir()
    (programs / "docker").write_text(DOCKER)
    (programs / "docker").chmod(0o755)
    workplace.env["PATH"] = f"{programs}:{workplace.env['PATH']}"
    code, out = workplace.snakemake(*arguments[1:])
    assert code == 0, out
    image.touch()
    assert "Nothing to be done" in workplace.snakemake(*arguments[1:])[1]
    jobs = count(workplace.snakemake(*arguments, "base_image=other")[1])
    assert (jobs["build_image"], jobs["train"]) == (1, 1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (("engine=docker", "scratch=/tmp"), "scratch needs engine host or apptainer"),
        (("scratch=",), "scratch"),
    ],
)
def test_a_scratch_folder_that_cannot_work_is_refused(workplace, settings, message):
    code, out = workplace.snakemake("-n", "--config", "experiment=smoke", *settings)
    assert code == 1
    assert message in out
    assert "Traceback" not in out


def test_lint():
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--lint"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
