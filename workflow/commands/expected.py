"""Write the list of runs that an experiment asks for."""

import argparse
import json
from pathlib import Path

from workflow.errors import PipelineError
from workflow.experiment.experiment_file import parse_experiment
from workflow.experiment.training_runs import expand_runs
from workflow.files import write_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--experiment", required=True, help="the experiment as JSON")
    parser.add_argument("--out", required=True, type=Path, help="the file to write")


def run(arguments: argparse.Namespace) -> int:
    """Write the runs of ``--experiment JSON`` to ``--out FILE``."""
    try:
        config = json.loads(arguments.experiment)
    except json.JSONDecodeError as error:
        raise PipelineError(f"--experiment: not JSON: {error}") from error
    experiment = parse_experiment(config, "--experiment")
    runs = [run.expected_entry() for run in expand_runs(experiment)]
    content = {"experiment": experiment.name, "runs": runs}
    write_text(arguments.out, json.dumps(content, indent=1) + "\n")
    print(f"{len(runs)} runs in {arguments.out}")
    return 0
