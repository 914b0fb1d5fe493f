# The selection (experiment, runs, pipeline settings) and the functions of wildcards that rules use.
import json
import re

from snakemake.exceptions import WorkflowError

from workflow.lib.environment import put_own_python_first
from workflow.lib.errors import PipelineError
from workflow.lib.outcome import report_outcome
from workflow.lib.selection import read_selection

try:
    SELECTION = read_selection(config)
except PipelineError as error:
    raise WorkflowError(str(error)) from None

EXPERIMENT = SELECTION.experiment
# `python` in a job on this machine is the one that runs Snakemake: the one with the project's packages.
put_own_python_first()


wildcard_constraints:
    experiment=re.escape(EXPERIMENT.name),
    env=re.escape(EXPERIMENT.env),
    map="|".join(map(re.escape, EXPERIMENT.maps)),
    alg="|".join(map(re.escape, EXPERIMENT.algs)),
    seed=r"\d+",


def run_settings(wildcards):
    """The run's resolved overrides as key=value words: a changed one reruns the runs it touches."""
    return SELECTION.run(wildcards.map, wildcards.alg, wildcards.seed).words()


def run_folder(wildcards):
    """The folder that the trainer publishes."""
    return str(SELECTION.run(wildcards.map, wildcards.alg, wildcards.seed).folder)


def wanted_runs(wildcards):
    """The sentinels of the runs that the figures need."""
    return SELECTION.wanted()


def final_outputs(wildcards):
    """What a finished experiment leaves: the figure, the table and the report."""
    name = EXPERIMENT.name
    return [
        *(f"results/figures/{name}/win_rate.{kind}" for kind in ("svg", "pdf", "png")),
        f"results/tables/{name}/summary.csv",
        f"results/tables/{name}/summary.md",
        f"results/report/{name}/index.html",
    ]
