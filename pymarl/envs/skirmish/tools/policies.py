"""Fixed policies for benchmarks, balance tables and tests: stop, random, SMAC's scripted agents."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.engine.rng import random_bits
from pymarl.envs.smac.rules.actions import STOP
from pymarl.envs.smac.rules.seeds import seed_word
from pymarl.kernels.simulator_jit import cold_kernel

POLICIES: Final[dict[str, dict[str, bool]]] = {
    "stop": {},
    "random": {},
    "heuristic": {"heuristic_ai": True},
    "heuristic_rest": {"heuristic_ai": True, "heuristic_rest": True},
}
"""Policy name to the ``env_args`` it needs."""


@cold_kernel
def random_legal(
    avail: NDArray[np.uint8], streams: NDArray[np.uint64], actions: NDArray[np.int64]
) -> None:
    """Write one available action per agent, drawn uniformly; one random stream per environment.

    Args:
        avail: uint8 (B, N, A).
        streams: uint64 (B,), the state of a random stream per environment.
        actions: int64 (B, N), written.
    """
    for e in range(avail.shape[0]):
        for i in range(avail.shape[1]):
            count = 0
            for a in range(avail.shape[2]):
                count += avail[e, i, a]
            k = int(random_bits(streams[e : e + 1]) % np.uint64(max(count, 1)))
            for a in range(avail.shape[2]):
                if avail[e, i, a]:
                    if k == 0:
                        actions[e, i] = a
                        break
                    k -= 1


class Policy:
    """One of ``POLICIES`` for B environments.

    Args:
        name: policy name.
        n_envs: B.
        n_agents: N.
        seed: of the random policy.
    """

    def __init__(self, name: str, n_envs: int, n_agents: int, seed: int = 0) -> None:
        self.name = name
        self._streams = np.array(
            [seed_word(seed * 1_000_003 + e) for e in range(n_envs)], np.uint64
        )
        self._actions = np.zeros((n_envs, n_agents), np.int64)

    def act(self, avail: NDArray[Any]) -> NDArray[np.int64]:
        """Return actions (B, N); scripted agents act inside the environment and get no-ops here."""
        if self.name == "random":
            random_legal(avail, self._streams, self._actions)
        elif self.name == "stop":
            # Only the living may stop; the dead have the no-op, which is 0.
            self._actions[:] = STOP * avail[:, :, STOP]
        return self._actions
