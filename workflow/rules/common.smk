# The selection (experiment, runs, pipeline settings) and the functions of wildcards that rules use.
import json
import os
import re
import sys

from snakemake.exceptions import WorkflowError
from snakemake.settings.types import DeploymentMethod

from workflow.containers.engine import build_args, choose_engine
from workflow.containers.job_environment import (
    check_gpu_slots,
    job_environment,
    set_job_environment,
)
from workflow.errors import PipelineError
from workflow.experiment.planning_check import check_runs
from workflow.experiment.selection import read_selection
from workflow.experiment.targets import asked_targets, check_targets
from workflow.reproduce.outcome import report_outcome
from workflow.reproduce.retries import retry_only_what_can_heal

retry_only_what_can_heal()
try:
    # What follows --config, before Snakemake joined it with --configfile.
    SELECTION = read_selection(
        config,
        typed=workflow.config_settings.config,
        files=workflow.config_settings.configfiles,
    )
    ENGINE = choose_engine(
        SELECTION.pipeline,
        DeploymentMethod.APPTAINER in workflow.deployment_settings.deployment_method,
    )
    check_gpu_slots(SELECTION.pipeline.get("gpu_slots"))
    # Once, where the runs are planned: not again in every job, nor where nothing is trained.
    # A cluster's nodes may have a game that this machine has not.
    if workflow.is_main_process and not SELECTION.partial:
        here = workflow.resource_settings.nodes is None and ENGINE.name == "host"
        check_runs(SELECTION.experiment, SELECTION.runs, here=here)
except PipelineError as error:
    raise WorkflowError(str(error)) from None

EXPERIMENT = SELECTION.experiment
# What `python -m analysis plot` always draws (it also draws one figure for each map).
FIGURES = ("win_rate", "aggregate", "profile", "improvement", "final", "resources")
# An option of what figures, tables and page show; without it `analysis` chooses by what the runs logged.
VIEW = (
    f" --metric {SELECTION.pipeline['metric']}"
    if "metric" in SELECTION.pipeline
    else ""
)
# How jobs are started: read by the programs that the rules call (workflow/scripts/run-python and run-training).
set_job_environment(
    job_environment(
        ENGINE, SELECTION.pipeline.get("gpu_slots"), SELECTION.pipeline.get("scratch")
    )
)


wildcard_constraints:
    experiment=re.escape(EXPERIMENT.name),
    env=re.escape(EXPERIMENT.env),
    map="|".join(map(re.escape, EXPERIMENT.maps)),
    alg="|".join(map(re.escape, SELECTION.alg_folders)),
    seed=r"\d+",


def run_alg(wildcards, output):
    """The algorithm's file in configs/algs.

    It follows from the run's folder, so its place is not among the settings whose change trains
    again: Snakemake leaves out what is computed with `output`.
    """
    return SELECTION.run(wildcards.map, wildcards.alg, wildcards.seed).alg


def run_overrides(wildcards):
    """The run's resolved overrides as key=value arguments: a changed one reruns the runs it touches."""
    return SELECTION.run(wildcards.map, wildcards.alg, wildcards.seed).arguments()


def run_folder(wildcards):
    """The folder that the trainer publishes."""
    return str(SELECTION.run(wildcards.map, wildcards.alg, wildcards.seed).folder)


def wanted_runs(wildcards):
    """The sentinels of the runs that the figures need."""
    return SELECTION.wanted_sentinels()


def image_files(wildcards):
    """The image that jobs wait for."""
    return [ENGINE.image_file] if ENGINE.image_file else []


def final_outputs(wildcards):
    """What a finished experiment leaves: figures, tables and the report."""
    name = EXPERIMENT.name
    return [
        *(
            f"results/figures/{name}/{figure}.{suffix}"
            for figure in FIGURES
            for suffix in ("svg", "pdf", "png")
        ),
        f"results/tables/{name}/summary.csv",
        f"results/tables/{name}/summary.md",
        f"results/tables/{name}/verdicts.csv",
        f"results/report/{name}/index.html",
    ]


def refuse_strange_targets():
    """One line for a target that nothing makes; called when all rules are known."""
    if not workflow.is_main_process:
        return  # a job makes what the main process has found
    try:
        check_targets(*asked_targets(sys.argv), workflow.rules, SELECTION)
    except PipelineError as error:
        raise WorkflowError(str(error)) from None
