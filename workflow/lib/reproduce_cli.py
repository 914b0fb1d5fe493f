"""``python -m workflow.lib.reproduce_cli``: behind ``make reproduce`` and ``make figures``."""

import argparse
import sys
from pathlib import Path

from workflow.lib.errors import PipelineError
from workflow.lib.experiment import ROOT, path_of
from workflow.lib.reproduce import Job, reproduce
from workflow.lib.selection import Selection, read_selection


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
    return parser.parse_args(words), more


def main(argv: list[str] | None = None) -> int:
    """Run an experiment; 0 done, 1 something failed, 2 a wrong experiment, 130/143 stopped."""
    args, more = parse(argv)
    try:
        path = path_of(args.experiment)
        is_file = args.experiment.endswith((".yaml", ".yml"))
        choice = ["--configfile", str(path)] if is_file else []
        settings = [] if is_file else [f"experiment={args.experiment}"]
        if args.partial:
            settings.append("partial=true")
        selection = read_selection({"experiment": args.experiment})
    except PipelineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    arguments = ["--snakefile", str(ROOT / "Snakefile"), "--cores", args.cores, *choice, *more]
    if settings:
        arguments += ["--config", *settings]
    log = Path("results/logs") / selection.experiment.name / "snakemake.log"
    return reproduce(
        Job(selection, arguments, log), outputs_of(selection), plain=True if args.plain else None
    )


if __name__ == "__main__":
    sys.exit(main())
