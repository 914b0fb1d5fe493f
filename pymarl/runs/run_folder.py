"""The run folder: where a run works, and how its results are published."""

import fcntl
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Self

from pymarl.errors import PublishError, RunFolderError
from pymarl.utils import atomic

COMPLETE = "complete.json"
WORK = "work"
CHECKPOINT_FOLDER = "checkpoint"  # in work/
LATEST_CHECKPOINT = "latest.json"  # in checkpoint/; names the files that belong to it
LOCK = ".lock"
FORMAT = 1
# The files a run writes; anything else found in a run folder is somebody else's and is left alone.
PUBLISHED = (
    "config.json",
    "run.json",
    "info.json",
    "cout.txt",
    "provenance.json",
    "test_episodes.jsonl",
    "metrics.csv",
    "td_residual.json",
    "evaluation.json",
)
PUBLISHED_FOLDERS = ("models", "battles", "tb")


class RunFolder:
    """Holds a run folder: ``work/`` while running, the published files at the end.

    The sentinel ``complete.json`` is written last and lists every published file with its SHA-256,
    so a folder without it is not a result, whatever else is in it. A lock keeps a second process
    out; the kernel frees it however the first one ends.
    """

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is touched before :meth:`open`."""
        self.path = path
        self.work = path / WORK
        self._lock: int | None = None

    def open(self) -> Self:
        """Lock the folder; what an earlier attempt had begun to publish is moved aside.

        Its ``work/`` stays for a resume; :meth:`set_work_aside` moves that away, too.

        Raises:
            RunFolderError: it is complete already, in use, not writable, or holds files under the
                names of ours that no run of this program wrote.
        """
        try:
            self._take_lock()
        except OSError as error:
            raise RunFolderError(f"run folder {self.path} cannot be used: {error}") from error
        if (self.path / COMPLETE).exists():
            raise RunFolderError(
                f"run folder {self.path} already holds a complete run, which is left as it is; "
                "remove the folder, or choose another one with seed=, experiment= or run_dir="
            )
        found = [name for name in (*PUBLISHED, *PUBLISHED_FOLDERS) if (self.path / name).exists()]
        if found and not self._ours(found):
            raise RunFolderError(
                f"run folder {self.path} holds {', '.join(found)} but no {COMPLETE}: "
                "not a finished run of this program; nothing was touched. "
                "Move these files away, or choose another run_dir="
            )
        self._set_aside(found)
        return self

    def set_work_aside(self) -> Path | None:
        """Keep the left-over ``work/`` of an earlier attempt as ``failed-<n>``; return where."""
        return self._set_aside([WORK]) if self.work.exists() else None

    def publish(self) -> None:
        """Move the finished files from ``work/`` to the folder and write the sentinel last.

        Raises:
            PublishError: a file every run must have is missing.
        """
        for name in PUBLISHED:
            if (self.work / name).is_file():
                (self.work / name).replace(self.path / name)
        for name in PUBLISHED_FOLDERS:
            if (self.work / name).is_dir():
                shutil.rmtree(self.path / name, ignore_errors=True)
                (self.work / name).rename(self.path / name)
        missing = [
            name
            for name in ("config.json", "run.json", "info.json")
            if not (self.path / name).is_file()
        ]
        if missing:
            raise PublishError(
                f"run folder {self.path}: {', '.join(missing)} was not written; not published"
            )
        files = [self.path / name for name in PUBLISHED if (self.path / name).is_file()]
        for name in PUBLISHED_FOLDERS:
            files += sorted(entry for entry in (self.path / name).rglob("*") if entry.is_file())
        digests = {str(entry.relative_to(self.path)): _sha256(entry) for entry in files}
        atomic.write_json(
            self.path / COMPLETE, {"format": FORMAT, "status": "COMPLETED", "files": digests}
        )
        shutil.rmtree(self.work, ignore_errors=True)

    def close(self) -> None:
        """Release the lock."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_lock(self) -> None:
        """Take the folder's lock without waiting."""
        descriptor = acquire_lock(self.path)
        if descriptor is None:
            holder = (self.path / LOCK).read_text(errors="replace")[:200].strip()
            raise RunFolderError(
                f"run folder {self.path} is in use by another run ({holder or 'unknown process'}); "
                "wait for it to end, or choose another seed= or run_dir="
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"pid {os.getpid()} on {os.uname().nodename}\n".encode(), 0)
        self._lock = descriptor

    def _set_aside(self, names: list[str]) -> Path | None:
        """Move what an earlier attempt left to ``failed-<n>``, out of the way of new results."""
        if not names:
            return None
        aside = self._free_name()
        aside.mkdir()
        for name in names:
            (self.path / name).rename(aside / name)
        return aside

    def _ours(self, names: list[str]) -> bool:
        """Return whether files without a sentinel are from a run of this program.

        That is so when its publication was cut short, or the folder was opened again since.
        """
        if self.work.is_dir():
            return True
        try:
            text = (self.path / "run.json").read_text(encoding="utf-8")
            return json.loads(text)["experiment"]["name"] == "pymarl" and "run.json" in names
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def _free_name(self) -> Path:
        """Return the first ``failed-<n>`` that does not exist."""
        number = 1
        while (self.path / f"failed-{number}").exists():
            number += 1
        return self.path / f"failed-{number}"


def acquire_lock(folder: Path) -> int | None:
    """Make a run folder, lock it for this process, and return the descriptor that holds the lock.

    None when another process has it. Closing the descriptor releases the lock, as the process's
    end does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
