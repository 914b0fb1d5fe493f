"""Speed of the simulator: environment steps per second per core, random actions, all features.

``python -m pymarl.envs.skirmish bench --maps 3m 2s3z --batch 1 32 --json``; compilation is not
counted. With ``--copies`` the time of snapshots and copies.
"""

import copy
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.skirmish.tools.policies import Policy
from pymarl.envs.skirmish.vector_env import VectorSkirmish


@dataclass(frozen=True, slots=True)
class Speed:
    """One measurement: environment steps per CPU second through ``api`` (vector, python)."""

    map: str
    batch: int
    api: str
    steps_per_s: float


@dataclass(frozen=True, slots=True)
class CopyTime:
    """One measurement: CPU microseconds of ``call`` with B battles, and the bytes of a snapshot."""

    map: str
    batch: int
    call: str
    us: float
    snapshot_bytes: int


def vector_speed(map_name: str, batch: int, seconds: float) -> Speed:
    """Measure the vector call: random actions, step, auto-reset, all features."""
    env = VectorSkirmish(batch, map_name=map_name, step_mul=None, auto_reset=True)
    actor = Policy("random", batch, env.n_agents)
    env.reset()
    env.step(actor.act(env.out.avail))
    steps, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        for _ in range(max(1, 256 // batch)):
            env.step(actor.act(env.out.avail))
            steps += batch
    return Speed(map_name, batch, "vector", steps / (time.process_time() - start))


def python_speed(map_name: str, seconds: float) -> Speed:
    """Measure PyMARL's calls on one environment: step, observations, state and availability."""
    env = SkirmishEnv(map_name=map_name, step_mul=None)
    actor = Policy("random", 1, env.n_agents)
    env.reset()
    steps, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        for _ in range(64):
            action = actor.act(env.avail_array()[None])[0]
            _, terminated, _ = env.step(action)
            env.get_obs()
            env.get_state()
            env.get_avail_actions()
            steps += 1
            if terminated:
                env.reset()
    return Speed(map_name, 1, "python", steps / (time.process_time() - start))


def bench(maps: Sequence[str], batches: Sequence[int], seconds: float) -> Iterator[Speed]:
    """Yield measurements for every map: each batch through the vector call, and the Python API."""
    for name in maps:
        for batch in batches:
            yield vector_speed(name, batch, seconds)
        yield python_speed(name, seconds)


def copy_times(maps: Sequence[str], batches: Sequence[int], seconds: float) -> Iterator[CopyTime]:
    """Yield the times of taking and setting snapshots, of copies, and of a step to compare."""
    for name in maps:
        yield from _times(SkirmishEnv(map_name=name), name, 1, seconds)
        for batch in (batch for batch in batches if batch > 1):
            yield from _times(VectorSkirmish(batch, map_name=name), name, batch, seconds)


def _times(
    env: SkirmishEnv | VectorSkirmish, name: str, batch: int, seconds: float
) -> Iterator[CopyTime]:
    """Yield the times of one environment, ten steps after the start of an episode."""
    env.reset()
    vector = env.vector if isinstance(env, SkirmishEnv) else env
    for _ in range(10):
        vector.step(vector.out.avail.argmax(2))  # everybody's first action: to stop, or no-op
    idle = vector.out.avail.argmax(2)
    snapshot = env.get_snapshot()
    calls: dict[str, Callable[[], object]] = {
        "get_snapshot": env.get_snapshot,
        "set_snapshot": lambda: env.set_snapshot(snapshot),
        "set_snapshot, step": lambda: (env.set_snapshot(snapshot), vector.step(idle)),
        "deepcopy": lambda: copy.deepcopy(env),
        "pickle and back": lambda: pickle.loads(pickle.dumps(env)),
    }
    for call, function in calls.items():
        function()
        n, start = 0, time.process_time()
        while time.process_time() - start < seconds:
            for _ in range(16):
                function()
            n += 16
        us = 1e6 * (time.process_time() - start) / n
        yield CopyTime(name, batch, call, us, snapshot.nbytes)
