"""Which ``.SC2Map`` file a map is in StarCraft II, and how its episodes begin."""

import re
from dataclasses import dataclass
from pathlib import Path

from pymarl.envs.smac.maps.map_reader import MapReader


@dataclass(frozen=True, slots=True)
class GameMap:
    """The StarCraft II side of a map: its ``.SC2Map`` file; the simulator needs none.

    Attributes:
        file: path of the file, relative to ``folder`` or to the game's Maps folder; None:
            ``<name>.SC2Map`` in the Maps folder.
        folder: where the map's description lies.
        sha256: of the file, checked when given.
        reset: how the next episode begins: ``trigger`` (all units are killed, a trigger of the map
            makes new ones, as in SMAC's maps) or ``restart`` (of the game).
    """

    file: str | None = None
    folder: Path = Path()
    sha256: str | None = None
    reset: str = "trigger"


def read_game(reader: MapReader, folder: Path, *, passive: bool) -> GameMap:
    """Return the map's StarCraft II side.

    SMAC's maps, those with passive agents, have a respawn trigger; others are restarted unless the
    file says otherwise.

    Raises:
        MapError: the file says something that is not understood.
    """
    reset = "trigger" if passive else "restart"
    if not reader.has("starcraft2"):
        return GameMap(folder=folder, reset=reset)
    game = reader.child("starcraft2")
    file = game.text("file") if game.has("file") else None
    digest = game.text("sha256") if game.has("sha256") else None
    if digest is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
        raise game.fail("sha256", f"expected 64 hexadecimal digits, got {digest!r}")
    reset = game.choice("reset", ("trigger", "restart"), reset)
    game.done()
    return GameMap(file, folder, digest, reset)
