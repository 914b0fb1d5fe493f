"""Every run's configuration is checked by the trainer itself before anything starts."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from workflow.errors import PipelineError
from workflow.experiment.experiment_file import Experiment, flatten
from workflow.experiment.training_runs import TrainingRun
from workflow.source_tree import ROOT

MODULE = "pymarl.config.planned_runs"


def check_runs(experiment: Experiment, runs: Sequence[TrainingRun], *, here: bool) -> None:
    """Refuse an experiment whose runs the trainer would refuse.

    One process checks every combination of map, algorithm and variant; seeds do not matter.

    Args:
        experiment: what the runs come from.
        runs: all of them.
        here: whether they start on this machine and in this environment, not in a container or on
            a cluster's nodes: then a game or a package that is missing counts, too.

    Raises:
        PipelineError: a line for each thing that is wrong, with where it stands in the file.
    """
    combinations = list({(run.map, run.name): run for run in runs}.values())
    answers = _ask_trainer(combinations, here)
    found: dict[str, list[TrainingRun]] = {}
    for run, lines in zip(combinations, answers, strict=True):
        for line in lines:
            found.setdefault(_in_the_file(line, run, experiment), []).append(run)
    if found:
        raise PipelineError(
            "\n".join(
                f"{experiment.source}: {line}{_of(wrong, len(combinations))}"
                for line, wrong in found.items()
            )
        )


def _ask_trainer(runs: Sequence[TrainingRun], here: bool) -> list[list[str]]:
    """What the trainer says of each run."""
    planned = [
        {
            "alg": run.alg,
            "env": run.env,
            "with": [
                f"env_args.map_name={run.map}",
                f"seed={run.seed}",
                f"experiment={run.experiment}",
                f"run_dir={run.folder}",
                *run.arguments(),
            ],
        }
        for run in runs
    ]
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", MODULE],
        input=json.dumps({"here": here, "runs": planned}),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, reversed(paths)))},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise PipelineError(f"the configurations cannot be checked: {last}")
    answers: list[list[str]] = json.loads(done.stdout)
    return answers


def _in_the_file(line: str, run: TrainingRun, experiment: Experiment) -> str:
    """The trainer's line, with the place in the experiment file that it is about."""
    line = line.replace(" (command line)", "", 1)
    name = line.split("=", 1)[0].split(":", 1)[0].split(" ", 1)[0]
    if name == "env_args.map_name":
        return f"maps: {line}"
    place = _place(name, run, experiment)
    return f"{place}: {line}" if place else line


def _place(key: str, run: TrainingRun, experiment: Experiment) -> str:
    """Where the file sets ``key`` for this run; empty where it does not."""
    layers: list[tuple[str, dict[str, Any]]] = [
        ("sweep", dict(run.variant.settings)),
        (f"overrides.maps.{run.map}", experiment.map_overrides.get(run.map) or {}),
        (f"overrides.algs.{run.alg}", experiment.alg_overrides.get(run.alg) or {}),
        ("with", experiment.overrides),
    ]
    return next((name for name, layer in layers if key in flatten(layer)), "")


def _of(wrong: Sequence[TrainingRun], combinations: int) -> str:
    """Which combinations a line is about; empty when it is about all."""
    if len(wrong) == combinations:
        return ""
    named = ", ".join(f"{run.map} {run.name}" for run in wrong[:3])
    more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    return f" ({named}{more})"
