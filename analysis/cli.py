"""The commands: their options, what each runs, one line of result or of error."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.command_options import add_references, add_style, add_view
from analysis.errors import NothingDrawnError, ResultError
from analysis.readers.reading_commands import add_reading, add_runs, run_collect, run_import


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(
        prog="python -m analysis", description="From run folders to figures, tables and a report."
    )
    sub = top.add_subparsers(dest="command", required=True, metavar="command")

    add_reading(sub)
    table = sub.add_parser("table", help="summary table as csv, md and tex")
    plot = sub.add_parser("plot", help="figures as svg, pdf and png")
    report = sub.add_parser("report", help="self-contained web page")
    add_references(report)
    for command in (table, plot, report):
        command.add_argument("--data", type=Path, required=True, help="folder `collect` wrote")
        command.add_argument("--out", type=Path, required=True)
    plot.add_argument("--statistic", choices=["median", "mean", "iqm"], default="median")
    default, bands = Path("default"), "overlay published bands; without FILE the SMAC paper's"
    plot.add_argument(
        "--reference", type=Path, nargs="?", const=default, metavar="FILE", help=bands
    )
    plot.add_argument("--smooth", type=int, default=1, help="trailing window in evaluations")
    add_style(plot)
    for command in (table, plot, report):
        add_view(command)
    add_studies(sub)
    return top


def add_studies(sub: Any) -> None:
    """Commands: compare, reference, export, serve, paper, fetch-smac."""
    compare = sub.add_parser("compare", help="verdict against published results")
    compare.add_argument("--data", type=Path, required=True)
    compare.add_argument("--out", type=Path, required=True)
    add_references(compare)
    add_view(compare)
    reference = sub.add_parser("reference", help="make a reference set from a dataset")
    reference.add_argument("--data", type=Path, required=True)
    reference.add_argument("--name", required=True, help="short name for legends")
    reference.add_argument("--source", required=True, help="citation")
    reference.add_argument("--out", type=Path, required=True, help="JSON file")
    add_view(reference, labels=False)
    export = sub.add_parser("export", help="marl-eval JSON or tidy CSV")
    export.add_argument("--data", type=Path, required=True)
    export.add_argument("--format", choices=["marl-eval", "csv"], required=True)
    export.add_argument("--out", type=Path, required=True, help="file to write")
    live = sub.add_parser("serve", help="watch a running experiment (loopback, read only)")
    add_runs(live)
    add_references(live)
    add_view(live)
    live.add_argument("--port", type=int, default=8765, help="0 takes a free port")
    live.add_argument("--every", type=float, default=5.0, help="seconds between checks")
    paper = sub.add_parser("paper", help="everything from smac_run_data.json in one command")
    paper.add_argument("source", type=Path, help="smac_run_data.json")
    paper.add_argument("--out", type=Path, required=True, help="folder for all results")
    fetch = sub.add_parser("fetch-smac", help="download the SMAC paper's raw runs, verified")
    fetch.add_argument("--out", type=Path, required=True, help="file or folder")


def main(argv: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    args = parser().parse_args(argv)
    try:
        print(COMMANDS[args.command](args))
    except NothingDrawnError as err:  # everything is written, with the reason in the figure
        print(f"analysis {args.command}: {err}", file=sys.stderr)
        return 3
    except ResultError as err:
        print(f"analysis {args.command}: {err}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except OSError as err:  # a full disk, no permission, a file where a folder should be
        where = f"{err.filename}: " if err.filename else ""
        print(f"analysis {args.command}: {where}{err.strerror or err}", file=sys.stderr)
        return 2
    return 0


def run_table(args: argparse.Namespace) -> str:
    """Summary, aggregate and pairs."""
    from analysis.command_options import shown_dataset
    from analysis.dataset.groups import build_groups
    from analysis.tables.summary import write_tables

    dataset = shown_dataset(args)
    return " ".join(map(str, write_tables(dataset, build_groups(dataset), args.out)))


def run_plot(args: argparse.Namespace) -> str:
    """All figures."""
    from analysis.command_options import shown_dataset
    from analysis.plots.all_figures import FigureStyle, draw_all, nothing_to_draw
    from analysis.published.reference import default_reference, load_reference

    given = default_reference() if args.reference == Path("default") else args.reference
    reference = load_reference(given) if given else None
    if args.smooth < 1:
        raise ResultError(f"--smooth {args.smooth}: expected at least 1 (1 = none)")
    dataset, style = shown_dataset(args), FigureStyle(args.color, args.columns)
    written = draw_all(dataset, args.out, args.statistic, args.smooth, reference, style=style)
    if reason := nothing_to_draw(dataset):
        raise NothingDrawnError(
            f"{reason}; {args.out}: {len(written)} files with the reason in them"
        )
    first = f"{written[0].stem}.{{svg,pdf,png}} first"
    return f"{args.out}: {len(written)} files, {first}; {dataset.metric.lower_name}"


def run_report(args: argparse.Namespace) -> str:
    """The web page."""
    from analysis.command_options import shown_dataset
    from analysis.web.page import references_or_none, write_report

    page = args.out if args.out.suffix == ".html" else args.out / "index.html"
    size = write_report(shown_dataset(args), page, references_or_none(args.reference))
    return f"{page}: {size / 1e6:.2f} MB"


def run_compare(args: argparse.Namespace) -> str:
    """Verdicts against published results."""
    from analysis.command_options import shown_dataset
    from analysis.published.reference import default_references, load_reference
    from analysis.published.verdict import write_verdicts

    references = [load_reference(p) for p in args.reference or default_references()]
    return f"{args.out}/verdicts.md: {write_verdicts(shown_dataset(args), references, args.out)}"


def run_reference(args: argparse.Namespace) -> str:
    """A reference set from a dataset."""
    from analysis.command_options import shown_dataset
    from analysis.published.make_reference import make_reference

    count = make_reference(shown_dataset(args), args.name, args.source, args.out)
    return f"{args.out}: {count} cells"


def run_export(args: argparse.Namespace) -> str:
    """The dataset as marl-eval JSON or CSV."""
    from analysis.dataset.storage import load
    from analysis.tables.exports import export_csv, export_marl_eval

    write = export_csv if args.format == "csv" else export_marl_eval
    return write(load(args.data), args.out)


def run_fetch(args: argparse.Namespace) -> str:
    """Download the SMAC paper's raw runs."""
    from analysis.published.smac_download import fetch_smac

    return fetch_smac(args.out)


