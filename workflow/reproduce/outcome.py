"""How a call of Snakemake ended: which jobs failed, why, and where to read more."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow.experiment.training_runs import TrainingRun
from workflow.reproduce.retries import NO_RETRY

_ERROR = re.compile(r"^Error in (?:group job|rule) (?P<rule>[\w-]+)")
_FIELD = re.compile(r"^\s+(?P<key>output|log): (?P<value>.*)$")
_NOISE = re.compile(r"^\s*(File \"|\^+|Traceback|During handling|The above exception)|^\s*$")


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that failed and whose output is still missing."""

    rule: str
    outputs: tuple[str, ...]
    log: str

    def last_log_line(self) -> str:
        """The last line of the job's own log that is no part of a traceback."""
        try:
            lines = Path(self.log).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return "it left no log"
        for line in reversed(lines[-200:]):
            if not _NOISE.match(line) and not line.rstrip().endswith(NO_RETRY):
                return line.strip()[:300]
        return "its log is empty"


def failed_jobs(snakemake_log: Path) -> list[FailedJob]:
    """Return the failed jobs that a Snakemake log names, without those whose retry succeeded."""
    try:
        lines = snakemake_log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found: dict[tuple[str, ...], FailedJob] = {}
    for number, line in enumerate(lines):
        match = _ERROR.match(line)
        if not match:
            continue
        fields: dict[str, str] = {}
        for following in lines[number + 1 : number + 12]:
            field = _FIELD.match(following)
            if field:
                fields.setdefault(field["key"], re.sub(r"\s*\(check log.*$", "", field["value"]))
            elif not following.startswith(" "):
                break
        outputs = tuple(
            part.strip() for part in fields.get("output", "").split(",") if part.strip()
        )
        if outputs and all(Path(output).is_file() for output in outputs):
            continue
        found[outputs] = FailedJob(
            match["rule"], outputs, fields.get("log", "").split(",")[0].strip()
        )
    return list(found.values())


def report_outcome(runs: Sequence[TrainingRun], snakemake_log: str | Path) -> str:
    """Return the closing lines of a call that failed: every failed job with its log's path."""
    failed = failed_jobs(Path(snakemake_log))
    by_sentinel = {str(run.sentinel): run for run in runs}
    done = sum(run.sentinel.is_file() for run in runs)
    lines = [f"{done} of {len(runs)} runs are complete."]
    for job in failed:
        run = next((by_sentinel[o] for o in job.outputs if o in by_sentinel), None)
        title = f"run {run.label}" if run else f"step {job.rule}"
        lines += [f"FAILED {title}: {job.last_log_line()}", f"       log: {job.log}"]
    if failed:
        lines.append(
            "Complete runs are kept. Correct the cause and give the same command again: it runs "
            "only what is missing."
        )
        if done:
            lines.append(
                "To draw from the complete runs: make figures EXP=... (or --config partial=true)"
            )
    return "\n".join(lines)


def existing(paths: Iterable[str | Path]) -> list[str]:
    """Return those of ``paths`` that exist."""
    return [str(path) for path in paths if Path(path).exists()]
