"""``python -m workflow.commands.reproduce``: behind ``make reproduce`` and ``make figures``."""

import argparse
import sys
from pathlib import Path
from typing import Any

from workflow.errors import PipelineError
from workflow.experiment.experiment_file import ROOT, path_of
from workflow.experiment.selection import Selection, read_selection
from workflow.reproduce.supervisor import Job, reproduce


def outputs_of(selection: Selection) -> list[str]:
    """What to open at the end: the figure, the table and the report."""
    name = selection.experiment.name
    return [
        f"results/figures/{name}/win_rate.png",
        f"results/figures/{name}/win_rate.pdf",
        f"results/tables/{name}/summary.md",
        f"results/report/{name}/index.html",
    ]


def parse(argv: list[str] | None) -> tuple[argparse.Namespace, list[str]]:
    """Return our own options and the words after ``--``, which go to Snakemake as they are."""
    words = list(sys.argv[1:] if argv is None else argv)
    more: list[str] = []
    if "--" in words:
        cut = words.index("--")
        words, more = words[:cut], words[cut + 1 :]
    parser = argparse.ArgumentParser(
        prog="reproduce", description=__doc__, epilog="After --: options of snakemake."
    )
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
    return parser.parse_args(words), more


def settings_of(args: argparse.Namespace) -> dict[str, Any]:
    """Return the ``--config`` settings that Snakemake gets: ours and the user's.

    Raises:
        PipelineError: a word without ``=``.
    """
    settings: dict[str, Any] = {}
    for word in args.config:
        key, equals, value = word.partition("=")
        if not equals:
            raise PipelineError(f"--config {word}: expected KEY=VALUE")
        settings[key] = value
    if args.engine:
        settings["engine"] = args.engine
    if args.partial:
        settings["partial"] = "true"
    return settings


def main(argv: list[str] | None = None) -> int:
    """Run an experiment; 0 done, 1 something failed, 2 a wrong experiment, 130/143 stopped."""
    args, more = parse(argv)
    try:
        settings = settings_of(args)
        path = path_of(args.experiment)
        selection = read_selection(
            {
                "experiment": args.experiment,
                **{k: v for k, v in settings.items() if k != "build_args"},
            }
        )
    except PipelineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    arguments = ["--snakefile", str(ROOT / "Snakefile"), "--cores", args.cores]
    if settings.get("engine") == "apptainer":
        arguments.append("--use-singularity")
    if args.experiment.endswith((".yaml", ".yml")):
        arguments += ["--configfile", str(path)]
    else:
        settings["experiment"] = args.experiment
    arguments += more
    if settings:
        arguments += ["--config", *(f"{key}={value}" for key, value in settings.items())]
    log = Path("results/logs") / selection.experiment.name / "snakemake.log"
    job = Job(selection, arguments, log)
    return reproduce(job, outputs_of(selection), plain=True if args.plain else None)


if __name__ == "__main__":
    sys.exit(main())
