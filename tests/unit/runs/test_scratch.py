"""Runs on a node's own disk: what reaches the run folder, when, and after which kills."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch as th

from pymarl.runs import scratch
from pymarl.runs.checkpoint.checkpoint_store import CheckpointStore
from pymarl.runs.run_folder import acquire_lock

ARGUMENTS = [
    "--config=vdn", "--env-config=matrix", "with", "t_max=600", "test_interval=150",
    "test_nepisode=2", "checkpoint_interval=60", "log_interval=150", "runner_log_interval=150",
    "learner_log_interval=150",
]  # fmt: skip  # as typed


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """The node's disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    monkeypatch.setenv(scratch.SCRATCH_VARIABLE, str(folder))
    return folder


def episode(number):
    return (number, {"reward": th.full((3, 1), float(number))})


def checkpoint(folder, number):
    """Write checkpoint ``number``, which holds the two newest episodes, as a run does."""
    store = CheckpointStore(folder / "work/checkpoint")
    if (store.folder / "latest.json").exists():
        store.segments = CheckpointStore(store.folder).segments
        loaded = CheckpointStore(store.folder)
        loaded.read()
        store.segments = loaded.segments
    store.write({"t_env": number}, [episode(number)], max(0, number - 1), {"fingerprint": "f"})


def test_every_checkpoint_arrives_whole_and_old_files_go(tmp_path):
    local, shared = tmp_path / "local", tmp_path / "shared"
    (local / "work").mkdir(parents=True)
    shared.mkdir()
    assert not scratch.save(local, shared)
    for number in range(5):
        checkpoint(local, number)
        (local / "work/test_episodes.jsonl").write_text(f"{number}\n" * (number + 1))
        assert scratch.save(local, shared)
        loaded = CheckpointStore(shared / "work/checkpoint").read()
        assert loaded.state == {"t_env": number}
        assert set(loaded.episodes) == {number} | ({number - 1} if number else set())
        assert (shared / "work/test_episodes.jsonl").read_text() == f"{number}\n" * (number + 1)
    here, there = ({p.name for p in (f / "work/checkpoint").iterdir()} for f in (local, shared))
    assert here == there


def test_a_checkpoint_that_is_replaced_while_it_is_copied_leaves_the_one_before(
    tmp_path, monkeypatch
):
    local, shared = tmp_path / "local", tmp_path / "shared"
    checkpoint(local, 0)
    shared.mkdir()
    assert scratch.save(local, shared)
    checkpoint(local, 1)
    copy = scratch.copy_tree

    def overtaken(source, target, skip):
        monkeypatch.setattr(scratch, "copy_tree", copy)
        checkpoint(local, 2)
        copy(source, target, skip)

    monkeypatch.setattr(scratch, "copy_tree", overtaken)
    assert not scratch.save(local, shared)
    assert CheckpointStore(shared / "work/checkpoint").read().state == {"t_env": 0}
    assert scratch.save(local, shared)
    assert CheckpointStore(shared / "work/checkpoint").read().state == {"t_env": 2}


@pytest.mark.parametrize("stop_before", ["copy2", "write_bytes"])
def test_a_kill_while_saving_leaves_a_checkpoint_that_loads(tmp_path, monkeypatch, stop_before):
    local, shared = tmp_path / "local", tmp_path / "shared"
    checkpoint(local, 0)
    shared.mkdir()
    scratch.save(local, shared)
    checkpoint(local, 1)

    class KilledError(BaseException):
        pass

    def killed(*arguments, **options):
        raise KilledError

    module = shutil if stop_before == "copy2" else scratch.atomic
    with monkeypatch.context() as context:
        context.setattr(module, stop_before, killed)
        with pytest.raises(KilledError):
            scratch.save(local, shared)
    assert CheckpointStore(shared / "work/checkpoint").read().state == {"t_env": 0}
    assert scratch.save(local, shared)
    assert CheckpointStore(shared / "work/checkpoint").read().state == {"t_env": 1}


def digests(folder):
    return [
        hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("info.json", "test_episodes.jsonl")
    ]


