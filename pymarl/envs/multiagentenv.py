"""The contract of runners and environments: PyMARL's ``MultiAgentEnv`` plus episode seeds."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.env_info import EnvInfo
from pymarl.envs.joint_actions import joint_action, unavailable
from pymarl.errors import EnvError

Array = NDArray[Any]
Info = dict[str, Any]


class EnvSnapshot(NamedTuple):
    """The snapshot of an environment that has none of its own: a copy of all its attributes."""

    env_class: type[Any]
    attributes: dict[str, Any]


def wrong_snapshot(snapshot: Any, of: str) -> EnvError:
    """Return the error for something that is no snapshot of environments ``of`` this kind."""
    got = type(snapshot).__name__
    return EnvError(f"set_snapshot: expected what get_snapshot of {of} returned, got {got}")


class MultiAgentEnv(ABC):
    """A cooperative environment with one team reward, as PyMARL's runners use it.

    Order of calls: ``reset``, then ``step`` until it returns ``terminated``, then ``reset`` again.
    Observations, state and availability describe the moment after the last ``reset`` or ``step``.

    Attributes:
        n_agents: number of agents N; agent ``i`` is row ``i`` of observations, availability and
            actions.
        episode_limit: longest episode in environment steps; ``step`` ends the episode then.
        vector_class: the batched form of exactly this class, a ``VectorMultiAgentEnv`` (subclasses
            do not inherit it); None: ``runner=vector`` steps an ``EnvBatch`` of it.

    Copies (``copy.deepcopy``, ``pickle``) and snapshots have the same future as the original under
    the same actions, and neither disturbs the other. An environment of plain attributes has both
    without doing anything.

    Deviation from PyMARL: ``reset`` takes an optional episode seed and
        ``obs_array``/``avail_array`` return arrays, so that runners need no lists of lists.
    """

    n_agents: int
    episode_limit: int
    vector_class: type[Any] | None = None

    @abstractmethod
    def reset(self, seed: int | None = None) -> tuple[list[Array], Array]:
        """Start an episode and return (list of N observations, state).

        Args:
            seed: when given, the whole episode is a function of this number (0 <= seed < 2**32) and
                of the actions. ``None`` takes the next seed of the environment's own stream
                (``env_args.seed``).
        """

    @abstractmethod
    def step(self, actions: Sequence[int] | Array) -> tuple[float, bool, Info]:
        """Advance one step with one action per agent; return (reward, terminated, info).

        ``info`` holds plain numbers only: runners add them up over the episode and log
        ``<key>_mean``. ``info["episode_limit"] = True`` marks an end by the time limit that must be
        bootstrapped through.

        Raises:
            EnvError: an action is not available to its agent, or the episode is already over.
            EpisodeLostError: the environment failed and recovers with the next ``reset``; nothing
                of the episode counts.
        """

    @abstractmethod
    def get_obs(self) -> list[Array]:
        """Return the N observations, each float32 of shape (O,)."""

    @abstractmethod
    def get_obs_agent(self, agent_id: int) -> Array:
        """Return the observation of one agent, float32 of shape (O,)."""

    @abstractmethod
    def get_obs_size(self) -> int:
        """Return the length of an observation, O."""

    @abstractmethod
    def get_state(self) -> Array:
        """Return the global state, float32 of shape (S,).

        It is for training only: agents never see it.
        """

    @abstractmethod
    def get_state_size(self) -> int:
        """Return the length of the state, S."""

    @abstractmethod
    def get_avail_actions(self) -> list[list[int]]:
        """Return N lists of A zeros and ones; at least one action of every agent is available."""

    @abstractmethod
    def get_avail_agent_actions(self, agent_id: int) -> list[int]:
        """Return the availability of one agent's A actions as zeros and ones."""

    @abstractmethod
    def get_total_actions(self) -> int:
        """Return A, the number of actions an agent can ever have."""

    def obs_array(self) -> Array:
        """Return all observations, float32 (N, O); valid until the next ``step`` or ``reset``."""
        return np.stack(self.get_obs()).astype(np.float32, copy=False)

    def avail_array(self) -> Array:
        """Return the availability, integers 0 or 1 of shape (N, A).

        Valid until the next ``step`` or ``reset``.
        """
        return np.asarray(self.get_avail_actions())

    def observer(self) -> Any:
        """Return what rebuilds observations, state and availability from ``units_array``, or None.

        An object with ``size`` (numbers per step) and ``rebuild``, like ``TableObserver`` of
        ``smac/rules/observer.py``: the replay memory is then a small part of what it was.
        """
        return None

    def units_array(self) -> Array | None:
        """Return the numbers that the observer needs of this moment, float32 (K,).

        None where there is no observer. Valid until the next ``step`` or ``reset``.
        """
        return None

    def checked_actions(self, actions: Any) -> Array:
        """Return what ``step`` was given as integers (N,), for environments to begin ``step`` with.

        Raises:
            EnvError: not one whole number per agent, or an action is not available to its agent.
        """
        checked, avail = joint_action(actions, self.n_agents), self.avail_array()
        for agent, action in enumerate(checked.tolist()):
            if not (0 <= action < avail.shape[1] and avail[agent, action]):
                raise unavailable(agent, action, avail[agent])
        return checked

    def get_snapshot(self) -> Any:
        """Return everything that this environment's future depends on.

        The running episode with its random numbers, the own stream of episode seeds, and the
        counters. It is never changed afterwards and can be set as often as one likes.

        Raises:
            EnvError: the environment cannot be copied.
        """
        try:
            return EnvSnapshot(type(self), deepcopy(vars(self)))
        except TypeError as error:
            raise EnvError(
                f"{type(self).__name__} cannot be copied: {error}; it needs __getstate__, or "
                "get_snapshot and set_snapshot, of its own (docs/development/extending.md, Copies)"
            ) from error

    def set_snapshot(self, snapshot: Any) -> None:
        """Go back to where this environment, or another one made in the same way, was.

        Args:
            snapshot: what ``get_snapshot`` returned.

        Raises:
            EnvError: it is no snapshot of such an environment.
        """
        if not isinstance(snapshot, EnvSnapshot) or snapshot.env_class is not type(self):
            raise wrong_snapshot(snapshot, type(self).__name__)
        vars(self).clear()
        vars(self).update(deepcopy(snapshot.attributes))

    def get_stats(self) -> Info:
        """Return counters over the environment's life (battles won, timeouts, restarts, ...)."""
        return {}

    def provenance(self) -> Info:
        """Return what only the running environment knows of where results come from.

        It goes to ``provenance.json``, over what is there: ``backend``, ``backend_label``,
        ``sc2_build`` and ``engine_version`` (of the simulator's engine) above all.
        """
        return {}

    def get_env_info(self) -> Info:
        """Return the sizes networks and buffers are built from, and ``observer``.

        The keys are PyMARL's; see ``EnvInfo``.
        """
        sizes = EnvInfo(
            n_agents=self.n_agents,
            n_actions=self.get_total_actions(),
            state_shape=self.get_state_size(),
            obs_shape=self.get_obs_size(),
            episode_limit=self.episode_limit,
        )
        return {**sizes._asdict(), "observer": self.observer()}

    def seed(self) -> int | None:
        """Return the seed of the environment's own stream."""
        return None

    def render(self) -> None:  # noqa: B027 - optional: not every environment can
        """Show the current situation where the environment can."""

    def save_replay(self) -> None:  # noqa: B027 - optional: not every environment can
        """Save a replay of the last episode where the environment can."""

    def close(self) -> None:  # noqa: B027 - optional: not every environment holds something
        """Free processes, sockets and files; safe to call twice."""
