"""The commands ``collect`` and ``import``: their options and what they run."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.dataset.storage import Dataset

POOL_ENGINES = "one curve over runs of different versions of the simulator's engine"
LABEL_TEXT = "runs of different labels share no curve"
FORMATS_TEXT = "own, pymarl, pymarl2, epymarl, smac-paper or marl-eval, then paths; repeatable"
UNIT_TEXT = (
    "percent or fraction: unit of the win rates, of all logs or of those under the PATHs; "
    "needed where the logs do not tell; repeatable"
)


def add_reading(sub: Any) -> None:
    """Commands: collect, import."""
    collect = sub.add_parser("collect", help="our run folders -> tidy tables with exclusions")
    add_runs(collect)
    collect.add_argument("--benchmarks", type=Path, help="folder of Snakemake benchmark files")
    imports = sub.add_parser("import", help="logs of other projects -> the same tables")
    imports.add_argument(
        "--from",
        dest="sources",
        nargs="+",
        action="append",
        required=True,
        metavar=("FORMAT", "[LABEL=]PATH"),
        help=FORMATS_TEXT,
    )
    imports.add_argument(
        "--t-max", help="length that all runs were to have, whatever their logs say"
    )
    imports.add_argument("--backend", help="for logs that do not record it: sc2, sim, ...")
    imports.add_argument("--sc2-build", help="for logs that do not record it")
    imports.add_argument("--map", help="for logs that record no map, only an environment")
    imports.add_argument("--alg", help="for logs that record no algorithm")
    imports.add_argument("--experiment", help="name for the imported runs")
    add_selection(imports)
    for command in (collect, imports):
        add_kinds(command)
        command.add_argument("--out", type=Path, required=True, help="folder for the tables")


def add_runs(command: argparse.ArgumentParser) -> None:
    """What ``collect`` and ``serve`` share: folders of runs, their list, what counts."""
    command.add_argument(
        "--runs", nargs="+", type=Path, required=True, metavar="[LABEL=]DIR", help=LABEL_TEXT
    )
    command.add_argument("--expected", type=Path, help="the experiment's list of runs (JSON)")
    add_selection(command)


def add_selection(command: argparse.ArgumentParser) -> None:
    """Options that say how logs are read, which runs count and which share a curve."""
    command.add_argument("--pool-engines", action="store_true", help=POOL_ENGINES)
    command.add_argument(
        "--win-rate",
        nargs="+",
        action="append",
        default=[],
        metavar=("UNIT", "PATH"),
        help=UNIT_TEXT,
    )


def add_kinds(command: argparse.ArgumentParser) -> None:
    """Options that show what is no training from the start; commands that draw have them too."""
    command.add_argument(
        "--include-evaluations",
        dest="shown",
        action="append_const",
        const="evaluation",
        default=[],
        help="show evaluations of saved models, as groups of their own",
    )
    command.add_argument(
        "--include-continued",
        dest="shown",
        action="append_const",
        const="continued",
        help="show trainings continued from a saved model, as groups of their own",
    )


def run_collect(args: argparse.Namespace) -> str:
    """Our run folders to the tables of a dataset."""
    from analysis.readers.collect import CollectOptions, collect_own

    options = CollectOptions(
        args.expected, args.benchmarks, args.pool_engines, args.shown, args.win_rate
    )
    return result_line(args.out, collect_own(args.runs, args.out, options))


def run_import(args: argparse.Namespace) -> str:
    """Logs of other projects to the tables of a dataset."""
    from analysis.dataset.view.options import env_steps
    from analysis.readers.import_logs import ImportDefaults, import_logs

    t_max = None if args.t_max is None else env_steps("--t-max", args.t_max)
    defaults = ImportDefaults(
        t_max,
        args.backend,
        args.sc2_build,
        args.experiment,
        args.map,
        args.alg,
        args.win_rate,
    )
    dataset = import_logs(args.sources, args.out, defaults, args.pool_engines, args.shown)
    return result_line(args.out, dataset)


def result_line(out: Path, dataset: "Dataset") -> str:
    """One line: rows, runs, and how much was left out or called out."""
    from analysis.dataset.assemble import summary_line

    line = f"{out}/tidy.parquet: {len(dataset.tidy)} rows; {summary_line(dataset)}"
    skipped, notes = dataset.info["skipped"], dataset.info["call_outs"]
    reasons = [e["reason"] for e in dataset.info["exclusions"] if e["status"] != "PENDING"]
    if reasons and not dataset.info["n_complete"]:
        line += f"; the first: {reasons[0]}"
    if skipped:
        first = f" ({skipped[0]['path']}: {skipped[0]['reason']})"
        line += f"; {len(skipped)} path{'s' if len(skipped) > 1 else ''} skipped{first}"
    if notes:
        more = f" (and {len(notes) - 1} more in {out}/exclusions.json)" if len(notes) > 1 else ""
        line += f"; called out: {notes[0]}{more}"
    return line