def run_paper(args: argparse.Namespace) -> str:
    """Import, tables, figures, page and the markdown report of the SMAC paper's runs."""
    from analysis.dataset.groups import build_groups
    from analysis.plots.all_figures import draw_all
    from analysis.published.smac_paper_page import write_paper
    from analysis.readers.import_logs import import_logs
    from analysis.tables.summary import write_tables
    from analysis.web.page import write_report

    dataset = import_logs([["smac-paper", str(args.source)]], args.out / "data")
    line = write_paper(dataset, args.out / "smac_paper.md")
    write_tables(dataset, build_groups(dataset), args.out / "tables")
    draw_all(dataset, args.out / "figures")
    write_report(dataset, args.out / "report" / "index.html")
    return line


def run_serve(args: argparse.Namespace) -> str:
    """Serve the page of a running experiment until SIGINT or SIGTERM."""
    import signal
    import threading

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):  # before the imports, which take seconds
        signal.signal(number, lambda *_: stop.set())
    from analysis.command_options import view_asked
    from analysis.readers.collect import CollectOptions
    from analysis.web.live_server import LiveReport, serve

    options = CollectOptions(
        pool_engines=args.pool_engines, shown=args.shown, win_rate=args.win_rate
    )
    live = LiveReport(args.runs, args.expected, args.reference, options, view_asked(args))
    serve(live, args.port, max(0.2, args.every), lambda text: print(text, flush=True), stop)
    return "stopped"


COMMANDS = {
    "collect": run_collect,
    "import": run_import,
    "table": run_table,
    "plot": run_plot,
    "report": run_report,
    "compare": run_compare,
    "reference": run_reference,
    "export": run_export,
    "paper": run_paper,
    "serve": run_serve,
    "fetch-smac": run_fetch,
}
