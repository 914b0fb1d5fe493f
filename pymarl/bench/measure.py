"""Interleaved measurements: both forms take turns, so that a busy machine slows both."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch as th

from pymarl.bench.worlds import World, make_learner, random_batch


@dataclass(frozen=True, slots=True)
class Comparison:
    """CPU times of one thing in two forms, in milliseconds (median over repetitions)."""

    what: str
    reference_ms: float
    fast_ms: float

    @property
    def ratio(self) -> float:
        """Return how many times faster the fast form is."""
        return self.reference_ms / self.fast_ms


def compare(
    what: str, reference: Callable[[], None], fast: Callable[[], None], repeats: int
) -> Comparison:
    """Measure two callables in turns, after one call of each that is not counted."""
    reference()
    fast()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for kept, call in zip(times, (reference, fast), strict=True):
            started = time.process_time()
            call()
            kept.append(1e3 * (time.process_time() - started))
    return Comparison(what, float(np.median(times[0])), float(np.median(times[1])))


def update(name: str, world: World, repeats: int, batch_size: int = 32) -> Comparison:
    """Compare one QMIX update on a batch of random episodes."""
    batch = random_batch(world, batch_size, seed=0)
    slow, quick = (make_learner(world, "qmix", fast=fast) for fast in (False, True))
    return compare(
        f"{name}: one update of {batch_size} episodes",
        lambda: slow.train(batch, 0, 0),
        lambda: quick.train(batch, 0, 0),
        repeats,
    )


def acting(name: str, world: World, repeats: int, n_envs: int = 1) -> Comparison:
    """Compare choosing the actions of one step for ``n_envs`` environments."""
    batch = random_batch(world, n_envs, seed=0)
    noise = th.from_numpy(np.random.default_rng(0).random((n_envs, 2, world.n_agents)))

    def steps(fast: bool) -> Callable[[], None]:
        mac = make_learner(world, "qmix", fast=fast).mac

        def call() -> None:
            mac.init_hidden(n_envs)
            for t in range(5):
                mac.select_actions(batch, t, 0, noise)

        return call

    measured = compare(
        f"{name}: acting, {n_envs} environment(s), a step", steps(False), steps(True), 20 * repeats
    )
    return Comparison(measured.what, measured.reference_ms / 5, measured.fast_ms / 5)
