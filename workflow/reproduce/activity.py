"""What a call is doing while no training makes steps: planning, building, compiling, drawing."""

import re
from collections.abc import Iterable
from pathlib import Path

from workflow.reproduce.retries import last_line

COMPILING = ("compiling the kernels", "compiles the kernels")
"""The trainer's own words, in its log, while it or another process compiles; a test compares."""
_STARTED = re.compile(r"(?:local)?rule (?P<rule>\w+):\n(?P<fields>(?: +.*\n?)*)")
_ENDED = re.compile(r"Finished jobid: (\d+)|Error in rule \w+:\n(?: +message:.*\n)? +jobid: (\d+)")
_EVENT = re.compile(r"^(?:(?:local)?rule \w+:|Finished jobid: |Error in rule )", re.MULTILINE)


def jobs_at_work(snakemake_log: str) -> dict[int, tuple[str, str]]:
    """Return the jobs that were started and have not ended: rule and log by job id.

    Args:
        snakemake_log: the text of Snakemake's log.
    """
    at_work: dict[int, tuple[str, str]] = {}
    for event in _EVENT.finditer(snakemake_log):
        if started := _STARTED.match(snakemake_log, event.start()):
            fields = dict(re.findall(r"^ +(jobid|log): (\S+)", started["fields"], re.MULTILINE))
            if "jobid" in fields:
                at_work[int(fields["jobid"])] = (started["rule"], fields.get("log", ""))
        elif ended := _ENDED.match(snakemake_log, event.start()):
            at_work.pop(int(ended[1] or ended[2]), None)
    return at_work


def activity(snakemake_log: str, since: float, all_trained: bool = False) -> str:
    """Say in a few words what goes on besides training steps; ``""`` when it is nothing of note.

    Args:
        snakemake_log: the text of Snakemake's log of this call.
        since: start of the call (seconds of the epoch); older logs are of earlier calls.
        all_trained: whether every run is complete: Snakemake notices that a little later.
    """
    if not _EVENT.search(snakemake_log):
        return "planning the jobs"
    at_work = jobs_at_work(snakemake_log).values()
    rules = {rule for rule, _ in at_work}
    if "build_image" in rules:
        log = next(log for rule, log in at_work if rule == "build_image")
        return f"building the container image (minutes; its log: {log})"
    if "train" in rules and not all_trained:
        return _starting([Path(log) for rule, log in at_work if rule == "train"], since)
    if rules & {"plot", "table", "verdict", "report_page"}:
        return "drawing the figures, tables and the report"
    return "collecting the results" if "collect" in rules else ""


def _starting(logs: Iterable[Path], since: float) -> str:
    """What trainings do before their first step, read from their logs."""
    lines = [last_line(log) for log in logs if _written(log, since)]
    if any(words in line for line in lines for words in COMPILING):
        return "compiling the simulator and the learner (once per machine, about a minute)"
    return "runs are starting" if lines else "waiting for runs to start"


def _written(log: Path, since: float) -> bool:
    try:
        return log.stat().st_mtime >= since
    except OSError:
        return False
