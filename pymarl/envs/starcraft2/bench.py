"""Speed through the protocol: steps per second, and where the time goes."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil

from pymarl.envs.multiagentenv import MultiAgentEnv
from pymarl.envs.starcraft2.env import StarCraft2Env


@dataclass(frozen=True, slots=True)
class Sample:
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


class Rider:
    """An environment that is driven by random actions and timed.

    Args:
        env: the environment.
        waited: seconds it has waited for its game so far.
    """

    def __init__(self, env: MultiAgentEnv, waited: Callable[[], float]) -> None:
        self.env, self._waited = env, waited
        self._rng = np.random.default_rng(0)
        self._over = True

    def begin(self) -> psutil.Process:
        """Begin the first episode and return the game's process."""
        known = {child.pid for child in psutil.Process().children(recursive=True)}
        self.env.reset()
        self._over = False
        children = psutil.Process().children(recursive=True)
        return next(child for child in children if child.pid not in known)

    def ride(self, steps: int, game: psutil.Process) -> Sample:
        """Make ``steps`` steps; resets between episodes and the choice of actions are not timed."""
        wall = client = waiting = 0.0
        used = _cpu(game)
        for _ in range(steps):
            if self._over:
                self.env.reset()
            avail = np.asarray(self.env.avail_array())
            actions = [int(self._rng.choice(np.flatnonzero(row))) for row in avail]
            waited, cpu, began = self._waited(), time.process_time(), time.perf_counter()
            self._over = self.env.step(actions)[1]
            self.env.obs_array()
            self.env.get_state()
            self.env.avail_array()
            wall += time.perf_counter() - began
            client += time.process_time() - cpu
            waiting += self._waited() - waited
        server = _cpu(game) - used
        return Sample(*(1000.0 * total / steps for total in (wall, client, server, waiting)))


def measure(
    map_name: str, steps: int, rounds: int, upstream: MultiAgentEnv | None
) -> dict[str, Any]:
    """Return speeds of our environment and of upstream's, measured in turns of ``steps`` steps.

    Medians over the rounds. The shares of the server are by CPU time of its process, whose clock
    ticks 100 times per second: take enough steps.
    """
    ours = StarCraft2Env(map_name=map_name, seed=0)
    try:
        riders = {"sc2": Rider(ours, lambda: ours.waited_s)}
        if upstream is not None:
            riders["smac"] = Rider(upstream, lambda: float("nan"))
        games = {name: rider.begin() for name, rider in riders.items()}
        for name, rider in riders.items():
            rider.ride(min(steps, 20), games[name])  # kernels loaded, caches warm
        samples: dict[str, list[Sample]] = {name: [] for name in riders}
        for _ in range(rounds):
            for name, rider in riders.items():
                samples[name].append(rider.ride(steps, games[name]))
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


def summary(rows: list[Sample]) -> dict[str, float]:
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
