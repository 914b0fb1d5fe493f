"""Interleaved measurements: both forms take turns, so that a busy machine slows both."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from pymarl.bench.workloads import Workload, make_learner, random_batch
from pymarl.runners.acting import Actor, CompiledActor, ControllerActor


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


def update(name: str, workload: Workload, repeats: int, batch_size: int = 32) -> Comparison:
    """Compare one QMIX update on a batch of random episodes."""
    batch = random_batch(workload, batch_size, seed=0)
    slow, quick = (make_learner(workload, "qmix", fast=fast) for fast in (False, True))
    return compare(
        f"{name}: one update of {batch_size} episodes",
        lambda: slow.train(batch, 0, 0),
        lambda: quick.train(batch, 0, 0),
        repeats,
    )


def method_update(name: str, workload: Workload, alg: str, repeats: int) -> Comparison:
    """Compare one update of a method (``fast_ms``) with one of QMIX (``reference_ms``)."""
    batch = random_batch(workload, 32, seed=0)
    qmix, other = (make_learner(workload, kind, fast=True) for kind in ("qmix", alg))
    return compare(
        f"{name}: one update of {alg}, against QMIX",
        lambda: qmix.train(batch, 0, 0),
        lambda: other.train(batch, 0, 0),
        repeats,
    )


def acting(name: str, workload: Workload, repeats: int, n_envs: int = 1) -> Comparison:
    """Compare choosing the actions of one step: PyMARL's controller against the compiled actor."""
    batch = random_batch(workload, n_envs, seed=0)
    noise = np.random.default_rng(0).random((n_envs, 2, workload.sizes.n_agents))
    steps = range(min(40, batch.max_seq_length))
    moments = [
        SimpleNamespace(
            obs=batch["obs"][:, t].numpy().copy(),
            actions=batch["actions"][:, t, :, 0].numpy().copy(),
            avail=batch["avail_actions"][:, t].numpy().copy(),
        )
        for t in steps
    ]
    rollout: Any = SimpleNamespace(
        acting=np.ones(n_envs, np.uint8),
        at=moments,
        actions=np.zeros((n_envs, workload.sizes.n_agents), np.int64),
        batch=batch,
    )

    def play(actor: Actor) -> Callable[[], None]:
        def call() -> None:
            actor.begin(rollout, 0, False)
            for t in steps:
                actor.act(rollout, t, noise)

        return call

    slow, quick = (make_learner(workload, "qmix", fast=fast).mac for fast in (False, True))
    measured = compare(
        f"{name}: acting, {n_envs} environment(s), a step",
        play(ControllerActor(slow)),
        play(CompiledActor(quick)),
        5 * repeats,
    )
    return Comparison(
        measured.what, measured.reference_ms / len(steps), measured.fast_ms / len(steps)
    )
