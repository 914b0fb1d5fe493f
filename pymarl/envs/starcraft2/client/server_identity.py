"""Which server answers: StarCraft II, or the stand-in, whose answers hold its mark."""

import re
from typing import Any, Final

STANDIN_MARK: Final = "stand-in, not StarCraft II"
"""Text in the stand-in's answers, replays and folders, which the game's do not have."""
STANDIN_LABEL: Final = "stand-in server on the embedded simulator, not StarCraft II"
GAME_LABEL: Final = "StarCraft II"
_ENGINE: Final = re.compile(r"\bengine (\d{1,6})\b")


def is_standin(ping: Any) -> bool:
    """Return whether a ``ResponsePing`` is the stand-in's, which says so in its data version."""
    return STANDIN_MARK in str(ping.data_version)


def standin_data_version(engine_version: int) -> str:
    """Return what the stand-in answers as data version, a free text where the game has a hash."""
    return f"{STANDIN_MARK} (pymarl-pipeline, engine {engine_version})"


def engine_version(ping: Any) -> int | None:
    """Return the version of the simulator's engine behind a ``ResponsePing``; None: the game's.

    A stand-in that tells no version is from before versions were counted: its engine's is 1.
    """
    if not is_standin(ping):
        return None
    told = _ENGINE.search(str(ping.data_version))
    return int(told[1]) if told else 1


def server_provenance(ping: Any) -> dict[str, Any]:
    """Return what a ``ResponsePing`` says for a run's provenance: backend, build, engine."""
    standin = is_standin(ping)
    return {
        "backend": "standin" if standin else "sc2",
        "backend_label": STANDIN_LABEL if standin else GAME_LABEL,
        "sc2_build": str(ping.game_version or ping.base_build),
        "sc2_data_version": str(ping.data_version),
        "engine_version": engine_version(ping),
    }
