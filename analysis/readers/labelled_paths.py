"""Folders and files on a command line, each with a label of its own if wanted: ``LABEL=PATH``."""

from collections.abc import Iterable
from pathlib import Path

from analysis.dataset.labels import clean_label
from analysis.dataset.records import RunRecord
from analysis.errors import ResultError


def split_label(text: str | Path) -> tuple[str | None, Path]:
    """``tuned=results/b`` -> ("tuned", results/b).

    A path that exists as it stands has no label, and neither has one with ``=`` behind a slash:
    our run folders end in ``seed=1``.

    Raises:
        ResultError: nothing before or behind the ``=``.
    """
    label, sign, rest = str(text).partition("=")
    if not sign or "/" in label or Path(text).exists():
        return None, Path(text)
    if not label.strip() or not rest:
        raise ResultError(f"{text}: expected PATH or LABEL=PATH")
    return clean_label(label), Path(rest)


def give_label(runs: Iterable[RunRecord], label: str | None) -> None:
    """Mark runs with the label of the folder they were read from."""
    for run in runs:
        run.meta["label"] = label
