"""Sacred's files in a run folder."""

import json
from datetime import datetime

from pymarl.runs.sacred_recording import RunFolderObserver


def test_a_heartbeat_in_the_middle_of_a_log_call_writes_equal_lists(tmp_path):
    observer = RunFolderObserver(tmp_path / "work")
    start = datetime(2026, 1, 1)
    observer.started_event({"sources": [], "base_dir": ""}, "main", {}, start, {}, {}, None)
    info = {"loss_T": [1, 2, 3], "loss": [0.5, 0.25], "note": "x"}
    observer.heartbeat_event(info, "", start, None)
    written = json.loads((tmp_path / "work" / "info.json").read_text())
    assert written == {"loss_T": [1, 2], "loss": [0.5, 0.25], "note": "x"}
    assert json.loads((tmp_path / "work" / "run.json").read_text())["status"] == "RUNNING"
