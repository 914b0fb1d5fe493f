"""Run folders: publication, leftovers, foreign files, locks."""

import hashlib
import json

import pytest

from pymarl.errors import PublishError, RunFolderError
from pymarl.runs.run_folder import RunFolder
from pymarl.utils import atomic

RUN_JSON = json.dumps({"experiment": {"name": "pymarl"}, "status": "COMPLETED"})


def fill(folder: RunFolder, mark: str = "1") -> None:
    folder.work.mkdir()
    (folder.work / "run.json").write_text(RUN_JSON)
    (folder.work / "config.json").write_text("{}")
    (folder.work / "info.json").write_text(mark)
    (folder.work / "models" / "100").mkdir(parents=True)
    (folder.work / "models" / "100" / "agent.th").write_bytes(b"weights")


def test_a_published_folder_lists_every_file_with_its_digest(tmp_path):
    folder = RunFolder(tmp_path / "a" / "run").open()
    fill(folder)
    assert not (folder.path / "complete.json").exists()
    folder.publish()
    folder.close()
    complete = json.loads((folder.path / "complete.json").read_text())
    assert complete["status"] == "COMPLETED"
    assert set(complete["files"]) == {"run.json", "config.json", "info.json", "models/100/agent.th"}
    for name, digest in complete["files"].items():
        assert hashlib.sha256((folder.path / name).read_bytes()).hexdigest() == digest
    assert not folder.work.exists()


def test_a_complete_run_is_refused_and_untouched(tmp_path):
    folder = RunFolder(tmp_path / "run").open()
    fill(folder)
    folder.publish()
    folder.close()
    before = {path: path.stat().st_mtime_ns for path in folder.path.rglob("*")}
    with pytest.raises(RunFolderError, match="already holds a complete run"):
        RunFolder(tmp_path / "run").open()
    before.pop(folder.path / ".lock")
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_an_unfinished_attempt_is_kept_aside(tmp_path):
    for number in (1, 2):
        folder = RunFolder(tmp_path / "run").open()
        folder.set_work_aside()
        fill(folder, mark=f"attempt {number}")
        folder.close()
    folder = RunFolder(tmp_path / "run").open()
    assert folder.set_work_aside() == folder.path / "failed-2"
    assert folder.set_work_aside() is None
    folder.close()
    kept = [(tmp_path / "run" / f"failed-{n}" / "work" / "info.json").read_text() for n in (1, 2)]
    assert kept == ["attempt 1", "attempt 2"]


def test_a_publication_cut_short_does_not_leak_into_the_next_result(tmp_path):
    folder = RunFolder(tmp_path / "run").open()
    fill(folder, mark="old")
    (folder.work / "info.json").rename(folder.path / "info.json")
    (folder.work / "models").rename(folder.path / "models")
    folder.close()

    folder = RunFolder(tmp_path / "run").open()
    folder.set_work_aside()
    folder.work.mkdir()
    for name in ("run.json", "config.json", "info.json"):
        (folder.work / name).write_text("{}")
    folder.publish()
    complete = json.loads((folder.path / "complete.json").read_text())
    assert set(complete["files"]) == {"run.json", "config.json", "info.json"}
    assert (folder.path / "failed-1" / "info.json").read_text() == "old"


def test_foreign_files_are_named_and_left_alone(tmp_path):
    (tmp_path / "info.json").write_text("someone else's")
    with pytest.raises(RunFolderError, match=r"holds info\.json but no complete\.json"):
        RunFolder(tmp_path).open()
    assert (tmp_path / "info.json").read_text() == "someone else's"
    assert not (tmp_path / "work").exists()


def test_a_second_process_is_kept_out(tmp_path):
    first = RunFolder(tmp_path / "run").open()
    with pytest.raises(RunFolderError, match=r"is in use by another run \(pid"):
        RunFolder(tmp_path / "run").open()
    first.close()
    RunFolder(tmp_path / "run").open().close()


def test_a_run_without_its_files_is_not_published(tmp_path):
    folder = RunFolder(tmp_path / "run").open()
    folder.work.mkdir()
    (folder.work / "config.json").write_text("{}")
    with pytest.raises(PublishError, match=r"run\.json, info\.json was not written"):
        folder.publish()
    assert not (folder.path / "complete.json").exists()


def test_a_folder_that_cannot_be_made_is_an_error_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="cannot be used"):
        RunFolder(tmp_path / "file" / "run").open()


def test_a_failed_atomic_write_leaves_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "x.json"
    atomic.write_json(target, {"a": 1})
    monkeypatch.setattr("os.fsync", lambda descriptor: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        atomic.write_json(target, {"a": 2})
    assert json.loads(target.read_text()) == {"a": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_nan_is_not_json(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        atomic.write_json(tmp_path / "x.json", float("nan"))
