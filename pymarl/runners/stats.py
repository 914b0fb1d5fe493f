"""Returns and outcomes of episodes, added up until they are logged."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pymarl.utils.logging import Logger

OUTCOME_KEYS = ("battle_won", "timeout", "dead_allies", "dead_enemies")
HEALTH_KEYS = ("ally_health_left", "enemy_health_left")
Info = Mapping[str, float | int | bool]


class EpisodeStats:
    """Sums over episodes since the last log.

    Returns, lengths and everything in the last ``info`` of each episode.
    """

    def __init__(self) -> None:
        """Count from zero."""
        self.returns: list[float] = []
        self.sums: dict[str, float] = {}

    def add(self, episode_return: float, length: int, info: Info) -> None:
        """Count one finished episode; ``info`` is that of its last step (numbers and booleans)."""
        self.returns.append(episode_return)
        for key, value in {"ep_length": length, **info}.items():
            self.sums[key] = self.sums.get(key, 0.0) + float(value)

    def log(self, logger: Logger, prefix: str, t_env: int) -> None:
        """Log means with PyMARL's keys and start anew.

        The keys are ``<prefix>return_mean``, ``<prefix>battle_won_mean`` and so on.
        """
        logger.log_stat(f"{prefix}return_mean", float(np.mean(self.returns)), t_env)
        logger.log_stat(f"{prefix}return_std", float(np.std(self.returns)), t_env)
        for key, total in self.sums.items():
            logger.log_stat(f"{prefix}{key}_mean", total / len(self.returns), t_env)
        self.returns, self.sums = [], {}

    def state(self) -> dict[str, Any]:
        """Return the sums as plain data."""
        return {"returns": list(self.returns), "sums": dict(self.sums)}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over what :meth:`state` returned."""
        self.returns, self.sums = list(state["returns"]), dict(state["sums"])


def outcome(
    episode_return: float, length: int, env_seed: int, info: Info
) -> dict[str, float | int]:
    """Return the record of one test episode; keys the environment does not know are left out."""
    row: dict[str, float | int] = {
        "env_seed": env_seed,
        "return": float(episode_return),
        "length": int(length),
    }
    row |= {key: int(info[key]) for key in OUTCOME_KEYS if key in info}
    return row | {key: float(info[key]) for key in HEALTH_KEYS if key in info}
