"""Speed of the simulator.

Environment steps per second per core with random legal actions and all features.

``python -m pymarl.envs.skirmish bench --maps 3m 2s3z --batch 1 32 --json``; compilation is not
counted.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.skirmish.tools.policies import Policy
from pymarl.envs.skirmish.vector_env import VectorSkirmish


@dataclass(frozen=True, slots=True)
class Speed:
    """One measurement: environment steps per CPU second through ``api`` (vector, python, twin)."""

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
    """Measure PyMARL's calls on one environment.

    Step, observations, state and availability as it asks for them.
    """
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


def bench(
    maps: Sequence[str], batches: Sequence[int], seconds: float, *, twin: bool = False
) -> Iterator[Speed]:
    """Yield measurements for every map.

    Each batch through the vector call, the Python API, and the slow twin.
    """
    for name in maps:
        for batch in batches:
            yield vector_speed(name, batch, seconds)
        yield python_speed(name, seconds)
        if twin:
            yield twin_speed(name, seconds)


def twin_speed(map_name: str, seconds: float) -> Speed:
    """Measure the plain Python reference, the yardstick that travels between machines."""
    from pymarl.envs.skirmish.twin import TwinBattle

    env = TwinBattle(VectorSkirmish(1, map_name=map_name, step_mul=None))
    rng = np.random.default_rng(0)
    env.reset(0)
    steps, start = 0, time.process_time()
    while time.process_time() - start < seconds or steps == 0:
        actions = [int(rng.choice(np.flatnonzero(row))) for row in env.avail()]
        terminated = env.step(actions).terminated
        env.obs()
        env.state()
        steps += 1
        if terminated:
            env.reset(steps)
    return Speed(map_name, 1, "twin", steps / (time.process_time() - start))
