"""The units of a battle as the protocol's messages.

A unit's message is made once, at its spawn; an observation only writes the numbers that change.
"""

import math
from typing import Final, NamedTuple

from s2clientprotocol import raw_pb2

from pymarl.envs.skirmish.engine.codes import AIR_MOVER
from pymarl.envs.skirmish.maps.unit_data import UNITS

AGENTS: Final = 1
"""Player number of the client's units."""
ENEMIES: Final = 2
"""Player number of the computer's units."""


class UnitNumbers(NamedTuple):
    """What changes of a unit from observation to observation.

    Attributes:
        x: east, in cells. y: north, in cells.
        facing_x: of the unit vector in which it looks. facing_y: of the same.
        health: hit points. shield: hit points. energy: 0 where the unit type has none.
        cooldown: game loops until its weapon is ready.
    """

    x: float
    y: float
    facing_x: float
    facing_y: float
    health: float
    shield: float
    energy: float
    cooldown: float


def unit_message(name: str, unit_type: int, owner: int, tag: int) -> raw_pb2.Unit:
    """Return a unit's message; :func:`write_numbers` fills in the numbers that change.

    As in the game, the weapon cooldown is reported for the client's own units only, and shields and
    energy only for units that have some.
    """
    unit = UNITS[name]
    message = raw_pb2.Unit(
        display_type=raw_pb2.Visible,
        alliance=raw_pb2.Self if owner == AGENTS else raw_pb2.Enemy,
        tag=tag,
        unit_type=unit_type,
        owner=owner,
        radius=unit.radius,
        build_progress=1.0,
        cloak=raw_pb2.NotCloaked,
        is_selected=False,
        is_on_screen=False,
        is_blip=False,
        is_powered=False,
        is_active=False,
        health_max=unit.health_max,
        is_flying=unit.mover == AIR_MOVER,
        is_burrowed=False,
        is_hallucination=False,
    )
    if unit.shield_max > 0:
        message.shield = message.shield_max = unit.shield_max
    if unit.energy[1] > 0:
        message.energy, message.energy_max = unit.energy
    if owner == AGENTS:
        message.weapon_cooldown = 0.0
    return message


def write_numbers(message: raw_pb2.Unit, numbers: UnitNumbers, ground: float) -> None:
    """Write the numbers that change to a unit's message; ``ground`` is the height of its cell."""
    facing = math.atan2(numbers.facing_y, numbers.facing_x)
    message.pos.x, message.pos.y, message.pos.z = numbers.x, numbers.y, ground
    message.facing = facing + 2.0 * math.pi if facing < 0.0 else facing
    message.health = numbers.health
    if message.HasField("shield"):
        message.shield = numbers.shield
    if message.HasField("energy"):
        message.energy = numbers.energy
    if message.HasField("weapon_cooldown"):
        message.weapon_cooldown = numbers.cooldown
