"""Train, aggregate and draw an experiment: Snakemake with progress, and repairs after a kill.

What follows -- goes to snakemake: python -m workflow reproduce --experiment demo -- --dry-run
"""

import argparse
from pathlib import Path
from typing import Any

from workflow.errors import PipelineError
from workflow.experiment.experiment_file import experiment_path, load_experiment
from workflow.experiment.planning_check import check_runs
from workflow.experiment.selection import Selection, read_selection
from workflow.reproduce.supervisor import SnakemakeCall, reproduce
from workflow.source_tree import ROOT


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--experiment", default="demo", help="a name in configs/experiments, or a file"
    )
    parser.add_argument("--cores", default="all", help="how many jobs at a time (default: all)")
    parser.add_argument(
        "--partial", action="store_true", help="draw from complete runs, train nothing"
    )
    parser.add_argument("--plain", action="store_true", help="plain lines even on a terminal")
    parser.add_argument("--engine", help="host (default), apptainer or docker")
    parser.add_argument(
        "--config", nargs="+", default=[], metavar="KEY=VALUE", help="pipeline settings"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run an experiment; 0 done, 1 something failed, 130/143 stopped."""
    settings = pipeline_settings(arguments)
    experiment: str = arguments.experiment
    path = experiment_path(experiment)
    is_file = experiment.endswith((".yaml", ".yml"))
    checked = {key: value for key, value in settings.items() if key != "build_args"}
    named = load_experiment(path) if is_file else {"experiment": experiment}
    selection = read_selection(
        {**checked, **named},
        typed=checked if is_file else {**checked, **named},
        files=[path] if is_file else (),
    )
    if not selection.partial:
        here = settings.get("engine", "host") == "host"
        check_runs(selection.experiment, selection.runs, here=here)
    options = ["--snakefile", str(ROOT / "Snakefile"), "--cores", arguments.cores]
    if settings.get("engine") == "apptainer":
        options.append("--use-singularity")
    if is_file:
        options += ["--configfile", str(path)]
    else:
        settings["experiment"] = experiment
    options += arguments.snakemake_arguments
    if settings:
        options += ["--config", *(f"{key}={value}" for key, value in settings.items())]
    log = Path("results/logs") / selection.experiment.name / "snakemake.log"
    call = SnakemakeCall(selection, options, log)
    return reproduce(call, main_outputs(selection), plain=True if arguments.plain else None)


def main_outputs(selection: Selection) -> list[str]:
    """What to open at the end: the figure, the table and the report."""
    name = selection.experiment.name
    return [
        f"results/figures/{name}/win_rate.png",
        f"results/figures/{name}/win_rate.pdf",
        f"results/tables/{name}/summary.md",
        f"results/report/{name}/index.html",
    ]


def pipeline_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the ``--config`` settings that Snakemake gets: ours and the user's.

    Raises:
        PipelineError: one without ``=``.
    """
    settings: dict[str, Any] = {}
    for setting in arguments.config:
        key, equals, value = setting.partition("=")
        if not equals:
            raise PipelineError(f"--config {setting}: expected KEY=VALUE")
        settings[key] = value
    if arguments.engine:
        settings["engine"] = arguments.engine
    if arguments.partial:
        settings["partial"] = "true"
    return settings
