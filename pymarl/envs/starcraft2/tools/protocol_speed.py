"""Speed through the protocol: steps per second, and where the time goes."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil

from pymarl.envs.multiagentenv import MultiAgentEnv
from pymarl.envs.starcraft2.starcraft2_env import StarCraft2Env


@dataclass(frozen=True, slots=True)
class SpeedSample:
    """One round of one environment; times in milliseconds per environment step.

    Attributes:
        wall: time inside the environment: steps, and reading observations, state, availability.
        client: CPU time of this process. server: CPU time of the game's process, resets included.
        waiting: time of ``wall`` spent in waiting for the game; NaN when it is not known.
    """

    wall: float
    client: float
    server: float
    waiting: float


class TimedEnv:
    """An environment that random actions drive, with a clock.

    Args:
        env: the environment.
        waited: seconds it has waited for its game so far.
    """

    def __init__(self, env: MultiAgentEnv, waited: Callable[[], float]) -> None:
        self.env, self._waited = env, waited
        self._rng = np.random.default_rng(0)
        self._terminated = True

    def start(self) -> psutil.Process:
        """Start the first episode and return the game's process."""
        known = {child.pid for child in psutil.Process().children(recursive=True)}
        self.env.reset()
        self._terminated = False
        children = psutil.Process().children(recursive=True)
        return next(child for child in children if child.pid not in known)

    def measure(self, steps: int, game: psutil.Process) -> SpeedSample:
        """Make ``steps`` steps; resets between episodes and the choice of actions are not timed."""
        wall = client = waiting = 0.0
        used = _cpu(game)
        for _ in range(steps):
            if self._terminated:
                self.env.reset()
            avail = np.asarray(self.env.avail_array())
            actions = [int(self._rng.choice(np.flatnonzero(row))) for row in avail]
            waited, cpu, started = self._waited(), time.process_time(), time.perf_counter()
            self._terminated = self.env.step(actions)[1]
            self.env.obs_array()
            self.env.get_state()
            self.env.avail_array()
            wall += time.perf_counter() - started
            client += time.process_time() - cpu
            waiting += self._waited() - waited
        server = _cpu(game) - used
        return SpeedSample(*(1000.0 * total / steps for total in (wall, client, server, waiting)))


def measure_speed(
    map_name: str, steps: int, rounds: int, upstream: MultiAgentEnv | None
) -> dict[str, Any]:
    """Return speeds of our environment and of upstream's, measured in turns of ``steps`` steps.

    Medians over the rounds. The shares of the server are by CPU time of its process, whose clock
    ticks 100 times per second: take enough steps.
    """
    ours = StarCraft2Env(map_name=map_name, seed=0)
    try:
        timed_envs = {"sc2": TimedEnv(ours, lambda: ours.waited_s)}
        if upstream is not None:
            timed_envs["smac"] = TimedEnv(upstream, lambda: float("nan"))
        games = {name: timed_env.start() for name, timed_env in timed_envs.items()}
        for name, timed_env in timed_envs.items():
            timed_env.measure(min(steps, 20), games[name])  # kernels loaded, caches warm
        samples: dict[str, list[SpeedSample]] = {name: [] for name in timed_envs}
        for _ in range(rounds):
            for name, timed_env in timed_envs.items():
                samples[name].append(timed_env.measure(steps, games[name]))
        report: dict[str, Any] = {"map": map_name, "steps": steps, "rounds": rounds}
        report |= {name: summary(rows) for name, rows in samples.items()}
        report["backend"] = ours.provenance()["backend"]
        if upstream is not None:
            pairs = zip(samples["sc2"], samples["smac"], strict=True)
            report["times_upstream"] = statistics.median(b.wall / a.wall for a, b in pairs)
            pairs = zip(samples["sc2"], samples["smac"], strict=True)
            report["times_upstream_cpu"] = statistics.median(
                (b.client + b.server) / (a.client + a.server) for a, b in pairs
            )
        return report
    finally:
        ours.close()


def summary(rows: list[SpeedSample]) -> dict[str, float]:
    """Return medians of the rounds."""
    wall, client, server, waiting = (
        statistics.median(getattr(row, name) for row in rows)
        for name in ("wall", "client", "server", "waiting")
    )
    return {
        "steps_per_s": 1000.0 / wall,
        "ms_per_step": wall,
        "client_cpu_ms": client,
        "server_cpu_ms": server,
        "server_cpu_share": server / (client + server) if client + server else 0.0,
        "waiting_share": waiting / wall,
    }


def _cpu(process: psutil.Process) -> float:
    """Return the CPU seconds of a process."""
    times = process.cpu_times()
    return float(times.user + times.system)
