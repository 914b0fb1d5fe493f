"""What an environment says of its sizes."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self


class EnvInfo(NamedTuple):
    """The sizes that networks and buffers are built from, under PyMARL's names.

    Attributes:
        n_agents: N.
        n_actions: A.
        state_shape: S, numbers in the state.
        obs_shape: O, numbers in an observation.
        episode_limit: longest episode in environment steps.
    """

    n_agents: int
    n_actions: int
    state_shape: int
    obs_shape: int
    episode_limit: int

    @classmethod
    def of(cls, env_info: Mapping[str, Any]) -> Self:
        """Return the sizes in what ``MultiAgentEnv.get_env_info`` returns."""
        return cls(**{key: env_info[key] for key in cls._fields})
