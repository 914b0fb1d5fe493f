"""``python -m workflow.commands.bundle``: behind ``make bundle`` and ``make verify-bundle``."""

import argparse
import sys
from pathlib import Path

from workflow.bundle.archive import verify_bundle, write_bundle
from workflow.errors import PipelineError
from workflow.experiment.experiment_file import from_file


def main(argv: list[str] | None = None) -> int:
    """Write or check a bundle; 0 done and sound, 1 something is wrong with it, 2 a mistake."""
    parser = argparse.ArgumentParser(prog="bundle", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    write = commands.add_parser("write", help="pack an experiment")
    write.add_argument("--experiment", default="demo")
    write.add_argument("--out", type=Path, help="default: results/bundles/EXPERIMENT.tar.xz")
    check = commands.add_parser("verify", help="check an archive")
    check.add_argument("bundle", type=Path)
    check.add_argument("--redraw", action="store_true", help="draw its figures again and compare")
    args = parser.parse_args(argv)
    try:
        if args.command == "write":
            experiment = from_file(args.experiment)
            out = args.out or Path("results/bundles") / f"{experiment.name}.tar.xz"
            print(f"{out}: {write_bundle(experiment, out)} files")
            return 0
        verdict = verify_bundle(args.bundle, args.redraw)
    except PipelineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for problem in verdict.problems:
        print(problem)
    redrawn = ", figures drawn again: the same" if args.redraw and not verdict.problems else ""
    state = f"{len(verdict.problems)} problems" if verdict.problems else f"sound{redrawn}"
    print(f"{args.bundle}: {verdict.files} files, {state}")
    return 1 if verdict.problems else 0


if __name__ == "__main__":
    sys.exit(main())
