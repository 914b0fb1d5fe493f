"""Any environment as a batched one: B of them, stepped one after another in this process."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from pymarl.envs.batch_rows import chosen_rows, rows_to_set
from pymarl.envs.env_stats import add_stats
from pymarl.envs.joint_actions import joint_actions, not_running, unavailable
from pymarl.envs.multiagentenv import Array, Info, MultiAgentEnv, wrong_snapshot
from pymarl.envs.vector_env import StepArrays, VectorMultiAgentEnv
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


class BatchSnapshot(NamedTuple):
    """Where k environments of a batch were.

    Attributes:
        envs: their own snapshots.
        arrays: rows (k, ...) of ``StepArrays``.
        over, begun: bool (k,), whether the episode is over, and one was ever begun.
        infos: of the last steps.
    """

    envs: list[Any]
    arrays: list[Array]
    over: Array
    begun: Array
    infos: list[Info]


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
        self._over, self._begun = np.ones(n_envs, np.bool_), np.zeros(n_envs, np.bool_)
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
            self._over[e], self._begun[e] = False, True
            self._write_observation(e)
        return self.out

    @override
    def step(
        self, actions: Array, mask: Array | None = None, out: StepArrays | None = None
    ) -> StepArrays:
        rows = self._rows(mask)
        given = joint_actions(actions, self.n_envs, self.n_agents)
        for e in rows:
            self._check(e, given[e])
        self.out = self.out if out is None else out
        self.failures = {}
        for e in rows:
            try:
                # A row is a view: an environment that acts by itself writes to it.
                reward, terminated, info = self.envs[e].step(given[e])
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
            raise not_running(bool(self._begun[e]), f"environment {e}: ")
        avail = self.envs[e].avail_array()
        for i, action in enumerate(actions.tolist()):
            if not (0 <= action < self.n_actions and avail[i, action]):
                raise unavailable(i, action, avail[i], f"environment {e}: ")

    def _write_observation(self, e: int) -> None:
        """Write what environment ``e`` shows now."""
        env = self.envs[e]
        self.out.obs[e], self.out.state[e] = env.obs_array(), env.get_state()
        self.out.avail[e] = env.avail_array()

    @override
    def episode_info(self, e: int) -> Info:
        return dict(self._infos[e])

    @override
    def get_snapshot(self, rows: Sequence[int] | None = None) -> BatchSnapshot:
        chosen = chosen_rows(rows, self.n_envs)
        chosen = [*range(self.n_envs)] if chosen is None else chosen
        return BatchSnapshot(
            [self.envs[e].get_snapshot() for e in chosen],
            [array[chosen] for array in self.out],
            self._over[chosen],
            self._begun[chosen],
            [dict(self._infos[e]) for e in chosen],
        )

    @override
    def set_snapshot(self, snapshot: Any, rows: Sequence[int] | None = None) -> StepArrays:
        if not isinstance(snapshot, BatchSnapshot):
            raise wrong_snapshot(snapshot, "EnvBatch")
        chosen = rows_to_set(rows, len(snapshot.envs), self.n_envs)
        chosen = [*range(self.n_envs)] if chosen is None else chosen
        for k, e in enumerate(chosen):
            one = k if len(snapshot.envs) > 1 else 0
            self.envs[e].set_snapshot(snapshot.envs[one])
            self._infos[e] = dict(snapshot.infos[one])
        own: list[Array] = [*self.out, self._over, self._begun]
        saved = (*snapshot.arrays, snapshot.over, snapshot.begun)
        for array, values in zip(own, saved, strict=True):
            array[chosen] = values
        return self.out

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
