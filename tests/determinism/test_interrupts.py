"""SIGTERM, SIGINT and SIGKILL: what they leave behind is never taken for a result."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def start(folder: Path) -> subprocess.Popen[str]:
    overrides = ["env_args.map_name=3m", "t_max=1000000", "test_nepisode=2", f"run_dir={folder}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "pymarl", "--config=vdn", "--env-config=sim", "with", *overrides],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A suite that was started in the background has SIGINT ignored, and so would the run.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 120
    while not (folder / "work" / "progress.json").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return process


@pytest.mark.parametrize(
    ("sent", "code", "status"),
    [
        (signal.SIGTERM, 143, "INTERRUPTED"),
        (signal.SIGINT, 130, "INTERRUPTED"),
        (signal.SIGKILL, -9, "RUNNING"),
    ],
)
def test_a_stopped_run_is_recorded_and_not_published(tmp_path, sent, code, status):
    folder = tmp_path / "run"
    process = start(folder)
    process.send_signal(sent)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in err
    assert json.loads((folder / "work" / "run.json").read_text())["status"] == status
    assert not (folder / "complete.json").exists()
    progress = json.loads((folder / "work" / "progress.json").read_text())
    assert progress["t_max"] == 1000000
    assert progress["rate"] > 0
