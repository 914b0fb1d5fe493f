# The selection (experiment, runs, pipeline settings) and the functions of wildcards that rules use.
import json
import re

from snakemake.exceptions import WorkflowError
from snakemake.settings.types import DeploymentMethod

from workflow.containers.engine import build_args, choose_engine
from workflow.containers.job_environment import (
    check_gpu_slots,
    job_environment,
    set_job_environment,
)
from workflow.errors import PipelineError
from workflow.experiment.selection import read_selection
from workflow.reproduce.outcome import report_outcome

try:
    SELECTION = read_selection(config)
    ENGINE = choose_engine(
        SELECTION.pipeline,
        DeploymentMethod.APPTAINER in workflow.deployment_settings.deployment_method,
    )
    check_gpu_slots(SELECTION.pipeline.get("gpu_slots"))
except PipelineError as error:
    raise WorkflowError(str(error)) from None

EXPERIMENT = SELECTION.experiment
# What `python -m analysis plot` always draws (it also draws one figure for each map).
FIGURES = ("win_rate", "aggregate", "profile", "improvement", "final", "resources")
# An option of what figures, tables and page show; without it `analysis` chooses by what the runs logged.
VIEW = f" --metric {SELECTION.pipeline['metric']}" if "metric" in SELECTION.pipeline else ""
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
    alg="|".join(map(re.escape, EXPERIMENT.algs)),
    seed=r"\d+",


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
