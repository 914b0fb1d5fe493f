"""From the protocol's unit commands to the kernel's rows."""

import math
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from s2clientprotocol import raw_pb2, sc2api_pb2

from pymarl.envs.smac.maps.unit_types import HEALERS
from pymarl.envs.standin.battle import battle_kernels as C
from pymarl.envs.standin.battle.battle import Battle
from pymarl.envs.standin.protocol.static_answers import ATTACK, GENERAL, HEAL, MOVE, SMART, STOP

_COMMANDS: Final = {STOP: C.STOP, MOVE: C.MOVE, ATTACK: C.ATTACK, HEAL: C.HEAL}
_MAX_COORDINATE: Final = 4096.0
"""Goals beyond this are refused; maps have at most 256 cells a side."""
_RIGHT_CLICK: Final = 100
"""A right click on a unit: its meaning depends on who clicks."""


class _Order(NamedTuple):
    """A command as it was read.

    Attributes:
        result: ``SUCCESS``, or why it is refused.
        command: a command of ``battle_kernels``, or ``_RIGHT_CLICK``.
        target: the unit that it names, -1: none. x: of its goal. y: of its goal, in cells.
    """

    result: int
    command: int = C.STOP
    target: int = -1
    x: float = 0.0
    y: float = 0.0


def apply_actions(battle: Battle, actions: Iterable[sc2api_pb2.Action]) -> list[int]:
    """Carry out a request's actions and return one answer (``ActionResult``) for each.

    A command for several units is answered with the worst of their answers. What the stand-in does
    not know (queued orders, other abilities, cameras) is answered NotSupported and changes nothing.
    """
    rows: list[tuple[int, int, int]] = []
    goals: list[tuple[float, float]] = []
    owners: list[int] = []
    answers: list[int] = []
    unit_of_tag, n_agents = battle.unit_of_tag, battle.n_agents
    for action in actions:
        if not action.HasField("action_raw"):
            # Chat is no order; everything else needs a screen.
            answers.append(C.SUCCESS if action.HasField("action_chat") else C.NOT_SUPPORTED)
            continue
        order = _read_command(battle, action.action_raw.unit_command)
        answers.append(order.result)
        if order.result != C.SUCCESS:
            continue
        for tag in action.action_raw.unit_command.unit_tags:
            unit = unit_of_tag.get(tag, n_agents)
            if unit >= n_agents:
                answers[-1] = C.ERROR
                continue
            rows.append((unit, _command_of_unit(battle, order.command, unit), order.target))
            goals.append((order.x, order.y))
            owners.append(len(answers) - 1)
    if rows:
        # The protocol carries float32; the kernels compute in float64.
        exact_goals = np.array(goals, np.float32).astype(np.float64)
        results = battle.apply_commands(np.array(rows, np.int64), exact_goals).tolist()
        for owner, result in zip(owners, results, strict=True):
            answers[owner] = max(answers[owner], result)
    return answers


def _read_command(battle: Battle, message: raw_pb2.ActionRawUnitCommand) -> _Order:
    """Return what a command means, or why it is refused."""
    ability = GENERAL.get(message.ability_id, message.ability_id)
    command = _COMMANDS.get(ability, C.MOVE if ability == SMART else None)
    if command is None or message.queue_command:
        return _Order(C.NOT_SUPPORTED)
    if message.HasField("target_unit_tag"):
        target = battle.unit_of_tag.get(message.target_unit_tag)
        if target is None:
            return _Order(C.CANNOT_TARGET)
        if ability == MOVE:
            return _Order(C.NOT_SUPPORTED)
        return _Order(C.SUCCESS, _RIGHT_CLICK if ability == SMART else command, target)
    if message.HasField("target_world_space_pos"):
        x, y = message.target_world_space_pos.x, message.target_world_space_pos.y
        finite = math.isfinite(x) and math.isfinite(y)
        if not finite or max(abs(x), abs(y)) > _MAX_COORDINATE or command == C.HEAL:
            return _Order(C.CANNOT_TARGET)
        return _Order(C.SUCCESS, command, -1, x, y)
    return _Order(C.SUCCESS if command == C.STOP else C.CANNOT_TARGET, command)


def _command_of_unit(battle: Battle, command: int, unit: int) -> int:
    """Return the command for ``unit``; a right click on a unit is heal for healers, else attack."""
    if command != _RIGHT_CLICK:
        return command
    return C.HEAL if battle.names[unit] in HEALERS else C.ATTACK
