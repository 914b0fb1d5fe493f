"""Checkpoint files: incremental, verified before anything is loaded, never half-written."""

import json

import pytest
import torch as th

from pymarl.errors import CheckpointError
from pymarl.runs.checkpoint.checkpoint_store import CheckpointStore

IDENTITY = {"fingerprint": "f"}


def episode(number: int) -> dict[str, th.Tensor]:
    length = 1 + number % 3
    return {
        "obs": th.full((length, 2, 3), float(number)),
        "actions": th.full((length, 2, 1), number, dtype=th.long),
    }


def numbered(*numbers: int) -> list[tuple[int, dict[str, th.Tensor]]]:
    return [(number, episode(number)) for number in numbers]


def saved(folder) -> CheckpointStore:
    store = CheckpointStore(folder)
    store.write({"t": 1, "w": th.arange(3)}, numbered(0, 1, 2), 0, IDENTITY)
    store.write({"t": 2, "w": th.arange(4)}, numbered(3, 4), 2, IDENTITY)
    return store


def test_what_is_written_is_read_back(tmp_path):
    saved(tmp_path)
    store = CheckpointStore(tmp_path)
    assert store.fingerprint() == "f"
    loaded = store.read()
    assert loaded.state["t"] == 2
    assert th.equal(loaded.state["w"], th.arange(4))
    assert set(loaded.episodes) == {0, 1, 2, 3, 4}
    for number, stored in loaded.episodes.items():
        for key, tensor in episode(number).items():
            assert th.equal(stored[key], tensor)
            assert stored[key].dtype == tensor.dtype


def test_episodes_are_written_once_and_files_that_are_no_longer_needed_go(tmp_path):
    store = saved(tmp_path)
    first = store.segments[0].file
    written = (tmp_path / first).stat().st_mtime_ns
    store.write({"t": 3}, numbered(5), 2, IDENTITY)
    assert (tmp_path / first).stat().st_mtime_ns == written
    store.write({"t": 4}, numbered(6), 3, IDENTITY)
    assert not (tmp_path / first).exists()
    assert len(list(tmp_path.glob("state-*"))) == 1
    assert set(store.read().episodes) == {3, 4, 5, 6}


def test_episodes_that_left_the_buffer_before_the_save_are_not_written(tmp_path):
    store = CheckpointStore(tmp_path)
    store.write({}, numbered(0, 1, 2, 3), 2, IDENTITY)
    assert set(store.read().episodes) == {2, 3}


def test_no_checkpoint_is_no_error(tmp_path):
    assert CheckpointStore(tmp_path / "none").fingerprint() is None


@pytest.mark.parametrize("which", ["state-*.pt", "episodes-*.pt"])
@pytest.mark.parametrize("damage", ["flip", "cut", "gone"])
def test_damage_is_named_and_nothing_is_changed(tmp_path, which, damage):
    saved(tmp_path)
    path = sorted(tmp_path.glob(which))[0]
    blob = path.read_bytes()
    if damage == "flip":
        path.write_bytes(blob[:100] + bytes([blob[100] ^ 1]) + blob[101:])
    elif damage == "cut":
        path.write_bytes(blob[: len(blob) // 2])
    else:
        path.unlink()
    before = {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()}
    with pytest.raises(CheckpointError, match=path.name):
        CheckpointStore(tmp_path).read()
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "not a checkpoint of this program"),
        ("[]", "not a checkpoint of this program"),
        ('{"format": 99}', "checkpoint format 99, expected 2"),
        ('{"format": 1}', "checkpoint format 1, expected 2"),
        ('{"format": 2, "fingerprint": "f"}', "not a checkpoint of this program"),
    ],
)
def test_foreign_files_are_named(tmp_path, text, message):
    (tmp_path / "latest.json").write_text(text)
    with pytest.raises(CheckpointError, match=message):
        CheckpointStore(tmp_path).read()


def test_a_write_that_fails_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    store = saved(tmp_path)
    real = __import__("os").fsync
    calls = iter(range(100))

    def fail_late(descriptor: int) -> None:
        if next(calls) >= 2:  # segment and state are written, latest.json is not
            raise OSError("disk full")
        real(descriptor)

    monkeypatch.setattr("os.fsync", fail_late)
    with pytest.raises(OSError, match="disk full"):
        store.write({"t": 3}, numbered(5), 2, IDENTITY)
    loaded = CheckpointStore(tmp_path).read()
    assert loaded.state["t"] == 2
    assert set(loaded.episodes) == {0, 1, 2, 3, 4}


def test_checkpoints_never_run_code_from_a_file(tmp_path):
    store = saved(tmp_path)
    path = tmp_path / json.loads((tmp_path / "latest.json").read_text())["state"]["file"]
    import hashlib
    import pickle

    path.write_bytes(pickle.dumps(print))
    latest = json.loads((tmp_path / "latest.json").read_text())
    latest["state"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "latest.json").write_text(json.dumps(latest))
    with pytest.raises(CheckpointError, match="cannot be read"):
        store.read()
