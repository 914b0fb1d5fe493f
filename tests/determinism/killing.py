"""Short runs in processes of their own that are stopped and started again."""

import hashlib
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

SETTINGS = [
    "env_args.map_name=3m",
    "t_max=1500",
    "test_interval=500",
    "test_nepisode=4",
    "batch_size=6",
    "buffer_size=30",
    "checkpoint_interval=150",
    "log_interval=400",
    "runner_log_interval=300",
    "learner_log_interval=300",
    "target_update_interval=10",
    "use_csv=true",
]
BEGINNING = "Beginning training"


@dataclass(frozen=True)
class Case:
    """An algorithm in a runner."""

    alg: str
    overrides: tuple[str, ...] = ()

    def arguments(self, folder: Path, *more: str) -> list[str]:
        """Return the arguments of ``python -m pymarl``."""
        flags = [f"--config={self.alg}", "--env-config=sim"]
        return [*flags, "with", *SETTINGS, f"run_dir={folder}", *self.overrides, *more]

    def command(self, folder: Path, *more: str) -> list[str]:
        return [sys.executable, "-u", "-m", "pymarl", *self.arguments(folder, *more)]

    def run(self, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
        """Run to the end."""
        command = self.command(folder, *more)
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def run_and_stop(self, folder: Path, how: int, delay_s: float) -> bool:
        """Start a run, send the signal ``how`` after a while; return whether it had ended before.

        The delay is counted from the line that says that training begins.
        """
        process = subprocess.Popen(self.command(folder), stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for line in process.stdout:
            if BEGINNING in line:
                break
        time.sleep(delay_s)
        process.send_signal(how)
        process.communicate()
        # A signal may come after the run is published and before its process is gone.
        return process.returncode == 0 or (folder / "complete.json").is_file()


def digests(folder: Path) -> dict[str, str]:
    """Return the digests of what must be the same bits however often a run was stopped."""
    logs = [folder / name for name in ("info.json", "test_episodes.jsonl", "metrics.csv")]
    names = [*logs, *sorted(folder.rglob("*.th"))]
    assert len(names) >= 5
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in names
    }
