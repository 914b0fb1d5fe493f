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
        unit_dim: numbers of each agent's own row where the state begins with N such rows (SMAC's
            does); 0 where it does not, and of an environment that does not say.
    """

    n_agents: int
    n_actions: int
    state_shape: int
    obs_shape: int
    episode_limit: int
    unit_dim: int = 0

    @classmethod
    def of(cls, env_info: Mapping[str, Any]) -> Self:
        """Return the sizes in what ``MultiAgentEnv.get_env_info`` returns."""
        needed = [key for key in cls._fields if key not in cls._field_defaults]
        optional = {key: env_info[key] for key in cls._field_defaults if key in env_info}
        return cls(**{key: env_info[key] for key in needed}, **optional)
