"""Other processes at work in this folder: a live Snakemake, and trainers that lost theirs."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

JOB_MARK = b"PYMARL_PIPELINE_JOB=1"


def _processes(proc: Path) -> Iterator[tuple[int, Path]]:
    """Every process that this user may look into, except this one and its ancestors."""
    own = set()
    pid = os.getpid()
    while pid > 1 and pid not in own:
        own.add(pid)
        try:
            # The parent's id follows the state, after the command name's closing bracket.
            pid = int((proc / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            break
    if not proc.is_dir():
        return
    for entry in proc.iterdir():
        if entry.name.isdigit() and int(entry.name) not in own:
            yield int(entry.name), entry


def _works_in(entry: Path, folder: Path) -> bool:
    try:
        return (entry / "cwd").readlink() == folder
    except OSError:
        return False


def _is_snakemake(entry: Path) -> bool:
    """Whether the command line is ``snakemake ...`` or ``python -m snakemake ...``."""
    try:
        arguments = (entry / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    names = [os.path.basename(argument) for argument in arguments[:4]]  # noqa: PTH119  # bytes have no Path
    return b"snakemake" in names


def live_snakemakes(folder: Path, proc: Path = Path("/proc")) -> list[int]:
    """Return the Snakemake processes that work in ``folder``, without this one's ancestors."""
    folder = folder.resolve()
    return sorted(
        pid for pid, entry in _processes(proc) if _works_in(entry, folder) and _is_snakemake(entry)
    )


def orphans(folder: Path, proc: Path = Path("/proc")) -> list[int]:
    """Return trainers that the pipeline started in ``folder``.

    Without a live Snakemake nobody waits for them. Jobs of a Slurm cluster outlive Snakemake by
    design and are left alone, and so is a training that a user started by hand.
    """
    folder = folder.resolve()
    found = []
    for pid, entry in _processes(proc):
        try:
            environment = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        cluster = any(variable.startswith(b"SLURM_JOB_ID=") for variable in environment)
        if JOB_MARK in environment and not cluster and _works_in(entry, folder):
            found.append(pid)
    return sorted(found)


def stop_containers(folder: Path) -> int:
    """Stop Docker containers that the pipeline started in ``folder``; return how many there were.

    A container outlives a Snakemake that was killed with ``kill -9``.
    """
    label = f"label=pymarl-pipeline.workdir={folder.resolve()}"
    command = ["docker", "ps", "--quiet", "--filter", label]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
        names = listed.stdout.split()
        if names:
            subprocess.run(["docker", "stop", *names], capture_output=True, timeout=120, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    return len(names)


def alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in "ZX"


def stop(pids: list[int], patience_s: float = 20.0) -> None:
    """End processes: SIGTERM, so that a trainer can save, and SIGKILL after ``patience_s``."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in pids:
            try:
                os.kill(pid, number)
            except (ProcessLookupError, PermissionError):
                continue
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and any(map(alive, pids)):
            time.sleep(0.1)
        pids = [pid for pid in pids if alive(pid)]
        if not pids:
            return
