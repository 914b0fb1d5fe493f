"""Pack an experiment with all that its figures rest on, or check such a bundle."""

import argparse
from pathlib import Path

from workflow.bundle.contents import write_bundle
from workflow.bundle.verification import verify_bundle
from workflow.experiment.experiment_file import read_experiment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", metavar="write|verify", required=True)
    write = actions.add_parser("write", help="pack an experiment")
    write.add_argument(
        "--experiment", default="demo", help="a name in configs/experiments, or a file"
    )
    write.add_argument("--out", type=Path, help="default: results/bundles/EXPERIMENT.tar.xz")
    verify = actions.add_parser("verify", help="check an archive")
    verify.add_argument("bundle", type=Path)
    verify.add_argument("--redraw", action="store_true", help="draw its figures again and compare")


def run(arguments: argparse.Namespace) -> int:
    """Write or check a bundle; 1 when a checked one has problems."""
    if arguments.action == "write":
        experiment = read_experiment(arguments.experiment)
        out = arguments.out or Path("results/bundles") / f"{experiment.name}.tar.xz"
        print(f"{out}: {write_bundle(experiment, out)} files")
        return 0
    check = verify_bundle(arguments.bundle, arguments.redraw)
    for problem in check.problems:
        print(problem)
    redrawn = ", figures drawn again: the same" if arguments.redraw else ""
    state = f"{len(check.problems)} problems" if check.problems else f"sound{redrawn}"
    print(f"{arguments.bundle}: {check.files} files, {state}")
    return 1 if check.problems else 0
