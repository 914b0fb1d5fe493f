"""Training from a program's own threads: a notebook, a web page, an executor."""

import asyncio
import json
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pymarl import main as program
from pymarl.main import EXIT_DONE, EXIT_USAGE, main

GAME = ["env_args.map_name=two_step", "t_max=40", "use_cuda=false", "batch_size=2"]


def play(folder: Path, *entries: str, seed: int = 1) -> int:
    words = [*GAME, f"run_dir={folder}", f"seed={seed}", *entries]
    return main(["--config=qmix", "--env-config=matrix", "--progress=off", "with", *words])


def result(folder: Path) -> object:
    assert (folder / "complete.json").is_file()
    return json.loads((folder / "info.json").read_text())


def test_a_thread_trains_as_the_main_thread_does(tmp_path):
    handler, stdout = signal.getsignal(signal.SIGTERM), sys.stdout
    assert play(tmp_path / "main") == EXIT_DONE
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(play, tmp_path / "thread").result() == EXIT_DONE
        assert pool.submit(play, tmp_path / "bad", "lrr=3").result() == EXIT_USAGE
        assert pool.submit(play, tmp_path / "thread").result() == EXIT_USAGE  # complete already
    assert result(tmp_path / "thread") == result(tmp_path / "main")
    assert signal.getsignal(signal.SIGTERM) is handler
    assert sys.stdout is stdout


def test_several_threads_train_one_after_another(tmp_path, capsys):
    """At once they would draw from one generator: the results are those of single runs."""
    seeds = range(1, 4)
    for seed in seeds:
        assert play(tmp_path / f"alone {seed}", seed=seed) == EXIT_DONE
    stdout = sys.stdout
    capsys.readouterr()
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(play, tmp_path / f"thread {seed}", seed=seed) for seed in seeds]
        assert [job.result() for job in jobs] == [EXIT_DONE] * 3
    assert "another training runs in this process; this one waits" in capsys.readouterr().err
    for seed in seeds:
        assert result(tmp_path / f"thread {seed}") == result(tmp_path / f"alone {seed}")
    assert sys.stdout is stdout


def test_an_event_loop_may_run(tmp_path):
    async def train() -> list[int]:
        return [play(tmp_path / "loop"), await asyncio.to_thread(play, tmp_path / "beside")]

    # In a thread of its own: another test of this process may hold this one's loop (Playwright).
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: asyncio.run(train())).result() == [EXIT_DONE, EXIT_DONE]


def test_a_training_that_fails_lets_the_next_one_run(tmp_path, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError("a defect of ours")

    with monkeypatch.context() as patched:
        patched.setattr("pymarl.run.run", fail)
        with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="a defect of ours"):
            pool.submit(play, tmp_path / "fails").result()
    assert not program._ONE_TRAINING.locked()
    assert play(tmp_path / "next") == EXIT_DONE
