"""Playing and comparing environments."""

import numpy as np


def legal(env, rng):
    """Return one random available action per agent."""
    return [int(rng.choice(np.flatnonzero(row))) for row in env.avail_array()]


def assert_same_sight(one, other, where):
    """Compare all that two environments show, bit by bit."""
    for what in ("obs_array", "get_state", "avail_array", "get_visibility_matrix"):
        first, second = getattr(one, what)(), getattr(other, what)()
        assert first.dtype == second.dtype
        assert first.shape == second.shape
        differ = np.argwhere(first != second)
        assert not len(differ), f"{where}: {what} differs at {differ[:3].tolist()}"


def assert_same_episode(one, other, seed, policy_seed=0, most=10_000):
    """Play an episode of random actions in both and compare everything; return its steps."""
    rng = np.random.default_rng(policy_seed)
    one.reset(seed)
    other.reset(seed)
    assert_same_sight(one, other, "reset")
    over, steps = False, 0
    while not over and steps < most:
        actions, same = legal(one, rng), None
        same = list(actions)
        first, second = one.step(actions), other.step(same)
        steps += 1
        assert first == second, f"step {steps}"
        assert actions == same
        assert_same_sight(one, other, f"step {steps}")
        over = first[1]
    return steps
