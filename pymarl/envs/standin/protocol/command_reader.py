"""Reading a client's usual action request without protobuf's objects.

A request of SMAC holds one small command per agent, always of the same shape; as objects they cost
more than the game loops that follow. What has any other shape is left to protobuf: this reader
either understands a request completely or not at all.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.standin.battle import battle_kernels as C
from pymarl.kernels.simulator_jit import cold_kernel

# Bytes before the fields of a request (number << 3 | wire type), all single but the last.
_ACTION: Final = 11 << 3 | 2  # Request.action
ACTION_BYTE: Final = bytes([_ACTION])
"""First byte of an action request, as all protobuf libraries write it."""
_ID_LOW: Final = 0x88  # Request.id: field 97 takes two bytes
_ID_HIGH: Final = 0x06
_INNER: Final = 1 << 3 | 2  # RequestAction.actions, Action.action_raw, ActionRaw.unit_command
_ABILITY: Final = 1 << 3
_GOAL: Final = 2 << 3 | 2
_TARGET: Final = 3 << 3
_UNIT: Final = 4 << 3
_QUEUE: Final = 5 << 3
_X: Final = 1 << 3 | 5
_Y: Final = 2 << 3 | 5
_FAR: Final = 4096.0
TAG_SHIFT: Final = 18
"""A unit's tag is its running number, shifted, and a one."""
_TAG_LOW: Final = np.uint64((1 << TAG_SHIFT) - 1)
_SHIFT: Final = np.uint64(TAG_SHIFT)
_ONE: Final = np.uint64(1)
_NOTHING: Final = -2
_signed: Any = np.int64  # a cast; int() would keep an unsigned number unsigned in a kernel


@cold_kernel
def varint_at(data: Any, at: int, end: int, value: Any) -> int:
    """Read a variable length number into ``value[0]`` and return what follows it, or -1."""
    total = np.uint64(0)
    for k in range(10):
        if at + k >= end:
            return -1
        byte = np.uint64(data[at + k])
        total |= (byte & np.uint64(127)) << np.uint64(7 * k)
        if byte < np.uint64(128):
            value[0] = total
            return at + k + 1
    return -1


@cold_kernel
def message_at(data: Any, at: int, end: int, tag: int, value: Any) -> int:
    """Return where the content of the message field ``tag`` at ``at`` begins, or -1.

    ``value[0]`` is then its length, and it ends within ``end``.
    """
    if at < 0 or at >= end or data[at] != tag:
        return -1
    at = varint_at(data, at + 1, end, value)
    if at < 0 or value[0] > np.uint64(end - at):
        return -1
    return at


@cold_kernel
def unit_of(tag: Any, first: int, count: int) -> int:
    """Return the unit with this tag, or -1; ``first`` is the running number of unit 0."""
    if tag & _TAG_LOW != _ONE:
        return -1
    number = _signed(tag >> _SHIFT) - first
    return number if 0 <= number < count else -1


@cold_kernel
def float_at(data: Any, at: int) -> float:
    """Return the little-endian float32 at ``at``."""
    bits = np.uint64(0)
    for k in range(4):
        bits |= np.uint64(data[at + k]) << np.uint64(8 * k)
    return float(np.uint32(bits).view(np.float32))


@cold_kernel
def goal_at(data: Any, at: int, end: int, length: Any, goal: Any) -> int:
    """Read a point of ``length`` bytes into ``goal`` and return what follows it.

    -1: it is none, or none that commands may name.
    """
    if length != np.uint64(10) or end - at < 10 or data[at] != _X or data[at + 5] != _Y:
        return -1
    goal[0], goal[1] = float_at(data, at + 1), float_at(data, at + 6)
    near = abs(goal[0]) <= _FAR and abs(goal[1]) <= _FAR
    return at + 10 if near else -1


@cold_kernel
def meaning(ability: int, targeted: bool, pointed: bool) -> int:
    """Return the command of an ability with these targets, or -1."""
    if ability == 4 or ability == 3665:
        return C.STOP if not (targeted or pointed) else -1
    if ability == 16 or ability == 3794:
        return C.MOVE if pointed and not targeted else -1
    if ability == 23 or ability == 3674:
        return C.ATTACK if pointed != targeted else -1
    if ability == 386:
        return C.HEAL if targeted and not pointed else -1
    return -1


