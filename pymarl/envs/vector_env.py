"""The contract of the vector runner and batched environments: B episodes stepped by one call."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.multiagentenv import Array, Info
from pymarl.errors import EnvError

NO_SNAPSHOTS = (
    "EnvBatch makes batches of single environments that have "
    "(docs/development/extending.md, Copies)"
)


class StepArrays(NamedTuple):
    """What B environments show and pay at one step; the caller may own the arrays.

    Attributes:
        obs: float32 (B, N, O).
        state: float32 (B, S).
        avail: uint8 (B, N, A), 1 where the action is available.
        reward: float64 (B,), of the last step.
        terminated: uint8 (B,), 1 where the last step ended the episode.
    """

    obs: NDArray[np.float32]
    state: NDArray[np.float32]
    avail: NDArray[np.uint8]
    reward: NDArray[np.float64]
    terminated: NDArray[np.uint8]

    @classmethod
    def zeros(cls, n_envs: int, sizes: Mapping[str, Any]) -> "StepArrays":
        """Return zeroed arrays for environments of these sizes (``get_env_info``)."""
        n_agents, n_actions = sizes["n_agents"], sizes["n_actions"]
        return cls(
            obs=np.zeros((n_envs, n_agents, sizes["obs_shape"]), np.float32),
            state=np.zeros((n_envs, sizes["state_shape"]), np.float32),
            avail=np.zeros((n_envs, n_agents, n_actions), np.uint8),
            reward=np.zeros(n_envs),
            terminated=np.zeros(n_envs, np.uint8),
        )


class VectorOutput(Protocol):
    """Arrays that a batched environment writes: those of :class:`StepArrays`, and its own."""

    @property
    def obs(self) -> NDArray[np.float32]:
        """Observations, (B, N, O)."""

    @property
    def state(self) -> NDArray[np.float32]:
        """States, (B, S)."""

    @property
    def avail(self) -> NDArray[np.uint8]:
        """Availability, (B, N, A)."""

    @property
    def reward(self) -> NDArray[np.float64]:
        """Rewards of the last step, (B,)."""

    @property
    def terminated(self) -> NDArray[np.uint8]:
        """Ends by the last step, (B,)."""


OutputT = TypeVar("OutputT", bound=VectorOutput)


class VectorMultiAgentEnv(ABC, Generic[OutputT]):
    """B cooperative environments of one kind: :class:`MultiAgentEnv`, batched.

    Row ``e`` of every array is environment ``e``, a function of its own seeds and actions: not of
    B, of its place in the batch or of the other environments. Its episodes are those of the single
    environment with the same seeds, bit by bit (tests/contract/test_vector_envs.py).

    A class that a :class:`MultiAgentEnv` names as its ``vector_class`` is made by
    ``vector_class(n_envs, threads=threads, **env_args)``.

    Attributes:
        n_envs: B.
        n_agents: N, n_actions: A, obs_size: O, state_size: S.
        episode_limit: longest episode in environment steps.
        observer: rebuilds obs, state and avail from the numbers of :meth:`write_units` and the
            actions (see ``MultiAgentEnv.observer``), or None.
        out: the arrays the last call wrote.
        failures: environments whose running episode became void in the last step, and why. Their
            rows have no meaning and they need a reset (see ``EpisodeLostError``).
    """

    n_envs: int
    n_agents: int
    n_actions: int
    obs_size: int
    state_size: int
    episode_limit: int
    observer: Any
    out: OutputT
    failures: Mapping[int, str] = {}

    @abstractmethod
    def new_out(self, arrays: StepArrays | None = None) -> OutputT:
        """Return a set of output arrays, of which ``arrays`` (None: new ones) are the caller's."""

    @abstractmethod
    def reset(
        self,
        mask: Array | None = None,
        seeds: Sequence[int] | None = None,
        out: OutputT | None = None,
    ) -> OutputT:
        """Begin an episode in the environments of ``mask`` and write what agents see.

        Args:
            mask: (B,) of 0 and 1; None: all.
            seeds: (B,) episode seeds, read where ``mask`` is set; None: each environment's own
                stream.
            out: arrays to write to, kept for later calls; None: those in use.

        Returns:
            The output arrays; rows outside the mask are left alone.
        """

    @abstractmethod
    def step(
        self, actions: Array, mask: Array | None = None, out: OutputT | None = None
    ) -> OutputT:
        """Advance the environments of ``mask`` by one step.

        Args:
            actions: integers (B, N). Environments whose agents act by themselves overwrite their
                rows with what was carried out; rows outside the mask are ignored.
            mask: (B,) of 0 and 1; None: all.
            out: arrays to write to, kept for later calls; None: those in use.

        Returns:
            The output arrays; rows outside the mask keep what they hold, or in other arrays than
            those of the last call have no meaning.

        Raises:
            EnvError: an action is not available, or an episode is already over; nothing was
                stepped. (Environments whose agents act by themselves need not check actions.)
        """

    @abstractmethod
    def episode_info(self, e: int) -> Info:
        """Return the ``info`` of the step that ended the episode of environment ``e``.

        Valid after that step, until the next call of ``step`` or ``reset``; see
        ``MultiAgentEnv.step``.
        """

    @abstractmethod
    def get_stats(self) -> Info:
        """Return counters over the environments' lives, added up (battles won, restarts, ...)."""

    def get_snapshot(self, rows: Sequence[int] | None = None) -> Any:
        """Return everything of some environments that their future depends on.

        See ``MultiAgentEnv.get_snapshot``. The snapshot has a row for each environment of ``rows``,
        in that order; one environment may be there several times.

        Args:
            rows: numbers of environments; None: all.

        Raises:
            EnvError: there is no such environment, or these environments cannot be copied.
        """
        raise EnvError(f"get_snapshot: {type(self).__name__} has no snapshots; {NO_SNAPSHOTS}")

    def set_snapshot(self, snapshot: Any, rows: Sequence[int] | None = None) -> OutputT:
        """Put environments back to where others, or they themselves, were at a snapshot.

        Everything that :attr:`out` shows is written, too. The others are left alone.

        Args:
            snapshot: of environments that were made as these; of one for all ``rows``, or of one
                for each.
            rows: numbers of environments; None: all.

        Returns:
            The output arrays.

        Raises:
            EnvError: the snapshot does not fit, or there is no such environment.
        """
        raise EnvError(f"set_snapshot: {type(self).__name__} has no snapshots; {NO_SNAPSHOTS}")

    def write_units(self, mask: Array, units: NDArray[np.float32]) -> None:
        """Write the numbers the observer needs of this moment to ``units`` (B, K).

        Only rows where ``mask`` (B,) is set. Nothing where there is no observer.
        """

    def get_env_info(self) -> Info:
        """Return the sizes of one environment, with the keys of ``MultiAgentEnv.get_env_info``."""
        return {
            "state_shape": self.state_size,
            "obs_shape": self.obs_size,
            "n_actions": self.n_actions,
            "n_agents": self.n_agents,
            "episode_limit": self.episode_limit,
            "observer": self.observer,
        }

    def provenance(self) -> Info:
        """Return what only running environments know of where results come from."""
        return {}

    def save_replay(self) -> bool:
        """Save replays of the last episodes; return False where the environments keep none."""
        return False

    def close(self) -> None:
        """Free processes, threads and files; safe to call twice."""
