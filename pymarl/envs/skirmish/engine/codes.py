"""What the integer fields of the engine's records mean.

Plain integers rather than enumerations, because kernels compare them in their inner loops.
"""

from typing import Final

NO_UNIT: Final = -1
"""In every field that names a unit by its index: there is none."""

AGENTS: Final = 0
ENEMIES: Final = 1
"""Sides."""

# Orders of a unit.
IDLE: Final = 0
MOVE: Final = 1
ATTACK: Final = 2
ATTACK_MOVE: Final = 3  # move to a point and attack whatever is met on the way
HEAL: Final = 4

# Poses: whether others can push the unit aside.
WALKING: Final = 0  # gives way to everyone
STANDING: Final = 1  # gives way to friends
ANCHORED: Final = 2  # attacks, and gives way to nobody

# What moves a unit: the number of its grid of walkable cells, or the air.
GROUND_MOVER: Final = 0
CLIFF_MOVER: Final = 1  # walks up and down cliffs (colossus)
AIR_MOVER: Final = 2

# Weapons, by how their damage arrives.
UNARMED: Final = 0
INSTANT: Final = 1
MISSILES: Final = 2
DOUBLE: Final = 3  # a second blade follows (zealot)
SWEEP: Final = 4  # a beam sweeps over a line (colossus)
BURST: Final = 5  # the unit explodes (baneling)
TENTACLE: Final = 6  # flies out, and its cooldown waits for it (spine crawler)

# Planes that a unit occupies, and that a weapon reaches: bits.
ON_GROUND: Final = 1
IN_AIR: Final = 2

# Attributes that bonus damage and healing depend on: bits.
LIGHT: Final = 1
ARMORED: Final = 2
BIOLOGICAL: Final = 4
MECHANICAL: Final = 8
MASSIVE: Final = 16
STRUCTURE: Final = 32

# What the map's script orders the enemies to do.
NO_ENEMY_ORDER: Final = 0
ATTACK_POINT: Final = 1  # attack-move to a point
ATTACK_SEGMENT: Final = 2  # attack-move to a point that is drawn from a line segment
ATTACK_UNITS: Final = 3  # attack the nearest agent, and then the next one
ATTACK_NEAREST: Final = 4  # whoever is idle attacks the nearest agent, again and again
