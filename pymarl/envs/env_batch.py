"""Any environment as a batched one: B of them, stepped one after another in this process."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from pymarl.envs.env_stats import add_stats
from pymarl.envs.multiagentenv import Array, Info, MultiAgentEnv
from pymarl.envs.vector_env import StepArrays, VectorMultiAgentEnv, unavailable_action
from pymarl.errors import EnvError, EpisodeLostError


def make_vector_env(
    env_class: type[MultiAgentEnv], n_envs: int, threads: int, env_args: Mapping[str, Any]
) -> VectorMultiAgentEnv[Any]:
    """Return ``n_envs`` environments of a class: its own batched form, or an :class:`EnvBatch`.

    Args:
        env_class: the single environment.
        n_envs: B.
        threads: CPU threads of a batched form that has some.
        env_args: arguments of the single environment.
    """
    # Not inherited: a subclass may play differently from the batched form of its base.
    vector_class = vars(env_class).get("vector_class")
    if vector_class is None:
        return EnvBatch(env_class, n_envs, env_args)
    batched: VectorMultiAgentEnv[Any] = vector_class(n_envs, threads=threads, **env_args)
    return batched


class EnvBatch(VectorMultiAgentEnv[StepArrays]):
    """Adapter: B environments of one :class:`MultiAgentEnv` class.

    The own stream of episode seeds of environment ``e`` starts at ``env_args["seed"] + e``.

    Args:
        env_class: class of the environments.
        n_envs: B.
        env_args: arguments of each.

    Raises:
        EnvError: B is less than 1, or an environment cannot be made; none is left open.
    """

    def __init__(
        self, env_class: type[MultiAgentEnv], n_envs: int, env_args: Mapping[str, Any]
    ) -> None:
        if n_envs < 1:
            raise EnvError(f"n_envs={n_envs}: expected at least 1")
        first = env_args.get("seed")
        self.envs: list[MultiAgentEnv] = []
        try:
            for e in range(n_envs):
                own = {} if first is None else {"seed": (first + e) % 2**32}
                self.envs.append(env_class(**{**env_args, **own}))
            self._info = self.envs[0].get_env_info()
        except BaseException:
            self.close()
            raise
        self.n_envs = n_envs
        self.n_agents, self.n_actions = self._info["n_agents"], self._info["n_actions"]
        self.obs_size, self.state_size = self._info["obs_shape"], self._info["state_shape"]
        self.episode_limit = self._info["episode_limit"]
        self.observer = self._info.get("observer")
        self.out = self.new_out()
        self._over = np.ones(n_envs, np.bool_)
        self._infos: list[Info] = [{} for _ in range(n_envs)]

    @override
    def new_out(self, arrays: StepArrays | None = None) -> StepArrays:
        return StepArrays.zeros(self.n_envs, self._info) if arrays is None else arrays

    @override
    def reset(
        self,
        mask: Array | None = None,
        seeds: Sequence[int] | None = None,
        out: StepArrays | None = None,
    ) -> StepArrays:
        self.out = self.out if out is None else out
        for e in self._rows(mask):
            self.envs[e].reset(None if seeds is None else int(seeds[e]))
            self._over[e] = False
            self._write_observation(e)
        return self.out

    @override
    def step(
        self, actions: Array, mask: Array | None = None, out: StepArrays | None = None
    ) -> StepArrays:
        rows = self._rows(mask)
        for e in rows:
            self._check(e, actions[e])
        self.out = self.out if out is None else out
        self.failures = {}
        for e in rows:
            try:
                # A row is a view: an environment that acts by itself writes to it.
                reward, terminated, info = self.envs[e].step(actions[e])
            except EpisodeLostError as lost:
                self.failures = {**self.failures, e: str(lost)}
                self._over[e] = True
                continue
            self.out.reward[e], self.out.terminated[e] = reward, terminated
            self._over[e], self._infos[e] = terminated, info
            self._write_observation(e)
        return self.out

    def _rows(self, mask: Array | None) -> list[int]:
        """Return the environments of ``mask``."""
        rows: list[int] = (
            np.flatnonzero(mask).tolist() if mask is not None else [*range(self.n_envs)]
        )
        return rows

    def _check(self, e: int, actions: Array) -> None:
        """Check that environment ``e`` can perform ``actions`` (N,).

        Raises:
            EnvError: it cannot.
        """
        if self._over[e]:
            raise EnvError(f"environment {e}: the episode is over; call reset before step")
        avail = self.envs[e].avail_array()
        for i, action in enumerate(actions.tolist()):
            if not (0 <= action < self.n_actions and avail[i, action]):
                raise unavailable_action(e, i, action, avail[i])

    def _write_observation(self, e: int) -> None:
        """Write what environment ``e`` shows now."""
        env = self.envs[e]
        self.out.obs[e], self.out.state[e] = env.obs_array(), env.get_state()
        self.out.avail[e] = env.avail_array()

    @override
    def episode_info(self, e: int) -> Info:
        return dict(self._infos[e])

    @override
    def write_units(self, mask: Array, units: NDArray[np.float32]) -> None:
        if self.observer is not None:
            for e in self._rows(mask):
                units[e] = self.envs[e].units_array()

    @override
    def get_stats(self) -> Info:
        return add_stats([env.get_stats() for env in self.envs])

    @override
    def get_env_info(self) -> Info:
        return dict(self._info)

    @override
    def provenance(self) -> Info:
        return self.envs[0].provenance()

    @override
    def save_replay(self) -> bool:
        for env in self.envs:
            env.save_replay()
        return True

    @override
    def close(self) -> None:
        for env in self.envs:
            env.close()
