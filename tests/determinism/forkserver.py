"""Runs training processes that are forked from one with everything imported and compiled.

A run then starts in milliseconds, so that a sweep can stop many of them. A request is one JSON line
``{"arguments": [...], "out": file}``; the answer is the process number. To another, empty line the
answer is the exit code, once the run has ended (negative: the signal that killed it).
"""

import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from pymarl.main import main


def run(arguments: list[str], out: str) -> None:
    """Be a training process: ``python -u -m pymarl arguments >out 2>&1``."""
    descriptor = os.open(out, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout = os.fdopen(1, "w", buffering=1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = 1
    try:
        code = main(arguments)
    finally:
        sys.stdout.flush()
        os._exit(code)


def serve() -> None:
    """Answer requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    with tempfile.TemporaryDirectory() as folder:
        # What a training needs is imported and compiled by one.
        flags = ["--config=qmix", "--env-config=sim", "--progress=off", "with", "t_max=2"]
        sizes = ["batch_size=1", "buffer_size=2", "test_nepisode=1", "use_cuda=false"]
        sys.stdout = sys.stderr
        assert main([*flags, *sizes, f"run_dir={Path(folder) / 'run'}"]) == 0
    answers.write("ready\n")
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            run(request["arguments"], request["out"])
        answers.write(f"{child}\n")
        sys.stdin.readline()  # until then a run that has ended keeps its number
        answers.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")


if __name__ == "__main__":
    serve()
