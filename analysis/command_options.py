"""Options that several commands share: what of a dataset is shown, and reference sets."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.readers.reading_commands import add_kinds

if TYPE_CHECKING:  # pandas is slow to import, and most commands end before they need it
    from analysis.dataset.storage import Dataset
    from analysis.dataset.view.selection import Asked


def add_references(command: argparse.ArgumentParser) -> None:
    """The option ``--reference``, repeatable."""
    command.add_argument(
        "--reference", type=Path, action="append", help="reference set; default: the SMAC paper"
    )


def add_view(command: argparse.ArgumentParser, labels: bool = True) -> None:
    """Options that say what of a dataset is shown; ``labels``: also under which names."""
    view = command.add_argument_group("what is shown")
    view.add_argument(
        "--metric", metavar="KEY", help="any logged statistic; default: win rate, else return"
    )
    view.add_argument("--maps", nargs="+", default=[], metavar="MAP", help="these, in this order")
    view.add_argument("--algs", nargs="+", default=[], metavar="ALG", help="these, in this order")
    view.add_argument(
        "--split",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY",
        help="a curve for each value of these settings, e.g. lr td_lambda t_max code",
    )
    view.add_argument(
        "--by", choices=["experiment"], help="a curve for each experiment, as --split experiment"
    )
    view.add_argument("--until", metavar="N", help="cut everything at N env steps")
    view.add_argument(
        "--include-incomplete",
        action="store_true",
        help="also runs that did not reach their end, marked",
    )
    add_kinds(command)
    if labels:
        view.add_argument(
            "--label",
            nargs="+",
            action="extend",
            default=[],
            metavar="OLD=NEW",
            help="another name for an algorithm or a curve",
        )


def listed(words: list[str]) -> list[str]:
    """``3m,8m`` is ``3m 8m``; the label of a curve (``QMIX [a=1, b=2]``) stays whole."""
    return [part for word in words for part in ([word] if "[" in word else word.split(",")) if part]


def view_asked(args: argparse.Namespace) -> "Asked":
    """The view options of a command."""
    from analysis.dataset.view.options import env_steps
    from analysis.dataset.view.selection import Asked

    split = [*listed(args.split), *([args.by] if args.by else [])]
    return Asked(
        metric=args.metric,
        until=None if args.until is None else env_steps("--until", args.until),
        include_incomplete=args.include_incomplete,
        kinds=tuple(args.shown),
        split=tuple(dict.fromkeys(split)),
        maps=tuple(dict.fromkeys(listed(args.maps))),
        algs=tuple(dict.fromkeys(listed(args.algs))),
        labels=tuple(getattr(args, "label", [])),
    )


def shown_dataset(args: argparse.Namespace) -> "Dataset":
    """The dataset of ``--data`` as the view options ask for it.

    Raises:
        ResultError: no usable dataset, or nothing like what was asked for in it.
    """
    from analysis.dataset.storage import load
    from analysis.dataset.view.selection import apply_view

    return apply_view(load(args.data), view_asked(args))


def add_style(plot: argparse.ArgumentParser) -> None:
    """Options of ``plot`` only: colours and panels in a row."""
    plot.add_argument(
        "--color",
        nargs="+",
        action="extend",
        default=[],
        metavar="ALG=#HEX",
        help="colour of an algorithm or a curve",
    )
    plot.add_argument("--columns", type=int, metavar="N", help="panels in a row")
