"""What ``step`` is given: one action per agent, or one line that says what came instead.

Callers are people's own loops: lists, arrays and tensors of whole numbers, and every mistake there
is. Whether an action is available is the environment's to know.
"""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pymarl.errors import EnvError

Actions = NDArray[Any]


def joint_action(actions: Any, n_agents: int) -> Actions:
    """Return the actions of one environment's agents as integers (N,).

    Args:
        actions: a sequence, an array or a tensor; floating point numbers are taken when they are
            whole, as ``np.zeros(n_agents)`` filled with actions.
        n_agents: N.

    Raises:
        EnvError: another shape, or something that is no whole number.
    """
    return whole_numbers(actions, (n_agents,), "one action per agent")


def joint_actions(actions: Any, n_envs: int, n_agents: int) -> Actions:
    """Return the actions of B environments as integers (B, N); see :func:`joint_action`.

    Raises:
        EnvError: another shape, or something that is no whole number.
    """
    return whole_numbers(
        actions, (n_envs, n_agents), "one row for each environment, of one action per agent"
    )


def whole_numbers(actions: Any, shape: tuple[int, ...], meaning: str) -> Actions:
    """Return ``actions`` as integers of this shape; what is an array of them is returned itself.

    Args:
        actions: what ``step`` was given.
        shape: the shape it must have.
        meaning: what the numbers are, for messages.

    Raises:
        EnvError: it has not.
    """
    # Loops call this every few microseconds: what is right is found out first, and words later.
    try:
        array = actions if type(actions) is np.ndarray else np.asarray(actions)
    except (TypeError, ValueError, RuntimeError) as error:  # ragged lists; tensors on a GPU
        raise _wrong(f"actions cannot be read as an array ({error})", shape, meaning) from error
    kind = array.dtype.kind
    if array.shape == shape and kind in "iu":
        return array
    if kind not in "iuf":
        raise _wrong(f"got actions {_shown(actions)} of type {array.dtype}", shape, meaning)
    if array.shape != shape:
        raise _wrong(f"got actions of shape {array.shape}", shape, meaning, _hint(array, shape))
    # NaN is not equal to itself, and no action is that large.
    whole = (array == np.floor(array)) & (np.abs(array) < 2**31)
    if not whole.all():
        raise _wrong(f"got action {array[~whole][0]}, which is no whole number", shape, meaning)
    return array.astype(np.int64)


def _wrong(got: str, shape: tuple[int, ...], meaning: str, hint: str = "") -> EnvError:
    """Return the error: what came, what was expected, and what to do."""
    numbers = f"whole numbers of shape {shape}" if shape else "a whole number"
    return EnvError(f"step: {got}; expected {meaning}: {numbers}{hint}")


def _hint(array: Actions, shape: tuple[int, ...]) -> str:
    """Return how ``array`` becomes one of the expected shape; empty: not known."""
    if shape and array.size == prod(shape):
        return f"; write actions.reshape({', '.join(str(n) for n in shape)})"
    if array.shape[:-1] == shape:
        return "; if the last axis is one-hot, write actions.argmax(-1)"
    return ""


def _shown(actions: Any) -> str:
    """Return the beginning of what was given, on one line."""
    text = " ".join(repr(actions).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def not_running(begun: bool, what: str = "", episode: str = "episode") -> EnvError:
    """Return the error for a step without a running episode.

    Args:
        begun: whether an episode was ever begun.
        what: which environment, as in ``"environment 3: "``.
        episode: what an episode is called here.
    """
    why = f"the {episode} is over" if begun else f"no {episode} was begun yet"
    return EnvError(f"{what}{why}; call reset before step")


def unavailable(agent: int, action: int, available: Actions, what: str = "") -> EnvError:
    """Return the error for an action that is not available to its agent.

    Args:
        agent: its index.
        action: what it was to do.
        available: (A,) of 0 and 1, what it could do.
        what: which environment, as in ``"environment 3: "``.
    """
    known = np.flatnonzero(available).tolist()
    return EnvError(f"{what}agent {agent} cannot perform action {action}; available: {known}")
