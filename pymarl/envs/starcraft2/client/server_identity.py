"""Which server answers: StarCraft II, or the stand-in, whose answers hold its mark."""

from typing import Any, Final

STANDIN_MARK: Final = "stand-in, not StarCraft II"
"""Text in the stand-in's answers, replays and folders, which the game's do not have."""
STANDIN_LABEL: Final = "stand-in server on the embedded simulator, not StarCraft II"
GAME_LABEL: Final = "StarCraft II"


def is_standin(ping: Any) -> bool:
    """Return whether a ``ResponsePing`` is the stand-in's, which says so in its data version."""
    return STANDIN_MARK in str(ping.data_version)


def server_provenance(ping: Any) -> dict[str, Any]:
    """Return what a ``ResponsePing`` says for a run's provenance: backend, its label, the build."""
    standin = is_standin(ping)
    return {
        "backend": "standin" if standin else "sc2",
        "backend_label": STANDIN_LABEL if standin else GAME_LABEL,
        "sc2_build": str(ping.game_version or ping.base_build),
        "sc2_data_version": str(ping.data_version),
    }
