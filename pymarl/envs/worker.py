"""A process that hosts one environment and answers requests over a pipe.

Started by ``pymarl.runners.workers`` as a fresh interpreter that imports environments only: no
torch, and none of its threads.
"""

import contextlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

from pymarl.envs.multiagentenv import MultiAgentEnv
from pymarl.errors import EpisodeLostError

WATCH_S = 1.0  # how often the worker looks whether its parent is alive
GRACE_S = 10.0  # how long an environment may take to close once the parent is gone


def reset(env: MultiAgentEnv, seed: int) -> tuple[Any, ...]:
    """Begin episode ``seed``; return its first observation (see :func:`observation`)."""
    env.reset(seed)
    return observation(env)


def step(env: MultiAgentEnv, actions: Any) -> tuple[Any, ...]:
    """Advance one step; return observation, reward, end, info and the actions carried out."""
    reward, ended, info = env.step(actions)
    return observation(env), reward, ended, info, actions


def observation(env: MultiAgentEnv) -> tuple[Any, ...]:
    """Return observations, state, availability and the numbers of the observer (None: no such)."""
    return env.obs_array(), env.get_state(), env.avail_array(), env.units_array()


REQUESTS: dict[str, Callable[..., Any]] = {
    "reset": reset,
    "step": step,
    "get_stats": lambda env: env.get_stats(),
    "save_replay": lambda env: env.save_replay(),
    "provenance": lambda env: env.provenance(),
}


def serve(connection: Connection) -> None:
    """Make the environment of the first message and answer requests until the pipe ends.

    Messages in: ("make", (environment class, its arguments)), then (name of a request, arguments).
    Messages out: ("ok", result); ("lost", message) when the running episode is void; or ("error",
    traceback text) and nothing after it.
    """
    env: MultiAgentEnv | None = None
    try:
        while True:
            try:
                request, arguments = connection.recv()
            except (EOFError, ConnectionError):
                return  # the parent has closed the pipe, or is gone
            if env is None:
                env_class, env_args = arguments
                env = env_class(**env_args)
                result: Any = env.get_env_info()
            else:
                try:
                    result = REQUESTS[request](env, *arguments)
                except EpisodeLostError as lost:
                    with contextlib.suppress(ConnectionError):
                        connection.send(("lost", str(lost)))
                    continue
            with contextlib.suppress(ConnectionError):
                connection.send(("ok", result))
    except BaseException:
        # Whatever it was, SystemExit too: the parent gets the traceback, and the process ends.
        with contextlib.suppress(ConnectionError):
            connection.send(("error", traceback.format_exc()))
    finally:
        if env is not None:
            env.close()


def watch(parent: int) -> None:
    """End this process and its children when process ``parent`` dies and the environment hangs."""
    while os.getppid() == parent:
        time.sleep(WATCH_S)
    time.sleep(GRACE_S)
    os.killpg(os.getpid(), signal.SIGKILL)


def main(argv: list[str]) -> None:
    """Serve on the inherited file descriptor ``argv[0]``; ``argv[1]`` is the parent process."""
    descriptor, parent = int(argv[0]), int(argv[1])
    os.set_inheritable(descriptor, False)
    # The parent decides when to stop: it closes the pipe, or is gone. Handlers that do nothing, not
    # SIG_IGN, which a game started from here would inherit.
    signal.signal(signal.SIGINT, _ignore_signal)
    signal.signal(signal.SIGTERM, _ignore_signal)
    threading.Thread(target=watch, args=(parent,), daemon=True).start()
    serve(Connection(descriptor))
    # The worker leads a process group of its own: a game that was left running ends with it.
    os.killpg(os.getpid(), signal.SIGTERM)


def _ignore_signal(signum: int, frame: FrameType | None) -> None:
    """Do nothing."""


if __name__ == "__main__":
    main(sys.argv[1:])
