"""``python -m workflow.commands.expected``: write the list of runs that an experiment asks for."""

import argparse
import json
import os
import sys
from pathlib import Path

from workflow.errors import PipelineError
from workflow.experiment.experiment_file import from_config
from workflow.experiment.training_runs import expand_runs


def main(argv: list[str] | None = None) -> int:
    """Write ``--experiment JSON``'s runs to ``--out FILE``; 0, or 2 for a wrong experiment."""
    parser = argparse.ArgumentParser(
        prog="python -m workflow.commands.expected", description=__doc__
    )
    parser.add_argument("--experiment", required=True, help="the experiment as JSON")
    parser.add_argument("--out", required=True, type=Path, help="the file to write")
    args = parser.parse_args(argv)
    try:
        experiment = from_config(json.loads(args.experiment), "--experiment")
    except (PipelineError, json.JSONDecodeError) as error:
        print(error, file=sys.stderr)
        return 2
    runs = [run.expected() for run in expand_runs(experiment)]
    args.out.parent.mkdir(parents=True, exist_ok=True)
    scratch = args.out.with_name(f".{args.out.name}.{os.getpid()}")
    scratch.write_text(
        json.dumps({"experiment": experiment.name, "runs": runs}, indent=1) + "\n", encoding="utf-8"
    )
    scratch.replace(args.out)
    print(f"{len(runs)} runs in {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