def test_a_stopped_run_resumes_on_another_disk_to_the_same_bits(tmp_path, disk):
    program = [sys.executable, "-u", "-m"]
    plain = subprocess.run(
        [*program, "pymarl", *ARGUMENTS, f"run_dir={tmp_path / 'plain'}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip  # as typed
    assert plain.returncode == 0, plain.stderr

    shared = tmp_path / "shared"
    arguments = [*program, "pymarl.runs.scratch", *ARGUMENTS, f"run_dir={shared}"]
    stopped = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    while not list(disk.glob("*/run/work/checkpoint/latest.json")) and stopped.poll() is None:
        time.sleep(0.01)
    stopped.send_signal(signal.SIGTERM)
    output = stopped.communicate()[0]
    assert stopped.returncode == 143, output
    assert (shared / "work/checkpoint/latest.json").is_file()
    assert list(disk.iterdir()) == []

    other = tmp_path / "other disk"
    other.mkdir()
    done = subprocess.run(
        arguments,
        env={**os.environ, scratch.SCRATCH_VARIABLE: "$OTHER_DISK", "OTHER_DISK": str(other)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip  # as typed
    assert done.returncode == 0, done.stderr
    assert "Resuming at t_env" in done.stdout + done.stderr
    assert digests(shared) == digests(tmp_path / "plain")
    assert json.loads((shared / "provenance.json").read_text())["resumes"] == 1
    listed = json.loads((shared / "complete.json").read_text())["files"]
    for name, digest in listed.items():
        assert hashlib.sha256((shared / name).read_bytes()).hexdigest() == digest
    assert not (shared / "work").exists()
    assert list(other.iterdir()) == []
    # Again: the message is the trainer's.
    again = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "already holds a complete run" in again.stderr


def fake(tmp_path, text):
    """A program that gets the command line, with the folder it shall work in as ``folder``."""
    path = tmp_path / "program.py"
    path.write_text(
        "import os, pathlib, signal, sys, time\n"
        "folder = pathlib.Path(sys.argv[-1].removeprefix('run_dir='))\n"
        "(folder / 'work').mkdir(exist_ok=True)\n" + text
    )
    return [sys.executable, str(path)]


def test_a_failed_run_leaves_its_words_in_the_run_folder(tmp_path, disk):
    program = fake(tmp_path, "(folder / 'work/cout.txt').write_text('why'); sys.exit(7)")
    shared = tmp_path / "shared"
    assert scratch.main([f"run_dir={shared}"], program) == 7
    assert (shared / "work/cout.txt").read_text() == "why"
    assert list(disk.iterdir()) == []


def test_what_a_killed_one_left_on_the_disk_goes_and_other_runs_folders_stay(tmp_path, disk):
    shared, other = tmp_path / "shared", tmp_path / "other"
    for folder in (shared, other):
        start = f"scratch.main(['run_dir={folder}'], ['sh', '-c', 'kill -9 $PPID'])"
        arguments = [sys.executable, "-c", f"from pymarl.runs import scratch; {start}"]
        assert subprocess.run(arguments, check=False).returncode == -signal.SIGKILL
    assert len(list(disk.iterdir())) == 2
    assert scratch.main([f"run_dir={shared}"], fake(tmp_path, "")) == 0
    assert len(list(disk.iterdir())) == 1


def test_a_killed_run_is_a_failure_with_its_signal(tmp_path, disk):
    program = fake(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    assert scratch.main([f"run_dir={tmp_path / 'shared'}"], program) == 128 + signal.SIGKILL


def test_progress_is_seen_while_the_run_is_at_work(tmp_path, disk, monkeypatch):
    monkeypatch.setattr(scratch, "INTERVAL_S", 0.1)
    shared = tmp_path / "shared"
    seen = shared / "work/progress.json"
    program = fake(
        tmp_path,
        "(folder / 'work/progress.json').write_text('{}')\n"
        f"seen = pathlib.Path({str(seen)!r})\n"
        "for _ in range(600):\n"
        "    time.sleep(0.05)\n"
        "    if seen.exists(): sys.exit(0)\n"
        "sys.exit(1)\n",
    )
    assert scratch.main([f"run_dir={shared}"], program) == 0


@pytest.mark.parametrize("value", ["/no/such/folder", "$NO_SUCH_VARIABLE/x", ""])
def test_without_a_disk_the_run_works_in_its_folder_and_says_so(
    tmp_path, monkeypatch, capsys, value
):
    monkeypatch.setenv(scratch.SCRATCH_VARIABLE, value)
    shared = tmp_path / "shared"
    shared.mkdir()
    program = fake(tmp_path, "(folder / 'here').touch()")
    assert scratch.main([f"run_dir={shared}"], program) == 0
    assert (shared / "here").exists()
    assert "working in the run folder itself" in capsys.readouterr().err


def test_two_runs_of_one_folder_keep_out_of_each_others_way(tmp_path, disk, capsys):
    shared = tmp_path / "shared"
    held = acquire_lock(shared)
    assert held is not None
    assert scratch.main([f"run_dir={shared}"], fake(tmp_path, "")) == 2
    assert f"{shared} is in use by another run" in capsys.readouterr().err
    os.close(held)


def test_copying_skips_what_is_the_same_and_what_vanished(tmp_path):
    source, target = Path(tmp_path, "a"), Path(tmp_path, "b")
    (source / "deep").mkdir(parents=True)
    (source / "deep/x").write_text("x")
    scratch.copy_tree(source, target, lambda name: False)
    before = (target / "deep/x").stat().st_ino
    scratch.copy_tree(source, target, lambda name: False)
    assert (target / "deep/x").stat().st_ino == before
    (source / "deep/x").write_text("longer")
    (source / "gone").symlink_to(tmp_path / "nowhere")
    scratch.copy_tree(source, target, lambda name: False)
    assert (target / "deep/x").read_text() == "longer"
    assert not (target / "gone").exists()
