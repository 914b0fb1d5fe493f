"""What is shown while runs are at work, and what is said about those that failed."""

import io
import json
import math
import os

import pytest
from rich.console import Console

from workflow.experiment.training_runs import TrainingRun
from workflow.experiment.variants import Variant
from workflow.reproduce.activity import activity, jobs_at_work
from workflow.reproduce.display import ProgressDisplay
from workflow.reproduce.outcome import failed_jobs, report_outcome
from workflow.reproduce.training_progress import (
    ExperimentProgress,
    columns,
    duration,
    read_progress,
    read_run_progress,
    summary,
)

SNAKEMAKE_LOG = """\
Job stats:
job         count
--------  -------
train           3
total           8

2 of 8 steps (25%) done
Error in rule train:
    message: None
    jobid: 7
    output: {output}
    log: {log} (check log file(s) for error details)
    shell:
        python -m pymarl
        (command exited with non-zero exit code)
3 of 8 steps (38%) done
"""


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = [TrainingRun("x", "sim", "3m", "qmix", seed, (("t_max", 1000),)) for seed in (1, 2, 3)]
    for run in made:
        (run.folder / "work").mkdir(parents=True)
        run.log.parent.mkdir(parents=True, exist_ok=True)
    made[0].sentinel.touch()
    return made


def write_progress(run, **values):
    path = run.folder / "work" / "progress.json"
    path.write_text(json.dumps(values))
    return path


def test_a_run_shows_steps_rate_time_left_and_win_rate(runs):
    write_progress(runs[1], t_env=250, rate=500.4, eta_s=75, test_battle_won_mean=0.5)
    assert columns(read_run_progress(runs[1], 0)) == (
        "3m qmix seed=2",
        "250/1,000",
        "500/s",
        "1:15",
        "50 %",
    )


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"t_env": "x", "rate": null}'])
def test_a_half_written_or_odd_file_breaks_nothing(runs, text):
    (runs[1].folder / "work" / "progress.json").write_text(text)
    progress = read_run_progress(runs[1], 0)
    assert progress is None or columns(progress) == ("3m qmix seed=2", "0/1,000", "?", "?", "-")


def test_progress_of_an_earlier_killed_call_is_not_shown(runs):
    path = write_progress(runs[1], t_env=250)
    os.utime(path, (1000, 1000))
    assert read_run_progress(runs[1], since=2000) is None
    assert read_run_progress(runs[1], since=500) is not None


def test_all_runs_together(runs, tmp_path):
    write_progress(runs[1], t_env=500)
    log = tmp_path / "snakemake.log"
    log.write_text(SNAKEMAKE_LOG)
    progress = read_progress(runs, log, 0)
    assert (progress.done, progress.runs, progress.jobs_done, progress.jobs) == (1, 3, 3, 8)
    assert progress.fraction == pytest.approx((1 + 0.5) / 3)
    assert summary(progress, started=100, now=165) == (
        "jobs 3/8, runs 1/3 complete, 50 % of the training, 1:05 elapsed"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (65, "1:05"), (3723, "1:02:03"), (math.nan, "?"), (math.inf, "?")],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


def test_a_log_gets_a_line_when_a_run_ends_and_not_at_every_look(runs):
    stream = io.StringIO()
    with ProgressDisplay("x", stream) as display:
        for done in (0, 0, 0, 1, 1):
            display.show(ExperimentProgress(3, done, (), 0, 8))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert "runs 1/3 complete" in lines[1]
    assert "\x1b" not in stream.getvalue()


def test_a_failed_run_is_named_with_its_last_log_line(runs, tmp_path):
    log = tmp_path / "snakemake.log"
    log.write_text(SNAKEMAKE_LOG.format(output=runs[1].sentinel, log=runs[1].log))
    runs[1].log.write_text('Traceback (most recent call last):\n  File "x"\nValueError: boom\n\n')
    text = report_outcome(runs, log)
    assert "1 of 3 runs are complete." in text
    assert "FAILED run 3m qmix seed=2: ValueError: boom" in text
    assert f"log: {runs[1].log}" in text


def test_a_job_whose_retry_succeeded_has_not_failed(runs, tmp_path):
    log = tmp_path / "snakemake.log"
    log.write_text(SNAKEMAKE_LOG.format(output=runs[0].sentinel, log=runs[0].log))
    assert failed_jobs(log) == []


def test_a_job_without_a_log_is_named_too(runs, tmp_path):
    log = tmp_path / "snakemake.log"
    log.write_text(SNAKEMAKE_LOG.format(output="results/figures/x/win_rate.svg", log="none.log"))
    assert "FAILED step train: it left no log" in report_outcome(runs, log)


