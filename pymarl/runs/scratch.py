"""``python -m pymarl.runs.scratch``: runs that work on a node's own disk.

For clusters whose shared file system suffers from hundreds of runs that write little and often.
Same command line as ``python -m pymarl``, which is started with its run folder replaced by one
below PYMARL_SCRATCH. The real run folder is locked, gets every checkpoint soon after it was written
(so that the run resumes on any node) and the published files at the end, ``complete.json`` last.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from pymarl.runs.run_folder import (
    CHECKPOINT_FOLDER,
    COMPLETE,
    LATEST_CHECKPOINT,
    LOCK,
    WORK,
    acquire_lock,
)
from pymarl.utils import atomic

SCRATCH_VARIABLE = "PYMARL_SCRATCH"
INTERVAL_S = 10.0
_LATEST = Path(WORK, CHECKPOINT_FOLDER, LATEST_CHECKPOINT)
_PREFIX = "run_dir="


def scratch_base(environment: dict[str, str]) -> Path | None:
    """Return the folder that ``PYMARL_SCRATCH`` names here, or None and a line on stderr.

    Its variables are those of the job: ``$SLURM_TMPDIR`` means something on the node only.
    """
    wanted = environment.get(SCRATCH_VARIABLE, "")
    folder = Path(os.path.expandvars(wanted))
    if not wanted or "$" in str(folder) or not os.access(folder, os.W_OK | os.X_OK):
        sys.stderr.write(
            f"pymarl: {SCRATCH_VARIABLE}={wanted}: no folder to write in on {os.uname().nodename}; "
            "working in the run folder itself\n"
        )
        return None
    return folder


def copy_tree(source: Path, target: Path, skip: Callable[[Path], bool]) -> None:
    """Copy new and changed files; each appears in ``target`` whole. Vanished ones are no error.

    Args:
        source: folder to copy from; a program may be writing in it.
        target: folder to copy to.
        skip: whether a path relative to ``source`` is left out.
    """
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        if skip(name) or not path.is_file():
            continue
        copied = target / name
        try:
            new, old = path.stat(), copied.stat() if copied.exists() else None
            if old and (old.st_size, old.st_mtime_ns) == (new.st_size, new.st_mtime_ns):
                continue
            copied.parent.mkdir(parents=True, exist_ok=True)
            part = copied.with_name(f".{copied.name}.part")
            shutil.copy2(path, part)
            part.replace(copied)
        except FileNotFoundError:
            continue


def _checkpoint_files(latest: bytes) -> set[Path]:
    """Return the files that a ``latest.json`` names."""
    content = json.loads(latest)
    names = [content["state"]["file"], *(part["file"] for part in content["segments"])]
    return {_LATEST.parent / name for name in names}


def save(local: Path, shared: Path) -> bool:
    """Copy the checkpoint of a run at work in ``local`` to ``shared``; return whether it is there.

    The order makes it safe against a kill at any instant and against the run's own writing: the
    checkpoint's files, all others (at least as new as the checkpoint), ``latest.json``, and only
    then is removed what no checkpoint names any more.
    """
    try:
        latest = (local / _LATEST).read_bytes()
        named = _checkpoint_files(latest)
    except (OSError, ValueError, KeyError, TypeError):
        return False
    checkpoint = _LATEST.parent
    copy_tree(local, shared, lambda name: name not in named)
    if not all((shared / name).is_file() for name in named):
        return False  # the run has a newer checkpoint by now: next time
    copy_tree(local, shared, lambda name: checkpoint in name.parents or name == Path(LOCK))
    atomic.write_bytes(shared / _LATEST, latest)
    for path in (shared / checkpoint).iterdir():
        if checkpoint / path.name not in named | {_LATEST}:
            path.unlink()
    return True


def publish(local: Path, shared: Path) -> None:
    """Copy a finished run to its folder, the sentinel last."""
    late = {Path(COMPLETE), Path(LOCK)}
    copy_tree(local, shared, lambda name: name in late or WORK in name.parts[:1])
    atomic.write_bytes(shared / COMPLETE, (local / COMPLETE).read_bytes())
    shutil.rmtree(shared / WORK, ignore_errors=True)


def supervise(command: Sequence[str], local: Path, shared: Path) -> int:
    """Run ``command``, saving its checkpoints as they come, and return its exit code.

    SIGTERM and SIGINT reach it once, so that it can write its last checkpoint.
    """
    child = subprocess.Popen(command, start_new_session=True)

    def forward(number: int, frame: FrameType | None) -> None:
        child.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, forward)
    while True:
        try:
            code = child.wait(timeout=INTERVAL_S)
            return code if code >= 0 else 128 - code
        except subprocess.TimeoutExpired:
            save(local, shared)
            # Whoever watches the run reads these files.
            copy_tree(local, shared, lambda name: name != Path(WORK, "progress.json"))


def main(argv: Sequence[str], program: Sequence[str]) -> int:
    """Run ``program`` with the arguments ``argv`` on scratch; without scratch or run_dir=, as is.

    Returns:
        the exit code of ``program``; 2 when another run has the run folder.
    """
    run_dirs = [argument for argument in argv if argument.startswith(_PREFIX)]
    base = scratch_base(dict(os.environ))
    shared = Path(run_dirs[-1].removeprefix(_PREFIX)).resolve() if run_dirs else None
    if shared is None or base is None or (shared / COMPLETE).exists():
        return subprocess.run([*program, *argv], check=False).returncode
    held = acquire_lock(shared)
    if held is None:
        sys.stderr.write(f"pymarl: run folder {shared} is in use by another run\n")
        return 2
    # This run's alone, as the lock is ours: what a killed one left on this node goes first.
    prefix = f"pymarl-{hashlib.sha256(bytes(shared)).hexdigest()[:12]}-"
    for left in base.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    top = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
    try:
        local = top / "run"
        local.mkdir()
        copy_tree(shared, local, lambda name: name == Path(LOCK))
        rest = [argument for argument in argv if not argument.startswith(_PREFIX)]
        code = supervise([*program, *rest, f"{_PREFIX}{local}"], local, shared)
        if (local / COMPLETE).exists():
            publish(local, shared)
        elif not save(local, shared):
            # No checkpoint: what is there shows why.
            copy_tree(local, shared, lambda name: name == Path(LOCK))
        return code
    finally:
        shutil.rmtree(top, ignore_errors=True)
        os.close(held)


if __name__ == "__main__":
    flags = ["-I"] if sys.flags.isolated else []
    sys.exit(main(sys.argv[1:], [sys.executable, *flags, "-m", "pymarl"]))
