"""Jobs that failed for a reason that no retry can heal are not started again.

Snakemake counts retries and does not ask why a job failed. A death, a time limit or a lost game
heals; a configuration that the trainer refuses does not, and on a cluster each attempt waits in the
queue. The trainer says so itself, in the last line of its log.
"""

from collections.abc import Iterable
from pathlib import Path

NO_RETRY = "the same call would fail again (no retry)"
"""End of the last line that the trainer writes then; its own text, held equal by a test."""
_TAIL_BYTES = 2000


def is_hopeless(logs: Iterable[str | Path]) -> bool:
    """Whether the newest attempt said in one of the job's logs that another one would fail."""
    return any(last_line(Path(log)).endswith(NO_RETRY) for log in logs)


def last_line(log: Path) -> str:
    """Return the last line of a log that is not empty; ``""`` when there is none."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            lines = file.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def retry_only_what_can_heal() -> None:
    """Let Snakemake's scheduler ask :func:`is_hopeless` before it starts a failed job again.

    Snakemake has no setting for this: the number of restarts that a job says it has is what the
    scheduler compares with its attempts.
    """
    from snakemake.jobs import Job

    counted = Job.restart_times.fget
    if counted.__module__ == __name__:
        return  # a Snakefile may be read twice

    def restart_times(job: Job) -> int:
        """The job's retries; none after an attempt that no retry can heal."""
        return 0 if is_hopeless(map(str, job.log)) else int(counted(job))

    Job.restart_times = property(restart_times)
