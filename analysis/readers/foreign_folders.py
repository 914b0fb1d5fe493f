"""Whose logs a folder holds, to say how they are read when the wrong command was given."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SACRED_FILES = {"run.json", "info.json", "cout.txt", "metrics.json"}
MAX_FOLDERS = 10_000  # looked at; enough to tell, and a home folder by mistake is left soon
PAPER_FILE = "smac_run_data.json"
NAMES = {"pymarl": "PyMARL", "epymarl": "EPyMARL"}


class Foreign(NamedTuple):
    """Logs of one format below a folder."""

    format: str  # name for ``import --from``
    path: Path  # what to give to it
    number: int
    what: str

    def hint(self, out: str = "DIR") -> str:
        """What was found and the command that reads it."""
        command = f"python -m analysis import --from {self.format} {shlex.quote(str(self.path))}"
        plural, them = ("", "it") if self.number == 1 else ("s", "them")
        return f"{self.number} {self.what}{plural}: `{command} --out {out}` reads {them}"


def recognise(root: Path) -> Foreign | None:
    """Logs of another project below ``root``, of the format there is most of; None without any.

    Folders of our own runs are passed over.
    """
    counts = dict.fromkeys(NAMES, 0)
    paper: Path | None = None
    for folder, files in walk(root):
        if "config.json" in files and SACRED_FILES & files:
            counts["epymarl" if "metrics.json" in files else "pymarl"] += 1
        if PAPER_FILE in files:
            paper = folder / PAPER_FILE
    name = max(counts, key=lambda k: counts[k])
    if counts[name]:
        return Foreign(name, root, counts[name], f"{NAMES[name]} run folder")
    return Foreign("smac-paper", paper, 1, "file of the SMAC paper's runs") if paper else None


def walk(root: Path) -> Iterator[tuple[Path, set[str]]]:
    """(folder, names of its files) below ``root``, without our own runs and sacred's sources."""
    for number, (name, folders, files) in enumerate(os.walk(root)):
        here = Path(name)
        if number >= MAX_FOLDERS:
            return
        if "complete.json" in files or here.name.startswith("seed="):
            folders.clear()
            continue
        folders[:] = sorted(f for f in folders if f != "_sources")
        yield here, set(files)
