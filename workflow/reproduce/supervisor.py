"""Snakemake with progress, and with repairs after a kill: what ``make reproduce`` runs.

What plain ``snakemake`` does not do: it waits for another Snakemake of this folder instead of
failing on its lock, removes the lock and the trainers that a killed one left behind, and shows how
far every run is.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from workflow.experiment.selection import Selection
from workflow.reproduce import processes
from workflow.reproduce.display import ProgressDisplay
from workflow.reproduce.outcome import existing, report_outcome
from workflow.reproduce.training_progress import read_progress

POLL_S = 0.5


@dataclass(slots=True)
class SnakemakeCall:
    """One call of Snakemake: its arguments, its log and the selection it works on."""

    selection: Selection
    arguments: list[str]
    log: Path
    interrupted: int = 0
    child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def command(self, *options: str) -> list[str]:
        """The command line of Snakemake with this call's arguments."""
        return [sys.executable, "-m", "snakemake", *self.arguments, *options]

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Pass a stop on: SIGINT to the whole group ends Snakemake and its trainers soon."""
        self.interrupted = number
        if self.child is not None and self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGINT)


def wait_for_others(call: SnakemakeCall, display: ProgressDisplay) -> None:
    """Wait until no other Snakemake works in this folder, showing what it does meanwhile."""
    others = processes.live_snakemakes(Path.cwd())
    if not others:
        return
    display.print_line(
        f"another snakemake (process {others[0]}) is at work in this folder: following it. "
        f"Ctrl-C leaves it running; to stop it: kill -INT -{os.getpgid(others[0])}"
    )
    while others and not call.interrupted:
        display.show(read_progress(call.selection.runs, call.log, 0.0))
        time.sleep(POLL_S)
        others = processes.live_snakemakes(Path.cwd())


def repair(call: SnakemakeCall, display: ProgressDisplay) -> None:
    """Clear what a killed Snakemake left: its trainers and its lock. Nobody else is here now."""
    orphans = processes.orphans(Path.cwd())
    if orphans:
        display.print_line(f"stopping {len(orphans)} process(es) that a killed call left behind")
        processes.stop(orphans)
    if call.selection.pipeline.get("engine") == "docker":
        count = processes.stop_containers(Path.cwd())
        if count:
            display.print_line(f"stopped {count} container(s) that a killed call left behind")
    locks = Path(".snakemake/locks")
    if locks.is_dir() and any(locks.iterdir()):
        display.print_line("removing the lock of a killed call")
        with call.log.open("ab") as log:
            subprocess.run(call.command("--unlock"), stdout=log, stderr=log, check=False)


def run_snakemake(call: SnakemakeCall, display: ProgressDisplay) -> int:
    """Run Snakemake to its end, showing progress; return its exit code."""
    since = time.time()
    with call.log.open("wb") as log:
        # A session of its own: a stop reaches it and all its trainers, and nobody else.
        call.child = subprocess.Popen(
            call.command(),
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        while call.child.poll() is None:
            display.show(read_progress(call.selection.runs, call.log, since))
            time.sleep(POLL_S)
    return call.child.returncode


def closing_lines(call: SnakemakeCall, code: int, outputs: Sequence[str]) -> list[str]:
    """Return the lines to print at the end: what is complete, what failed, what to open."""
    text = call.log.read_text(encoding="utf-8", errors="replace")
    runs = call.selection.runs
    done = sum(run.sentinel.is_file() for run in runs)
    if call.interrupted:
        return [
            f"stopped: {done} of {len(runs)} runs are complete and are kept; "
            "give the same command again to go on"
        ]
    if code:
        report = report_outcome(runs, call.log).splitlines()
        if not any(line.startswith("FAILED") for line in report):
            # Not a job but Snakemake itself: the reason is at the end of its log.
            report = [line for line in text.splitlines() if line.strip()][-12:]
        return [*report, f"snakemake's own log: {call.log}"]
    name = call.selection.experiment.name
    if "Nothing to be done" in text:
        head = (
            f"{name}: nothing to be done, all is up to date ({done} of {len(runs)} runs complete)"
        )
    else:
        head = f"{name}: {done} of {len(runs)} runs complete"
    if done < len(runs):
        head += f"; {len(runs) - done} missing, listed in results/data/{name}/exclusions.json"
    return [head, *(f"  {label:<7} {path}" for label, path in _labelled(outputs))]


def _labelled(outputs: Sequence[str]) -> list[tuple[str, str]]:
    """The outputs to open, each with its label; one figure format is enough."""
    labels = {"figures": "figure", "tables": "table", "report": "report"}
    return [(labels[Path(path).parts[1]], path) for path in existing(outputs)]


def _count(number: int, what: str) -> str:
    """``1 map``, ``3 maps``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _variants(selection: Selection) -> str:
    """How many variants a sweep makes of the algorithms; empty without one."""
    return f" in {len(selection.alg_folders)} variants" if selection.experiment.sweep else ""


def reproduce(call: SnakemakeCall, outputs: Sequence[str], plain: bool | None = None) -> int:
    """Wait, repair, run, report; return 0, Snakemake's code, or 128 + signal when stopped."""
    call.log.parent.mkdir(parents=True, exist_ok=True)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, call.on_signal)
    experiment = call.selection.experiment
    with ProgressDisplay(experiment.name, plain=plain) as display:
        display.print_line(
            f"{experiment.name}: {len(call.selection.runs)} runs "
            f"({_count(len(experiment.algs), 'algorithm')}{_variants(call.selection)} x "
            f"{_count(len(experiment.maps), 'map')} x {_count(len(experiment.seeds), 'seed')}) "
            f"on env {experiment.env}"
        )
        wait_for_others(call, display)
        code = 0
        if not call.interrupted:
            repair(call, display)
            code = run_snakemake(call, display)
    for line in closing_lines(call, code, outputs):
        sys.stdout.write(line + "\n")
    return 128 + call.interrupted if call.interrupted else code
