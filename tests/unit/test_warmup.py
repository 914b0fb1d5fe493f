"""Kernels are compiled by one process at a time, once for a version of their sources."""

import multiprocessing
import os
import subprocess
import sys
import time

import pytest

from pymarl.kernels import warmup


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("PYMARL_WARM_UP", raising=False)
    return tmp_path / "cache"


def compile_slowly(log):
    """Stand in for the tiny training: note when it begins and ends."""
    with log.open("a") as stream:
        stream.write("begin\n")
    time.sleep(0.3)
    with log.open("a") as stream:
        stream.write("end\n")


def warm_with(log):
    warmup._train = lambda: compile_slowly(log)
    warmup.warm_up()


def test_processes_that_start_together_compile_once(cache, tmp_path):
    log = tmp_path / "log"
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=warm_with, args=(log,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert log.read_text().split() == ["begin", "end"]
    assert (cache / f"warm-{warmup.fingerprint()}").exists()


def test_nothing_is_done_twice(cache, monkeypatch):
    monkeypatch.setattr(warmup, "_train", lambda: None)
    assert warmup.warm_up()
    assert not warmup.warm_up(quiet=True)


def test_a_failed_training_is_told_and_leaves_no_marker(cache, monkeypatch):
    monkeypatch.setattr(warmup, "_TRAINING", ("--config=qmixx", "--env-config=sim", "with"))
    with pytest.raises(warmup.WarmUpError, match="qmixx"):
        warmup.warm_up()
    assert not list(cache.glob("warm-*[0-9a-f]"))


def test_the_tiny_training_itself_does_not_warm_up(cache, monkeypatch):
    monkeypatch.setenv("PYMARL_WARM_UP", "1")
    monkeypatch.setattr(warmup, "_train", lambda: pytest.fail("warmed up inside"))
    assert not warmup.warm_up()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("envs/skirmish/anything.py", "@kernel\ndef f(): return {}\n"),
        ("envs/smac/layout.py", "A = {}\n"),
        ("modules/deep/down.py", "from pymarl.kernels.training_jit import compiled\nA = {}\n"),
    ],
)
def test_another_kernel_is_another_fingerprint(tmp_path, file, text):
    source = tmp_path / file
    source.parent.mkdir(parents=True)
    source.write_text(text.format(1))
    before = warmup.fingerprint(tmp_path)
    assert warmup.fingerprint(tmp_path) == before
    source.write_text(text.format(2))
    assert warmup.fingerprint(tmp_path) != before


def test_a_cache_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "pymarl.kernels.warmup"],
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "file" / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Not a directory" in done.stderr
    assert "Traceback" not in done.stderr
