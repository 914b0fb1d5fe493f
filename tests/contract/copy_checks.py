"""What copies of environments promise: one check each, for single and batched environments.

``make()`` returns a new environment. All that can be seen of one is its ``log``: the checks play
with actions that follow from the availability and a seed.
"""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from pymarl.envs.multiagentenv import MultiAgentEnv
from pymarl.envs.vector_env import VectorMultiAgentEnv
from tests.contract.vector_checks import choose

Make = Callable[[], Any]


class Single:
    """A single environment that is stepped over the ends of its episodes."""

    def __init__(self, env: MultiAgentEnv) -> None:
        self.env = env

    def begin(self, seed: int) -> None:
        self.env.reset(seed)

    def seen(self) -> list[Any]:
        env = self.env
        units = env.units_array()
        shown = [env.obs_array(), env.get_state(), np.asarray(env.avail_array(), np.uint8)]
        return [array.tobytes() for array in (*shown, np.zeros(0) if units is None else units)]

    def step(self, rng: np.random.Generator) -> list[Any]:
        reward, over, info = self.env.step(choose(np.asarray(self.env.avail_array()), rng))
        after = [*self.seen(), reward, over, dict(info), self.env.get_stats()]
        if over:
            self.env.reset()  # the own stream of seeds goes on
        return [*after, *self.seen()]


class Batched:
    """A batch that is stepped over the ends of its episodes."""

    def __init__(self, env: VectorMultiAgentEnv[Any]) -> None:
        self.env = env

    def begin(self, seed: int) -> None:
        self.env.reset(seeds=[seed + e for e in range(self.env.n_envs)])

    def row(self, e: int) -> list[bytes]:
        return [np.array(array[e]).tobytes() for array in self.env.out]

    def seen(self) -> list[Any]:
        return [self.row(e) for e in range(self.env.n_envs)]

    def step(self, rng: np.random.Generator) -> list[Any]:
        actions = np.array([choose(rows, rng) for rows in self.env.out.avail])
        over = self.env.step(actions).terminated.copy()
        infos = [self.env.episode_info(e) for e in np.flatnonzero(over)]
        after = [*self.seen(), infos, self.env.get_stats(), actions.tolist()]
        self.env.reset(over)
        return [*after, *self.seen()]


def handle(env: Any) -> Single | Batched:
    return Batched(env) if isinstance(env, VectorMultiAgentEnv) else Single(env)


def play(env: Any, seed: int, steps: int) -> list[Any]:
    """Return all that is seen in ``steps`` steps, over the ends of episodes."""
    rng, player = np.random.default_rng(seed), handle(env)
    return [player.seen(), *(player.step(rng) for _ in range(steps))]


def long(env: Any) -> int:
    """Return a number of steps that ends an episode and goes on into the next one."""
    return int(1.5 * env.episode_limit) + 2


def begun(make: Make) -> Any:
    """Return an environment in the middle of its second episode, of its own stream."""
    env = make()
    handle(env).begin(11)
    play(env, seed=1, steps=env.episode_limit + max(1, env.episode_limit // 10))
    return env


def check_same_future(make: Make, duplicate: Callable[[Any], Any]) -> None:
    """The copy's future is the original's, also when the copy plays first."""
    env = begun(make)
    twin = duplicate(env)
    assert handle(twin).seen() == handle(env).seen()
    expected = play(begun(make), 7, long(env))  # undisturbed: never copied
    assert play(twin, 7, long(env)) == expected
    assert play(env, 7, long(env)) == expected


def check_independence(make: Make, duplicate: Callable[[Any], Any]) -> None:
    """Neither of the two sees what is done with the other; a closed one leaves the other alone."""
    env = begun(make)
    twin = duplicate(env)
    shown = handle(env).seen()
    expected = play(duplicate(env), 7, 5)
    play(twin, 8, long(env))
    handle(twin).begin(99)
    assert handle(env).seen() == shown
    there = handle(twin).seen()
    assert play(env, 7, 5) == expected
    assert handle(twin).seen() == there
    env.close()
    play(twin, 8, 5)
    twin.close()


def check_before_the_first_reset(make: Make, duplicate: Callable[[Any], Any]) -> None:
    """A copy of a new environment is a new one."""
    env, other = duplicate(make()), make()
    for each in (env, other):
        each.reset()
    assert play(env, 3, long(env)) == play(other, 3, long(env))


def check_snapshots(make: Make, through: Callable[[Any], Any] = lambda snapshot: snapshot) -> None:
    """An environment goes back as often as one likes, and another one takes over from it.

    Args:
        make: as above.
        through: what is done with the snapshot before it is set, as pickling it.
    """
    env = begun(make)
    snapshot = env.get_snapshot()
    expected = play(env, 7, long(env))
    for _ in range(2):
        env.set_snapshot(through(snapshot))
        assert play(env, 7, long(env)) == expected
        assert play(env, 8, long(env)) != expected or env.n_agents == 0
    other = make()
    other.set_snapshot(through(snapshot))
    assert play(other, 7, long(env)) == expected


DUPLICATES: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda env: pickle.loads(pickle.dumps(env)),
}
