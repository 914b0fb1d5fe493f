"""``env_args`` that only a real game has: patience, restarts, how requests are sent."""

from dataclasses import dataclass, fields
from typing import Any

from pymarl.errors import ConfigError


@dataclass(frozen=True, slots=True)
class GameSettings:
    """How the game's process is treated; none of it changes what an episode is.

    Attributes:
        game_timeout_s: longest wait for any answer of the game, and for its start; then it counts
            as hung.
        max_restarts: crashes in a row, without a finished episode between them, that are mended by
            starting the game again; one more ends the run.
        restart_backoff_s: pause before the first new start; doubled for each further one, at most
            ``MAX_PAUSE_S``.
        restart_every: episodes after which the game is started anew, because its memory grows;
            0: never.
        pipeline: send the requests of a step together and then read the answers. False: one by
            one, as upstream does.
    """

    game_timeout_s: float = 120.0
    max_restarts: int = 5
    restart_backoff_s: float = 1.0
    restart_every: int = 1000
    pipeline: bool = True

    def pause_s(self, crashes: int) -> float:
        """Return the pause in seconds before the start that follows the ``crashes``-th crash."""
        return min(self.restart_backoff_s * 2.0 ** (crashes - 1), MAX_PAUSE_S) if crashes else 0.0


MAX_PAUSE_S = 60.0
_KEYS = frozenset(field.name for field in fields(GameSettings))


def split(env_args: dict[str, Any]) -> tuple[GameSettings, dict[str, Any]]:
    """Return the game's settings and the arguments that are left, SMAC's.

    Raises:
        ConfigError: a value of the wrong type or out of range.
    """
    settings = GameSettings(**{key: env_args[key] for key in _KEYS if key in env_args})
    whole = {"max_restarts": 0, "restart_every": 0}
    for name, least in whole.items():
        value = getattr(settings, name)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ConfigError(f"env_args.{name}={value!r}: expected an integer from {least} up")
    for name in ("game_timeout_s", "restart_backoff_s"):
        value = getattr(settings, name)
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if not good or not 0 <= value < 1e6 or (name == "game_timeout_s" and value == 0):
            raise ConfigError(f"env_args.{name}={value!r}: expected seconds, above 0")
    if not isinstance(settings.pipeline, bool):
        raise ConfigError(f"env_args.pipeline={settings.pipeline!r}: expected true or false")
    return settings, {key: value for key, value in env_args.items() if key not in _KEYS}
