"""What a call of Snakemake came to: which jobs failed, why, and where to read more."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow.experiment.training_runs import Run

_ERROR = re.compile(r"^Error in (?:group job|rule) (?P<rule>[\w-]+)")
_FIELD = re.compile(r"^\s+(?P<key>output|log): (?P<value>.*)$")
_NOISE = re.compile(r"^\s*(File \"|\^+|Traceback|During handling|The above exception)|^\s*$")


@dataclass(frozen=True, slots=True)
class Failure:
    """A job that failed and whose output is still missing."""

    rule: str
    outputs: tuple[str, ...]
    log: str

    def last_words(self) -> str:
        """The last line of the job's own log that says something."""
        try:
            lines = Path(self.log).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return "it left no log"
        for line in reversed(lines[-200:]):
            if not _NOISE.match(line):
                return line.strip()[:300]
        return "its log is empty"


def failures(snakemake_log: Path) -> list[Failure]:
    """Return the failed jobs that a Snakemake log names, without those that a retry mended."""
    try:
        lines = snakemake_log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found: dict[tuple[str, ...], Failure] = {}
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
        found[outputs] = Failure(
            match["rule"], outputs, fields.get("log", "").split(",")[0].strip()
        )
    return list(found.values())


def report_outcome(runs: Sequence[Run], snakemake_log: str | Path) -> str:
    """Return the closing lines of a call that failed: every failed job with its log's path."""
    failed = failures(Path(snakemake_log))
    by_sentinel = {str(run.sentinel): run for run in runs}
    done = sum(run.sentinel.is_file() for run in runs)
    lines = [f"{done} of {len(runs)} runs are complete."]
    for failure in failed:
        run = next((by_sentinel[o] for o in failure.outputs if o in by_sentinel), None)
        title = f"run {run.label}" if run else f"step {failure.rule}"
        lines += [f"FAILED {title}: {failure.last_words()}", f"       log: {failure.log}"]
    if failed:
        lines.append("What is complete stays. Mend the cause and call again: the rest will run.")
        if done:
            lines.append(
                "To draw from the complete runs: make figures EXP=... (or --config partial=true)"
            )
    return "\n".join(lines)


def existing(paths: Iterable[str | Path]) -> list[str]:
    """Return those of ``paths`` that exist."""
    return [str(path) for path in paths if Path(path).exists()]