def test_no_log_no_failed_jobs(tmp_path):
    assert failed_jobs(tmp_path / "missing.log") == []


STARTED = """\
Building DAG of jobs...
[Wed Nov 25 11:25:51 2026]
{kind} {rule}:
    output: results/x
    log: {log}
    jobid: {number}
    benchmark: b.tsv
"""


def started(rule, number, log="x.log", kind="rule"):
    return STARTED.format(kind=kind, rule=rule, log=log, number=number)


def test_jobs_at_work_are_those_that_were_started_and_have_not_ended():
    text = started("train", 1, "a.log") + started("train", 2, "b.log") + started("plot", 3)
    assert jobs_at_work(text) == {
        1: ("train", "a.log"), 2: ("train", "b.log"), 3: ("plot", "x.log"),
    }  # fmt: skip  # one line for each state
    text += "Finished jobid: 1 (Rule: train)\n"
    text += "Error in rule train:\n    message: None\n    jobid: 2\n    output: y\n"
    assert jobs_at_work(text) == {3: ("plot", "x.log")}
    # Tried again.
    assert jobs_at_work(text + started("train", 2, "b.log"))[2] == ("train", "b.log")


def test_before_the_first_step_is_said_what_goes_on(tmp_path):
    log = tmp_path / "seed=1.log"
    text = started("train", 1, str(log))
    assert activity("", 0) == "planning the jobs"
    assert activity(text, 0) == "waiting for runs to start"
    log.write_text("pymarl: compiling the kernels, once for this version\n")
    compiling = "compiling the simulator and the learner (once per machine, about a minute)"
    assert activity(text, 0) == compiling
    log.write_text("pymarl: another process compiles the kernels; waiting for it\n")
    assert activity(text, 0) == compiling
    log.write_text("[INFO] pymarl Running command\n")
    assert activity(text, 0) == "runs are starting"
    # The log of an earlier call.
    os.utime(log, (1000, 1000))
    assert activity(text, since=2000) == "waiting for runs to start"


def test_what_comes_before_and_after_the_trainings_is_said_too():
    image = started("build_image", 1, "image.log", kind="localrule")
    assert activity(image, 0) == "building the container image (minutes; its log: image.log)"
    assert activity(started("collect", 1, kind="localrule"), 0) == "collecting the results"
    drawing = "drawing the figures, tables and the report"
    assert activity(started("plot", 1), 0) == activity(started("report_page", 1), 0) == drawing
    assert activity(started("train", 1), 0, all_trained=True) == ""


def test_what_goes_on_stands_in_the_place_of_zero_percent(runs, tmp_path):
    log = tmp_path / "snakemake.log"
    runs[0].sentinel.unlink()
    runs[1].log.write_text("pymarl: compiling the kernels, once\n")
    log.write_text(SNAKEMAKE_LOG[: SNAKEMAKE_LOG.index("2 of")] + started("train", 1, runs[1].log))
    assert summary(read_progress(runs, log, 0), started=100, now=123) == (
        "jobs 0/8, runs 0/3 complete, compiling the simulator and the learner (once per machine, "
        "about a minute), 0:23 elapsed"
    )
    # As soon as a run makes steps, they are shown.
    write_progress(runs[1], t_env=500)
    assert "17 % of the training, 0:23" in summary(read_progress(runs, log, 0), 100, 123)


def test_a_log_gets_a_line_when_something_else_begins(runs):
    stream = io.StringIO()
    with ProgressDisplay("x", stream) as display:
        for doing in ("planning the jobs", "runs are starting", "runs are starting", ""):
            display.show(ExperimentProgress(3, 0, (), 0, 0, doing))
    lines = stream.getvalue().splitlines()
    assert [line.split(", ")[1] for line in lines] == ["planning the jobs", "runs are starting"]


def test_a_variant_keeps_its_brackets_on_a_terminal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = (("t_max", 1000),)
    run = TrainingRun("x", "sim", "3m", "qmix", 1, settings, Variant((("td_lambda", 0.4),)))
    (run.folder / "work").mkdir(parents=True)
    write_progress(run, t_env=250)
    display = ProgressDisplay("x", io.StringIO(), plain=False)
    stream = io.StringIO()
    Console(file=stream, width=120).print(display._table(read_progress([run], tmp_path / "x", 0)))
    assert "3m qmix[td_lambda=0.4] seed=1" in stream.getvalue()
