"""The arrays of one rollout: what B environments show and do, step by step."""

from typing import Any

import numpy as np
import torch as th
from numpy.typing import NDArray

from pymarl.components.episode_batch import (
    FILLED,
    EpisodeBatch,
    Groups,
    Preprocess,
    Scheme,
    extended_scheme,
)
from pymarl.components.episode_codec import UNITS
from pymarl.components.transforms import OneHot
from pymarl.errors import PymarlError
from pymarl.kernels.entry_point import entry_point
from pymarl.runners.record import EpisodeProgress, Step, record_step

NUMPY_TYPES = {
    th.float32: np.float32,
    th.float64: np.float64,
    th.int64: np.int64,
    th.int32: np.int32,
    th.uint8: np.uint8,
    th.bool: np.bool_,
}


class Rollout:
    """An :class:`EpisodeBatch` of B episodes over arrays that environments write to directly.

    The arrays have time as their first axis: what all environments show at one step is one
    contiguous block, and steps that no episode reaches are never touched. The tensors of ``batch``
    are transposed views (B, T, ...) of them. They are used again by the next rollout, because fresh
    ones cost a page fault for every 4 KiB.

    Attributes:
        batch: the episodes, row b being environment b's.
        at: the views of each step, T + 1 of them (the last is scratch).
        acting, running, actions, reward, ended, bootstrapped, returns, lengths: the arrays of
            :class:`EpisodeProgress`. An environment that acts by itself overwrites ``actions`` with
            what it did.
        infos: the last ``info`` of each episode, without ``episode_limit``.
    """

    def __init__(
        self, scheme: Scheme, groups: Groups, preprocess: Preprocess, batch_size: int, T: int
    ) -> None:
        """Allocate B = ``batch_size`` episodes of ``T`` steps (episode limit + 1).

        Raises:
            PymarlError: ``preprocess`` derives something else than one-hot actions.
        """
        onehot_key = _onehot_key(preprocess)
        self._arrays: dict[str, NDArray[Any]] = {FILLED: np.zeros((T + 1, batch_size, 1), np.int64)}
        for key, entry in extended_scheme(scheme, preprocess).items():
            group = () if entry.group is None else (groups[entry.group],)
            shape = (T + 1, batch_size, *group, *entry.vshape)
            self._arrays[key] = np.zeros(shape, NUMPY_TYPES[entry.dtype])
        data = {
            key: th.from_numpy(array[:T]).transpose(0, 1) for key, array in self._arrays.items()
        }
        self.batch = EpisodeBatch(scheme, groups, batch_size, T, preprocess, data=data)
        self.at = self._steps(onehot_key, T, batch_size)
        B, N = self.at[0].actions.shape
        self.n_agents = N
        self._progress = EpisodeProgress(
            acting=np.ones(B, np.uint8),
            running=np.ones(B, np.uint8),
            actions=np.zeros((B, N), np.int64),
            reward=np.zeros(B),
            ended=np.zeros(B, np.uint8),
            bootstrapped=np.zeros(B, np.uint8),
            returns=np.zeros(B),
            lengths=np.zeros(B, np.int64),
        )
        progress = self._progress
        self.acting, self.running, self.actions = progress[:3]
        self.reward, self.ended, self.bootstrapped = progress[3:6]
        self.returns, self.lengths = progress[6:]
        self.infos: list[dict[str, Any]] = [{} for _ in range(B)]
        self._failures: dict[int, str] = {}
        # All steps have the types of the first one; numba need not look at 26 arrays in each call.
        self._record = entry_point(record_step, (progress, self.at[0], self.at[1], 0))

    def _steps(self, onehot_key: str, T: int, B: int) -> list[Step]:
        """Return the views of ``T + 1`` steps."""
        arrays = self._arrays
        unused = np.zeros(arrays["avail_actions"].shape[1:], np.float32)
        units = arrays.get(UNITS, np.zeros((T + 1, B, 0), np.float32))
        return [
            Step(
                obs=arrays["obs"][t],
                state=arrays["state"][t],
                avail=arrays["avail_actions"][t],
                actions=arrays["actions"][t, :, :, 0],
                onehot=arrays[onehot_key][t] if onehot_key else unused,
                reward=arrays["reward"][t, :, 0],
                terminated=arrays["terminated"][t, :, 0],
                filled=arrays[FILLED][t, :, 0],
                units=units[t],
            )
            for t in range(T + 1)
        ]

    def begin(self) -> None:
        """Forget the last rollout: every entry is zero again, every environment runs."""
        # Steps behind the longest episode have not been written.
        used = int(self.lengths.max()) + 2
        for array in self._arrays.values():
            array[:used] = 0
        self.acting[:] = 1
        self.running[:] = 1
        self.bootstrapped[:] = 0
        self.ended[:] = 0
        self.returns[:] = 0.0
        self.lengths[:] = 0
        self.infos = [{} for _ in self.infos]
        self._failures = {}
        self.at[0].filled[:] = 1

    def discard_episode(self, b: int, reason: str) -> None:
        """Forget the running episode of environment ``b``: it is void, and ends here."""
        self._failures[b] = reason
        self.running[b] = self.acting[b] = 0

    def discarded_episodes(self) -> list[int]:
        """Return the environments whose episode is void."""
        return sorted(self._failures)

    def failure_messages(self) -> list[str]:
        """Return why episodes are void, in the order of their environments."""
        return [self._failures[b] for b in sorted(self._failures)]

    def restart(self, rows: list[int]) -> None:
        """Forget the episodes of ``rows``, which are played again; the others stay as they are."""
        used = int(self.lengths.max()) + 3
        for array in self._arrays.values():
            array[:used, rows] = 0
        self.acting[rows] = self.running[rows] = 1
        self.bootstrapped[rows] = self.ended[rows] = 0
        self.returns[rows] = 0.0
        self.lengths[rows] = 0
        for b in rows:
            self.infos[b] = {}
        self.at[0].filled[rows] = 1
        self._failures = {}

    def write_observation(
        self, t: int, b: int, obs: Any, state: Any, avail: Any, units: Any = None
    ) -> None:
        """Store what environment ``b`` shows at step ``t``; ``units`` where the scheme has them."""
        step = self.at[t]
        step.obs[b], step.state[b], step.avail[b] = obs, state, avail
        if step.units.size:
            step.units[b] = units

    def write_step(self, b: int, reward: float, ended: bool, info: dict[str, Any]) -> None:
        """Store what the last step of environment ``b`` gave."""
        self.reward[b], self.ended[b] = reward, ended
        if ended:
            self.end_episode(b, info)

    def end_episode(self, b: int, info: dict[str, Any]) -> None:
        """Store the ``info`` that the episode of environment ``b`` ended with."""
        # A time-limit end that the environment marks is no true end: the value behind it counts.
        self.bootstrapped[b] = bool(info.get("episode_limit", False))
        self.infos[b] = {key: value for key, value in info.items() if key != "episode_limit"}

    def record(self, t: int) -> bool:
        """Write step ``t`` to the batch and return whether any agent acts at ``t + 1``."""
        return bool(self._record(self._progress, self.at[t], self.at[t + 1], t))


def _onehot_key(preprocess: Preprocess) -> str:
    """Return the name of the one-hot actions, or "" when they are not wanted.

    Raises:
        PymarlError: something else is derived; runners fill derived entries by compiled code.
    """
    if not preprocess:
        return ""
    if list(preprocess) == ["actions"]:
        key, transforms = preprocess["actions"]
        if len(transforms) == 1 and isinstance(transforms[0], OneHot):
            return key
    raise PymarlError(
        f"preprocess={preprocess}: the runners can derive one-hot actions only; "
        "derive other entries where they are used, or extend pymarl/runners/rollout.py"
    )
