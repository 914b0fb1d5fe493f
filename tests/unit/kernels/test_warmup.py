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


DECORATORS = {"simulator": "@kernel  # said twice", "training": "@compiled()"}


@pytest.mark.parametrize("kind", DECORATORS)
@pytest.mark.parametrize("changed", ["kernel.py", "constants.py", "deep/down.py"])
def test_another_kernel_or_constant_is_another_fingerprint(tmp_path, kind, changed):
    package = tmp_path / "pymarl"
    name = DECORATORS[kind].split("@")[1].split()[0].removesuffix("()")
    texts = {
        f"kernels/{kind}_jit.py": "",
        "kernel.py": f"from pymarl.kernels.{kind}_jit import {name}\n"
        "from pymarl import constants\n"
        f"{DECORATORS[kind]}\ndef f(): return constants.A\n",
        "constants.py": "from pymarl.deep.down import (\n    A,\n)\n",
        "deep/down.py": "A = 1\n",
        "other.py": "",
    }
    for file, text in texts.items():
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text(text)
    before = warmup.fingerprint(package)
    (package / "other.py").write_text("A = 2\n")
    assert warmup.fingerprint(package) == before
    (package / changed).write_text(texts[changed] + "B = 2\n")
    assert warmup.fingerprint(package) != before


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
