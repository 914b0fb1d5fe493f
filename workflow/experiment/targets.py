"""Targets of a Snakemake call that the chosen experiment does not have."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import Any

from workflow.errors import PipelineError, did_you_mean
from workflow.experiment.selection import Selection

_RESULTS = ("data", "figures", "tables", "report")
_RUN_PARTS = 8  # results/runs/<experiment>/<env>/<map>/<alg>/seed=<k>/complete.json


def asked_targets(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the targets of a Snakemake command line: to make, and to force, stop at or leave out.

    Snakemake tells a Snakefile its targets only when the jobs are planned, when the one line that
    they deserve has become an error of its own.

    Args:
        argv: ``sys.argv``; of any other program than Snakemake there are none.
    """
    from snakemake.cli import parse_args

    program = Path(argv[0])
    if "snakemake" not in (program.name, program.parent.name):
        return [], []
    _, arguments = parse_args(list(argv[1:]))
    others = (arguments.forcerun, arguments.until, arguments.omit_from)
    return list(arguments.targets), [target for group in others for target in group or ()]


def check_targets(
    targets: Iterable[str], others: Iterable[str], rules: Sequence[Any], selection: Selection
) -> None:
    """Refuse a target that nothing makes, and say what is not as the experiment has it.

    Args:
        targets: to make: names of rules, and files.
        others: to force, stop at or leave out.
        rules: Snakemake's, all of them.
        selection: what this call is about.

    Raises:
        PipelineError: the first such target.
    """
    by_name = {rule.name: rule for rule in rules}
    for target in targets:
        rule = by_name.get(target)
        if rule is not None and rule.has_wildcards():
            raise PipelineError(
                f"target {target}: the rule makes one file at a time; give that file's path "
                "(all trainings: runs; everything: all)"
            )
    for target in (*targets, *others):
        if target in by_name:
            continue
        path = os.path.relpath(target)
        made = any(rule.is_producer(path) for rule in rules)
        problem = _run_problem(path, selection) or _result_problem(path, selection)
        if problem is None and made and Path(target).is_absolute():
            problem = f"write it from the working folder on: {path}"
        if problem is None and not made and not Path(path).exists():
            problem = (
                "no rule of that name, and no file that this experiment makes; rules: "
                f"{', '.join(sorted(by_name))}{did_you_mean(target, by_name)} "
                "(another folder for results/: snakemake --directory FOLDER)"
            )
        if problem:
            raise PipelineError(f"target {target}: {problem}")


def _run_problem(target: str, selection: Selection) -> str | None:
    """Which part of a run's path the experiment does not have."""
    parts = PurePath(target).parts
    if parts[:2] != ("results", "runs"):
        return None
    experiment = selection.experiment
    seeds = [f"seed={seed}" for seed in experiment.seeds]
    for what, part, known in zip(
        ("experiment", "env", "map", "algorithm", "seed"),
        parts[2:],
        ([experiment.name], [experiment.env], experiment.maps, selection.alg_folders, seeds),
        strict=False,
    ):
        if part not in known:
            if what == "experiment":
                return _other_experiment(part, experiment.name)
            listed = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
            return (
                f"experiment {experiment.name} has no {what} {part}: {listed}"
                f"{did_you_mean(part, known)}"
            )
    if len(parts) < _RUN_PARTS - 1:
        return "is a folder of runs; the rule 'runs' trains all of them"
    if len(parts) == _RUN_PARTS - 1:
        return f"is a run's folder; the file to ask for is {target.rstrip('/')}/complete.json"
    return None


def _result_problem(target: str, selection: Selection) -> str | None:
    """Whether a file of results belongs to another experiment."""
    parts = PurePath(target).parts
    name = selection.experiment.name
    if parts[:1] != ("results",) or len(parts) < 4 or parts[1] not in _RESULTS or parts[2] == name:
        return None
    return _other_experiment(parts[2], name)


def _other_experiment(part: str, name: str) -> str:
    return (
        f"belongs to the experiment {part}, and this call is about {name}; "
        f"choose it with --config experiment={part} (or --configfile)"
    )
