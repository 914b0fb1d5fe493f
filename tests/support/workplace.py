"""A working folder in which the real Snakefile runs, with the real or with fake commands."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
FAKE_TRAINER = Path(__file__).resolve().parents[1] / "fakes" / "trainer"


class Workplace:
    """Runs the pipeline in ``folder`` and remembers what it started.

    ``root`` is the source tree whose Snakefile is used; ``prefix`` comes before every command,
    for example ``setpriv`` and another user.
    """

    def __init__(self, folder: Path, root: Path = ROOT, prefix: Sequence[str] = ()) -> None:
        self.folder = folder
        self.root = root
        self.prefix = list(prefix)
        self.journal = folder / "journal"
        self.env = {
            k: v for k, v in os.environ.items() if not k.startswith(("FAKE_TRAINER", "PYMARL"))
        }
        self.started: list[subprocess.Popen[str]] = []

    def use_fake_trainer(self, sleep_s: float = 0.0, fail: str = "") -> None:
        """Use the fake trainer and analysis of tests/fakes/trainer."""
        self.env |= {
            "PYTHONPATH": str(FAKE_TRAINER),
            "FAKE_TRAINER_JOURNAL": str(self.journal),
            "FAKE_TRAINER_SLEEP_S": str(sleep_s),
            "FAKE_TRAINER_FAIL": fail,
        }

    def experiment(self, **changes: object) -> Path:
        """Write an experiment file of four short runs, with changes, and return it."""
        config = {
            "experiment": "tiny",
            "env": "sim",
            "maps": ["3m"],
            "algs": ["qmix", "vdn"],
            "seeds": [1, 2],
            "t_max": 600,
            **changes,
        }
        path = self.folder / "tiny.yaml"
        path.write_text(yaml.safe_dump(config))
        return path

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command of this Python in the folder."""
        process = subprocess.Popen(
            [*self.prefix, sys.executable, *arguments], cwd=self.folder, env=self.env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip  # as typed
        self.started.append(process)
        return process

    def call(self, *arguments: str, timeout: float = 240) -> tuple[int, str]:
        """Run a command to its end and return its exit code and output."""
        process = self.start(*arguments)
        out, _ = process.communicate(timeout=timeout)
        return process.returncode, out

    def snakemake(self, *arguments: str, timeout: float = 240) -> tuple[int, str]:
        """Call snakemake on the project's Snakefile."""
        return self.call(
            "-m", "snakemake", "--snakefile", str(self.root / "Snakefile"), "--cores", "2",
            *arguments, timeout=timeout,
        )  # fmt: skip  # as typed

    def reproduce(
        self, experiment: str | Path, *arguments: str, timeout: float = 240
    ) -> tuple[int, str]:
        """Do what ``make reproduce EXP=experiment`` does."""
        return self.call(*self.reproduce_arguments(experiment), *arguments, timeout=timeout)

    @staticmethod
    def reproduce_arguments(experiment: str | Path) -> list[str]:
        """The arguments of Python behind ``make reproduce``."""
        return ["-m", "workflow", "reproduce", "--experiment", str(experiment), "--cores", "2"]

    def trained(self) -> list[str]:
        """The runs that the fake trainer was started for since the last call, sorted."""
        lines = self.journal.read_text().splitlines() if self.journal.exists() else []
        self.journal.unlink(missing_ok=True)
        return sorted(line.split()[0] for line in lines)

    def complete(self) -> list[Path]:
        """The sentinels that exist."""
        return sorted(self.folder.glob("results/runs/**/complete.json"))

    def wait_until(self, condition, seconds: float = 60.0) -> None:
        """Wait for ``condition()``; fail after ``seconds``."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "the awaited state never came"
            time.sleep(0.05)

    def processes(self) -> list[int]:
        """Processes whose working directory is the folder."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                other = entry.name.isdigit() and int(entry.name) != os.getpid()
                if other and (entry / "cwd").readlink() == self.folder:
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def close(self) -> None:
        """Kill what is still at work in the folder."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        for process in self.started:
            if process.stdout is not None and not process.stdout.closed:
                process.communicate()
