"""Speed of the simulator: environment steps per second per core, random actions, all features.

``python -m pymarl.envs.skirmish bench --maps 3m 2s3z --batch 1 32 --json``; compilation is not
counted.
"""

import time
from collections.abc import Iterator, Sequence
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
