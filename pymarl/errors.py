"""The errors this package raises on purpose.

Each message has what is wrong, what was got and expected, where, and the next step.
"""


class PymarlError(Exception):
    """Base of every error raised on purpose.

    The command line prints its message without a traceback.
    """


class ConfigError(PymarlError, ValueError):
    """A configuration, a command line or an input file is wrong (exit code 2)."""


class MapError(ConfigError):
    """A map is unknown, or its file does not describe a playable map (exit code 2)."""


class RegistryError(PymarlError, KeyError):
    """A name is not in a registry (exit code 2)."""

    def __str__(self) -> str:
        """Return the plain message (``KeyError`` would show its repr)."""
        return str(self.args[0]) if self.args else ""


class RunFolderError(PymarlError):
    """A run folder is in use, already complete, or holds files that no run wrote (exit code 2)."""


class PublishError(PymarlError):
    """A finished run did not leave the files every run must have (exit code 1)."""


class CheckpointError(PymarlError):
    """A checkpoint or saved model is missing, damaged, or belongs to another configuration."""


class EnvError(PymarlError):
    """An environment cannot be started, or was used against its contract."""


class GameLostError(EnvError):
    """The connection to a game broke, or the game ended, hung or sent something senseless."""


class EpisodeLostError(EnvError):
    """The running episode is void because its game was lost; play it again with another seed.

    It is no defeat: runners forget everything of it. The environment is ready for ``reset``.
    """


class EnvWorkerError(EnvError):
    """An environment worker process failed; the message holds its traceback."""


class NonFiniteError(PymarlError):
    """A loss or a gradient became NaN or infinite; the message holds step, key and seed."""
