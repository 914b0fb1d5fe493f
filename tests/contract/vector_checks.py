"""What the vector runner relies on: one check each, for any ``VectorMultiAgentEnv``.

``make(n_envs)`` returns a batched environment, ``make_single()`` the single one it stands for.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pymarl.envs.env_stats import add_stats
from pymarl.envs.multiagentenv import MultiAgentEnv
from pymarl.envs.vector_env import StepArrays, VectorMultiAgentEnv
from pymarl.errors import EnvError

Vector = VectorMultiAgentEnv[Any]
Make = Callable[[int], Vector]
MakeSingle = Callable[[], MultiAgentEnv]
SEEDS = [11, 12, 13]


def choose(avail: np.ndarray, rng: np.random.Generator) -> list[int]:
    """Return a random available action for each agent (N, A)."""
    return [int(rng.choice(np.flatnonzero(row))) for row in avail]


def units_of(vector: Vector, mask: np.ndarray) -> np.ndarray:
    units = np.zeros((vector.n_envs, vector.observer.size if vector.observer else 0), np.float32)
    vector.write_units(mask, units)
    return units


def play(vector: Vector, seeds: list[int]) -> list[list[Any]]:
    """Return all that can be seen of one episode per environment.

    Actions are random and depend on the episode's seed only; finished environments are masked.
    """
    rngs = [np.random.default_rng(seed) for seed in seeds]
    running = np.ones(len(seeds), np.uint8)
    log: list[list[Any]] = [[] for _ in seeds]
    out = vector.reset(seeds=seeds)
    while running.any():
        units = units_of(vector, running)
        actions = np.zeros((len(seeds), vector.n_agents), np.int64)
        for e in np.flatnonzero(running):
            actions[e] = choose(out.avail[e], rngs[e])
            shown = (out.obs[e], out.state[e], out.avail[e], units[e])
            log[e].append([array.tobytes() for array in shown])
        out = vector.step(actions, running)
        assert not vector.failures
        for e in np.flatnonzero(running):
            ended = bool(out.terminated[e])
            info = vector.episode_info(e) if ended else None
            log[e][-1] += [actions[e].tolist(), float(out.reward[e]), ended, info]
        running &= 1 - out.terminated
    return log


def play_single(env: MultiAgentEnv, seed: int) -> list[Any]:
    """Return the same of one episode of the single environment."""
    rng, log, terminated = np.random.default_rng(seed), [], False
    env.reset(seed)
    while not terminated:
        avail = np.asarray(env.avail_array(), np.uint8)
        units = env.units_array()
        units = np.zeros(0, np.float32) if units is None else units
        actions = np.array(choose(avail, rng), np.int64)
        shown = [array.tobytes() for array in (env.obs_array(), env.get_state(), avail, units)]
        reward, terminated, info = env.step(actions)
        log.append([*shown, actions.tolist(), reward, terminated, info if terminated else None])
    return log


def check_sizes_and_types(make: Make, make_single: MakeSingle) -> None:
    vector, single = make(2), make_single()
    info, expected = vector.get_env_info(), single.get_env_info()
    assert info.keys() == expected.keys()
    for key in info.keys() - {"observer"}:
        assert info[key] == expected[key]
    assert (info["observer"] is None) == (expected["observer"] is None)
    N, A = info["n_agents"], info["n_actions"]
    out = vector.reset(seeds=SEEDS[:2])
    rng, running = np.random.default_rng(0), np.ones(2, np.uint8)
    for _ in range(info["episode_limit"]):
        arrays = [out.obs, out.state, out.avail, out.reward, out.terminated]
        assert [array.dtype for array in arrays] == ["f4", "f4", "u1", "f8", "u1"]
        shapes = [(2, N, info["obs_shape"]), (2, info["state_shape"]), (2, N, A), (2,), (2,)]
        assert [array.shape for array in arrays] == shapes
        assert np.isfinite(out.obs).all()
        assert np.isfinite(out.state).all()
        assert set(np.unique(out.avail)) <= {0, 1}
        assert (out.avail[running == 1].sum(-1) >= 1).all()
        actions = np.zeros((2, N), np.int64)
        for e in np.flatnonzero(running):
            actions[e] = choose(out.avail[e], rng)
        out = vector.step(actions, running)
        for e in np.flatnonzero(running & out.terminated):
            values = vector.episode_info(e).values()
            assert all(type(value) in (bool, int, float) for value in values)
        running &= 1 - out.terminated
        if not running.any():
            break
    assert not running.any(), "an episode is longer than episode_limit"
    vector.close()
    vector.close()
    single.close()


def check_batch_does_not_matter(make: Make) -> None:
    alone, batch = make(1), make(3)
    expected = {seed: play(alone, [seed])[0] for seed in SEEDS}
    for seeds in (SEEDS, SEEDS[::-1], [12, 12, 12]):
        assert play(batch, seeds) == [expected[seed] for seed in seeds]
    alone.close()
    batch.close()


def check_episodes_are_the_singles(make: Make, make_single: MakeSingle) -> None:
    vector, single = make(2), make_single()
    for seeds in (SEEDS[:2], SEEDS[1:]):
        assert play(vector, seeds) == [play_single(single, seed) for seed in seeds]
    vector.close()
    single.close()


def snapshot(vector: Vector, e: int) -> list[bytes]:
    return [np.array(array[e]).tobytes() for array in vector.out[:3]]


def check_masks(make: Make) -> None:
    vector, other = make(2), make(2)
    for each in (vector, other):
        each.reset(seeds=SEEDS[:2])
    actions = np.array([choose(rows, np.random.default_rng(1)) for rows in vector.out.avail])
    before = snapshot(vector, 1)
    vector.step(actions.copy(), np.array([1, 0], np.uint8))
    assert snapshot(vector, 1) == before
    vector.step(actions.copy(), np.array([0, 1], np.uint8))
    other.step(actions.copy())
    for e in range(2):
        assert snapshot(vector, e) == snapshot(other, e)
    vector.reset(np.array([1, 0], np.uint8), [SEEDS[0], -1])
    assert snapshot(vector, 1) == snapshot(other, 1)
    other.reset(seeds=SEEDS[:2])
    assert snapshot(vector, 0) == snapshot(other, 0)
    vector.close()
    other.close()


def check_the_callers_arrays_are_written(make: Make) -> None:
    vector, plain = make(2), make(2)
    first, second = (StepArrays.zeros(2, vector.get_env_info()) for _ in range(2))
    plain.reset(seeds=SEEDS[:2])
    vector.reset(seeds=SEEDS[:2], out=vector.new_out(first))
    for one, expected in zip(first[:3], plain.out[:3], strict=True):
        assert np.array_equal(one, expected)
    shown = [array.copy() for array in first]
    actions = np.array([choose(rows, np.random.default_rng(1)) for rows in first.avail])
    plain.step(actions.copy())
    vector.step(actions.copy(), out=vector.new_out(second))
    for one, expected in zip(second, plain.out[:5], strict=True):
        assert np.array_equal(one, expected)
    for one, before in zip(first, shown, strict=True):
        assert np.array_equal(one, before)
    vector.close()
    plain.close()


def assert_refused(vector: Vector, actions: np.ndarray, message: str) -> None:
    """Assert that a step is refused with this message and that nothing was stepped."""
    before = [snapshot(vector, e) for e in range(vector.n_envs)]
    with pytest.raises(EnvError, match=message):
        vector.step(actions)
    assert [snapshot(vector, e) for e in range(vector.n_envs)] == before


def check_unavailable_actions_are_refused(make: Make) -> None:
    vector, other = make(2), make(2)
    for each in (vector, other):
        each.reset(seeds=SEEDS[:2])
    good = np.array([choose(rows, np.random.default_rng(1)) for rows in vector.out.avail])
    for action in (-1, vector.n_actions):
        bad = good.copy()
        bad[1, 1] = action
        assert_refused(
            vector, bad, f"environment 1: agent 1 cannot perform action {action}; available: "
        )
    vector.step(good.copy())
    other.step(good.copy())
    for e in range(2):
        assert snapshot(vector, e) == snapshot(other, e)
    vector.close()
    other.close()


def check_steps_after_the_end_are_refused(make: Make) -> None:
    vector = make(2)
    vector.reset(seeds=SEEDS[:2])
    rng = np.random.default_rng(2)
    only_first = np.array([1, 0], np.uint8)
    while not vector.out.terminated[0]:
        actions = np.array([choose(rows, rng) for rows in vector.out.avail])
        vector.step(actions, only_first)
    actions = np.array([choose(rows, rng) for rows in vector.out.avail])
    assert_refused(vector, actions, "environment 0: .* over; call reset before step")
    vector.step(actions, np.array([0, 1], np.uint8))
    vector.reset(only_first, [SEEDS[0], 0])
    vector.step(np.array([choose(rows, rng) for rows in vector.out.avail]), only_first)
    vector.close()


def check_counters_are_those_of_the_singles(make: Make, make_single: MakeSingle) -> None:
    vector, singles = make(3), [make_single() for _ in range(3)]
    assert vector.get_stats() == add_stats([single.get_stats() for single in singles])
    for _ in range(2):
        play(vector, SEEDS)
        for single, seed in zip(singles, SEEDS, strict=True):
            play_single(single, seed)
    total = add_stats([single.get_stats() for single in singles])
    assert vector.get_stats() == total
    assert total.get("battles_game", 6) == 6
    for env in (vector, *singles):
        env.close()


def check_the_observer_rebuilds_what_was_shown(make: Make) -> None:
    vector = make(2)
    observer = vector.observer
    if observer is None:
        units = np.full((2, 4), 7.0, np.float32)
        vector.write_units(np.ones(2), units)
        assert (units == 7.0).all()
        vector.close()
        return
    info = vector.get_env_info()
    for episode in play(vector, SEEDS[:2]):
        L = len(episode)
        units = np.stack([np.frombuffer(step[3], np.float32) for step in episode])
        assert units.shape == (L, observer.size)
        actions = np.array([step[4] for step in episode], np.uint8)
        rebuilt = StepArrays.zeros(L, info)[:3]
        observer.rebuild(units, actions, *rebuilt)
        for t in range(L):
            assert [array[t].tobytes() for array in rebuilt] == episode[t][:3]
    vector.close()