@cold_kernel
def field_at(
    data: Any, at: int, end: int, who: Any, row: Any, goal: Any, value: Any
) -> int:  # fmt: skip
    """Read one field of a command into ``row`` and ``goal``; return what follows it, or -1.

    ``row[C_WHAT]`` holds the ability until the command is complete.
    """
    tag = data[at]
    at = varint_at(data, at + 1, end, value)
    if at < 0:
        return -1
    if tag == _ABILITY:
        row[C.C_WHAT] = _signed(value[0] & np.uint64(0x7FFFFFFFFFFFFFFF))
        return at
    if tag == _GOAL:
        return goal_at(data, at, end, value[0], goal)
    if tag == _QUEUE:
        return at if value[0] == np.uint64(0) else -1
    if tag != _UNIT and tag != _TARGET:
        return -1
    # Tags of the client's own units, and of any.
    column, most = (C.C_UNIT, who[2]) if tag == _UNIT else (C.C_TARGET, who[1])
    if row[column] >= 0:
        return -1
    row[column] = unit_of(value[0], who[0], most)
    return at if row[column] >= 0 else -1


@cold_kernel
def command_at(
    data: Any, at: int, end: int, who: Any, row: Any, goal: Any, value: Any
) -> bool:  # fmt: skip
    """Read one command into ``row`` and ``goal``; return whether it was understood.

    ``who`` is int64 (3,): running number of unit 0, number of units, number of agents.
    """
    row[C.C_UNIT] = row[C.C_TARGET] = row[C.C_WHAT] = -1
    goal[0] = goal[1] = np.nan
    while 0 <= at < end:
        at = field_at(data, at, end, who, row, goal, value)
    pointed = not np.isnan(goal[0])
    if not pointed:
        goal[0] = goal[1] = 0.0
    row[C.C_WHAT] = meaning(row[C.C_WHAT], row[C.C_TARGET] >= 0, pointed)
    return bool(at == end and row[C.C_UNIT] >= 0 and row[C.C_WHAT] >= 0)


@cold_kernel
def read_commands(data: Any, who: Any, rows: Any, goals: Any, value: Any, identity: Any) -> int:
    """Read an action request; return the number of its commands, or -1 when it has another shape.

    Args:
        data: uint8, the serialized ``Request``.
        who: see ``command_at``.
        rows: int64 (n, 3), written. At most n commands are read.
        goals: float64 (n, 2), written.
        value: uint64 (1,), scratch.
        identity: int64 (1,), written: the request's id, -2 when it has none.
    """
    end = len(data)
    at = message_at(data, 0, end, _ACTION, value)
    if at < 0:
        return -1
    stop = at + _signed(value[0])
    identity[0] = _NOTHING
    if stop < end:
        if end - stop < 3 or data[stop] != _ID_LOW or data[stop + 1] != _ID_HIGH:
            return -1
        if varint_at(data, stop + 2, end, value) != end or value[0] > np.uint64(0x7FFFFFFF):
            return -1
        identity[0] = _signed(value[0])
    n = 0
    while at < stop:
        if n == len(rows):
            return -1
        close = stop
        # Action in RequestAction, ActionRaw in it, the command in that: one in the other, alone.
        for depth in range(3):
            at = message_at(data, at, close, _INNER, value)
            if at < 0 or (depth > 0 and at + _signed(value[0]) != close):
                return -1
            close = at + _signed(value[0])
        if not command_at(data, at, close, who, rows[n], goals[n], value):
            return -1
        at = close
        n += 1
    return n


class CommandReader:
    """:func:`read_commands` with its arrays, for battles of ``units`` units.

    Attributes:
        rows: int64 (n, 3). goals: float64 (n, 2), float32 numbers. Of the last request.
        identity: its id, or None.
    """

    def __init__(self, units: int, agents: int) -> None:
        self._who = np.array([0, units, agents], np.int64)
        self._rows = np.zeros((2 * agents, C.N_COMMAND), np.int64)
        self._goals = np.zeros((2 * agents, 2))
        self._value = np.zeros(1, np.uint64)
        self._identity = np.zeros(1, np.int64)
        self.rows: NDArray[np.int64] = self._rows[:0]
        self.goals: NDArray[np.float64] = self._goals[:0]
        self.identity: int | None = None

    def read(self, message: bytes, first: int) -> bool:
        """Read a serialized request; return whether it was understood.

        ``first`` is the running number of unit 0's tag.
        """
        self._who[0] = first
        data = np.frombuffer(message, np.uint8)
        n = read_commands(data, self._who, self._rows, self._goals, self._value, self._identity)
        if n < 0:
            return False
        self.rows, self.goals = self._rows[:n].copy(), self._goals[:n].copy()
        identity = int(self._identity[0])
        self.identity = None if identity == _NOTHING else identity
        return True
