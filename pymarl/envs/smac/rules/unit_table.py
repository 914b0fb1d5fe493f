"""The unit table: the only thing SMAC's definition knows of an engine.

One float32 array (U, N_COLUMNS) per environment: units 0..N-1 are the agents in SMAC's order, then
the enemies in
the order of the game's unit list at reset. float32, as StarCraft II's protobuf carries it. A dead
unit has health 0
and keeps its last position, as in SMAC.
"""

from typing import Final

X: Final = 0
Y: Final = 1
HEALTH: Final = 2
SHIELD: Final = 3
ENERGY: Final = 4
COOLDOWN: Final = 5
N_COLUMNS: Final = 6

NO_ATTACK: Final = 6
"""Actions before the first attack action: no-op, stop, north, south, east, west."""
SHOOT_RANGE: Final = 6.0
"""SMAC: every unit may be ordered to attack within this distance, centre to centre."""
SIGHT_RANGE: Final = 9.0
"""SMAC: every unit sees this far, centre to centre."""
