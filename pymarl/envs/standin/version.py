"""What the stand-in says of itself: versions, names, and the marker of its folder."""

from typing import Final

from pymarl.envs.skirmish.engine_version import ENGINE_VERSION
from pymarl.envs.starcraft2.client.server_identity import standin_data_version

GAME_VERSION: Final = "4.10.0.75689"
"""The version that SMAC's clients ask for; the protocol is that of this build."""
BASE_BUILD: Final = 75689
DATA_VERSION: Final = standin_data_version(ENGINE_VERSION)
"""``ResponsePing.data_version``: what this is, and the version of the engine that it plays with."""

FOLDER_MARKER: Final = "STANDIN.json"
"""File in the folder's root by which ``install`` and clients recognise a stand-in."""
MAP_MAGIC: Final = b"PYMARL-STANDIN-MAP 1\n"
"""First line of a placeholder map file: no StarCraft II map, only a map's name."""
EXECUTABLE: Final = f"Versions/Base{BASE_BUILD}/SC2_x64"
MAPS_FOLDER: Final = "Maps/SMAC_Maps"
