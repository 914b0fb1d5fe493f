"""`make reproduce` with fake commands: what runs, what runs again, what is said."""

import contextlib
import os
import re
import signal
from pathlib import Path

import pytest

pytestmark = pytest.mark.pipeline
ALL = ["qmix/1", "qmix/2", "vdn/1", "vdn/2"]


def test_runs_everything_once_then_says_that_nothing_is_to_be_done(workplace):
    workplace.use_fake_trainer()
    path = workplace.experiment()
    code, out = workplace.reproduce(path)
    assert code == 0, out
    assert "tiny: 4 of 4 runs complete" in out
    for output in (
        "results/figures/tiny/win_rate.png",
        "results/tables/tiny/summary.md",
        "results/report/tiny/index.html",
    ):
        assert output in out
        assert (workplace.folder / output).is_file()
    assert "threads=1 " in workplace.journal.read_text()
    assert workplace.trained() == ALL
    code, out = workplace.reproduce(path)
    assert code == 0
    assert "nothing to be done" in out
    assert workplace.trained() == []


def test_a_failed_run_is_named_with_its_log_and_the_others_finish(workplace):
    workplace.use_fake_trainer(fail="vdn/1")
    path = workplace.experiment()
    code, out = workplace.reproduce(path)
    assert code == 1
    log = "results/logs/tiny/train/sim/3m/vdn/seed=1.log"
    assert "3 of 4 runs are complete" in out
    assert "FAILED run 3m vdn seed=1: RuntimeError: the loss is not finite" in out
    assert log in out
    assert "the loss is not finite" in (workplace.folder / log).read_text()
    assert workplace.trained() == ALL

    # What is complete can be drawn, the missing run listed.
    code, out = workplace.reproduce(path, "--partial")
    assert code == 0, out
    assert "3 of 4 runs complete; 1 missing, listed in results/data/tiny/exclusions.json" in out
    exclusions = (workplace.folder / "results/data/tiny/exclusions.json").read_text()
    assert exclusions == '["results/runs/tiny/sim/3m/vdn/seed=1"]'
    assert workplace.trained() == []

    # Repaired, only the failed one runs, and the figures are drawn from all.
    workplace.use_fake_trainer()
    code, out = workplace.reproduce(path)
    assert code == 0, out
    assert workplace.trained() == ["vdn/1"]
    assert (workplace.folder / "results/data/tiny/exclusions.json").read_text() == "[]"


def test_plain_snakemake_names_the_failed_run_too(workplace):
    workplace.use_fake_trainer(fail="qmix/2")
    code, out = workplace.snakemake("--configfile", str(workplace.experiment()))
    assert code == 1
    assert "FAILED run 3m qmix seed=2: RuntimeError: the loss is not finite" in out
    assert workplace.trained() == ALL


CHANGES = {
    "nothing": ({}, []),
    "one algorithm's setting": (
        {"overrides": {"algs": {"vdn": {"lr": 0.001}}}},
        ["vdn/1", "vdn/2"],
    ),
    "a map's setting": ({"overrides": {"maps": {"3m": {"lr": 0.001}}}}, ALL),
    "one more seed": ({"seeds": [1, 2, 3]}, ["qmix/3", "vdn/3"]),
    "a setting of all": ({"with": {"test_interval": 100}}, ALL),
    "the steps": ({"t_max": 700}, ALL),
    "the description": ({"description": "other words"}, []),
    "an empty section": ({"with": {}}, []),
}


def test_a_change_reruns_exactly_the_runs_that_it_touches(workplace):
    workplace.use_fake_trainer()
    assert workplace.reproduce(workplace.experiment())[0] == 0
    workplace.trained()
    planned = {}
    for name, (change, _) in CHANGES.items():
        code, out = workplace.snakemake("--configfile", str(workplace.experiment(**change)), "-n")
        assert code == 0, out
        runs = re.findall(r"output: results/runs/tiny/sim/3m/(\w+)/seed=(\d+)/complete", out)
        planned[name] = sorted(f"{alg}/{seed}" for alg, seed in runs)
    assert planned == {name: runs for name, (_, runs) in CHANGES.items()}

    # And what is planned is what happens.
    change, runs = CHANGES["one algorithm's setting"]
    code, out = workplace.reproduce(workplace.experiment(**change))
    assert code == 0, out
    assert workplace.trained() == runs


def test_fewer_seeds_train_nothing_and_draw_again(workplace):
    workplace.use_fake_trainer()
    assert workplace.reproduce(workplace.experiment())[0] == 0
    workplace.trained()
    code, out = workplace.reproduce(workplace.experiment(seeds=[1]))
    assert code == 0, out
    assert workplace.trained() == []
    assert "2 of 2 runs complete" in out


def command(pid):
    """The command line of a process, empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


@pytest.mark.parametrize(
    "whole_group", [True, False], ids=["everything killed", "snakemake killed"]
)
def test_killed_in_the_middle_it_finishes_without_redoing_finished_runs(workplace, whole_group):
    workplace.use_fake_trainer(sleep_s=4)
    path = workplace.experiment()
    process = workplace.start(*workplace.reproduce_arguments(path))
    # Two runs are complete and two are at work.
    workplace.wait_until(lambda: len(workplace.complete()) >= 2)
    workplace.wait_until(lambda: len(workplace.journal.read_text().splitlines()) == 4)
    finished = {p: p.stat().st_mtime_ns for p in workplace.complete()}
    # With only the reproducer and snakemake gone, trainers are left that nobody waits for.
    spared = "-m pymarl" if not whole_group else None

    def all_gone():
        doomed = [pid for pid in workplace.processes() if not (spared and spared in command(pid))]
        for pid in doomed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not doomed

    workplace.wait_until(all_gone)
    process.wait(timeout=10)
    assert bool(workplace.processes()) != whole_group
    assert any((workplace.folder / ".snakemake/locks").iterdir())

    workplace.trained()
    code, out = workplace.reproduce(path)
    assert code == 0, out
    assert "removing the lock of a killed call" in out
    assert ("that a killed call left behind" in out) != whole_group
    again = workplace.trained()
    assert len(again) == 4 - len(finished)
    assert {p: p.stat().st_mtime_ns for p in finished} == finished
    assert len(workplace.complete()) == 4


def test_stopped_by_a_signal_it_ends_soon_with_all_it_started(workplace):
    workplace.use_fake_trainer(sleep_s=60)
    process = workplace.start(*workplace.reproduce_arguments(workplace.experiment()))
    workplace.wait_until(lambda: workplace.journal.exists())
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert "stopped: 0 of 4 runs are complete" in out
    workplace.wait_until(lambda: not workplace.processes(), seconds=10)


def test_a_second_call_follows_the_first_one_instead_of_failing_on_its_lock(workplace):
    workplace.use_fake_trainer(sleep_s=1.5)
    path = workplace.experiment()
    first = workplace.start(*workplace.reproduce_arguments(path))
    workplace.wait_until(lambda: workplace.journal.exists())
    code, out = workplace.reproduce(path)
    assert code == 0, out
    assert "is at work in this folder: following it" in out
    assert "nothing to be done" in out
    assert first.wait(timeout=30) == 0
    assert workplace.trained() == ALL
