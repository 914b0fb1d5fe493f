"""Units as protobuf bytes: written once per battle by protobuf, then only their numbers changed.

An observation repeats the same messages with a few other floats. A float has the same length
whatever its value, so a kernel copies the messages of the living units and writes the floats into
them (``kernels.write_units``); building 57 messages field by field would cost more than the battle.
"""

import struct
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from s2clientprotocol import raw_pb2, sc2api_pb2

from pymarl.envs.skirmish.maps.unit_data import UNITS
from pymarl.envs.standin.battle.battle_kernels import N_SPOTS

# Floats that occur nowhere else in a unit's message, to find the places of those that change.
_MARKS: Final = tuple(1234.5678 + 111.1111 * k for k in range(N_SPOTS))
AGENTS, ENEMIES = 1, 2
"""Players: the client's units and the computer's."""


class Records(NamedTuple):
    """The messages of all units of one battle, as ``kernels.write_units`` takes them.

    Attributes:
        flat: uint8, ``ObservationRaw.units`` entries with their field tags, one after the other.
        starts: int64 (U + 1,), where each begins.
        spots: int64 (U, N_SPOTS), where the changing floats lie, -1: not there.
    """

    flat: NDArray[np.uint8]
    starts: NDArray[np.int64]
    spots: NDArray[np.int64]


def text(value: str | bytes) -> str:
    """Return a string field as text: protobuf gives bytes when it is not UTF-8."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def varint(value: int) -> bytes:
    """Return ``value`` (at least 0) in protobuf's variable length form."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field_tag(message: type, name: str) -> bytes:
    """Return the bytes before a length-delimited field of a protobuf message class."""
    number = message.DESCRIPTOR.fields_by_name[name].number  # type: ignore[attr-defined]
    return varint(number << 3 | 2)


_UNITS: Final = field_tag(raw_pb2.ObservationRaw, "units")
_RAW: Final = field_tag(sc2api_pb2.Observation, "raw_data")
_OBSERVATION: Final = field_tag(sc2api_pb2.ResponseObservation, "observation")
_RESPONSE: Final = field_tag(sc2api_pb2.Response, "observation")


def unit_message(name: str, unit_type: int, owner: int, tag: int) -> raw_pb2.Unit:
    """Return a unit's message with the marks in place of the numbers that change.

    As in the game, the weapon cooldown is told of the client's own units only, and shields and
    energy only of units that have some.
    """
    unit = UNITS[name]
    x, y, z, facing, health, shield, energy, cooldown = _MARKS
    message = raw_pb2.Unit(
        display_type=raw_pb2.Visible,
        alliance=raw_pb2.Self if owner == AGENTS else raw_pb2.Enemy,
        tag=tag,
        unit_type=unit_type,
        owner=owner,
        facing=facing,
        radius=unit.radius,
        build_progress=1.0,
        cloak=raw_pb2.NotCloaked,
        is_selected=False,
        is_on_screen=False,
        is_blip=False,
        is_powered=False,
        is_active=False,
        health=health,
        health_max=unit.health,
        is_flying=unit.nav == 2,
        is_burrowed=False,
        is_hallucination=False,
    )
    message.pos.x, message.pos.y, message.pos.z = x, y, z
    if unit.shield > 0:
        message.shield, message.shield_max = shield, unit.shield
    if unit.energy[1] > 0:
        message.energy, message.energy_max = energy, unit.energy[1]
    if owner == AGENTS:
        message.weapon_cooldown = cooldown
    return message


def build_records(units: list[raw_pb2.Unit]) -> Records:
    """Return the records of the units of one battle, made by :func:`unit_message`."""
    marks = [struct.pack("<f", mark) for mark in _MARKS]
    parts, starts = [], [0]
    spots = np.full((len(units), N_SPOTS), -1, np.int64)
    for i, unit in enumerate(units):
        body = unit.SerializeToString()
        part = _UNITS + varint(len(body)) + body
        for k, mark in enumerate(marks):
            at = part.find(mark)
            if at >= 0:
                spots[i, k] = starts[-1] + at
        parts.append(part)
        starts.append(starts[-1] + len(part))
    flat = np.frombuffer(b"".join(parts), np.uint8)
    return Records(flat, np.array(starts, np.int64), spots)


def observation_bytes(common: bytes, raw: bytes, units: bytes, around: bytes, end: bytes) -> bytes:
    """Return a serialized ``Response`` that holds an observation.

    Args:
        common: fields of ``Observation`` other than ``raw_data``.
        raw: fields of ``ObservationRaw`` other than ``units``.
        units: its units.
        around: fields of ``ResponseObservation`` other than ``observation``.
        end: the other fields of ``Response``.
    """
    n_raw = len(raw) + len(units)
    head_raw = _RAW + varint(n_raw)
    n_observation = len(common) + len(head_raw) + n_raw
    head = _OBSERVATION + varint(n_observation)
    n = len(around) + len(head) + n_observation
    return b"".join((_RESPONSE, varint(n), head, common, head_raw, raw, units, around, end))
