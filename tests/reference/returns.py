"""TD(lambda) targets from their definition as a weighted sum of n-step returns, one step a loop."""

from collections.abc import Sequence


def n_step_return(
    rewards: Sequence[float], values: Sequence[float], t: int, n: int, gamma: float, *, ended: bool
) -> float:
    """Return the rewards from ``t`` on, discounted, and after ``n`` steps the value of the rest.

    Args:
        rewards: r_0 .. r_{L-1} of one episode.
        values: V_1 .. V_L, ``values[k]`` follows ``rewards[k]``.
        t: first step.
        n: steps taken, t + n <= L.
        gamma: discount.
        ended: the last step is a true end, after which there is nothing.
    """
    total = 0.0
    for k in range(n):
        total += gamma**k * rewards[t + k]
    last = t + n - 1
    if not (ended and last == len(rewards) - 1):
        total += gamma**n * values[last]
    return total


def lambda_return(
    rewards: Sequence[float],
    values: Sequence[float],
    t: int,
    gamma: float,
    td_lambda: float,
    *,
    ended: bool,
) -> float:
    """Return ``(1 - l) sum_n l^(n-1) G^(n) + l^(N-1) G^(N)``, N the steps left in the episode."""
    left = len(rewards) - t
    total = 0.0
    for n in range(1, left + 1):
        weight = td_lambda ** (n - 1) * (1.0 if n == left else 1.0 - td_lambda)
        total += weight * n_step_return(rewards, values, t, n, gamma, ended=ended)
    return total
