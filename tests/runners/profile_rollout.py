"""CPU time of a rollout by part: ``python tests/runners/profile_rollout.py MAP B [RUNNER]``."""

import logging
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from pymarl.__main__ import pin_threads

pin_threads([])  # before numpy and torch are loaded

from tests.runners.playing import make_runner  # noqa: E402  # after the path

EPISODES, REPEATS = 80, 3


def measure(runner: Any) -> float:
    """Return CPU microseconds per environment step of ``EPISODES`` episodes."""
    start, t_env = time.thread_time(), runner.t_env
    for _ in range(max(2, EPISODES // runner.batch_size)):
        runner.run()
    return (time.thread_time() - start) / (runner.t_env - t_env) * 1e6


def watch(parts: dict[str, float], owner: Any, method: str) -> None:
    """Add the time spent in a method to ``parts``."""
    original = getattr(owner, method)
    part = f"{type(owner).__name__}.{method}"

    def timed(*args: Any, **kwargs: Any) -> Any:
        start = time.thread_time()
        try:
            return original(*args, **kwargs)
        finally:
            parts[part] = parts.get(part, 0.0) + time.thread_time() - start

    setattr(owner, method, timed)


def main(arguments: list[str]) -> None:
    """Measure whole rollouts first, then their parts (timing adds a little to each)."""
    map_name, B = arguments[0], int(arguments[1])
    name = arguments[2] if len(arguments) > 2 else "vector"
    runner: Any = make_runner(name, B, f"env_args.map_name={map_name}", "epsilon_finish=1.0")
    logging.getLogger("pymarl").setLevel(logging.WARNING)
    try:
        measure(runner)
        total = min(measure(runner) for _ in range(REPEATS))
        parts: dict[str, float] = {}
        for owner, method in [
            (runner, "_reset"), (runner, "_step"), (runner, "_noise"), (runner, "_count"),
            (runner.rollout, "begin"), (runner.rollout, "record"),
            (runner.actor, "begin"), (runner.actor, "act"),
        ]:  # fmt: skip  # in pairs
            watch(parts, owner, method)
        if name == "vector":
            watch(parts, runner.vector, "step")
        first = runner.t_env
        measure(runner)
        steps = runner.t_env - first
    finally:
        runner.close_env()
    lines = [f"{map_name} {name} B={B}: {total:.1f} us CPU per environment step"]
    lines += [f"  {part:<24}{seconds / steps * 1e6:8.2f}" for part, seconds in parts.items()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
