"""From the protocol's unit commands to the kernel's rows."""

import math
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from s2clientprotocol import raw_pb2, sc2api_pb2

from pymarl.envs.smac.maps.unit_types import HEALERS
from pymarl.envs.standin.battle.battle import StandinBattle
from pymarl.envs.standin.battle.battle_kernels import (
    ATTACK,
    CANNOT_TARGET,
    ERROR,
    HEAL,
    MOVE,
    NOT_SUPPORTED,
    STOP,
    SUCCESS,
)
from pymarl.envs.standin.protocol.static_answers import (
    ABILITY_ATTACK,
    ABILITY_HEAL,
    ABILITY_MOVE,
    ABILITY_SMART,
    ABILITY_STOP,
    GENERAL_ABILITIES,
)

_COMMANDS: Final = {
    ABILITY_STOP: STOP,
    ABILITY_MOVE: MOVE,
    ABILITY_ATTACK: ATTACK,
    ABILITY_HEAL: HEAL,
}
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
    command: int = STOP
    target: int = -1
    x: float = 0.0
    y: float = 0.0


def apply_actions(battle: StandinBattle, actions: Iterable[sc2api_pb2.Action]) -> list[int]:
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
            answers.append(SUCCESS if action.HasField("action_chat") else NOT_SUPPORTED)
            continue
        order = _read_command(battle, action.action_raw.unit_command)
        answers.append(order.result)
        if order.result != SUCCESS:
            continue
        for tag in action.action_raw.unit_command.unit_tags:
            unit = unit_of_tag.get(tag, n_agents)
            if unit >= n_agents:
                answers[-1] = ERROR
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


def _read_command(battle: StandinBattle, message: raw_pb2.ActionRawUnitCommand) -> _Order:
    """Return what a command means, or why it is refused."""
    ability = GENERAL_ABILITIES.get(message.ability_id, message.ability_id)
    command = _COMMANDS.get(ability, MOVE if ability == ABILITY_SMART else None)
    if command is None or message.queue_command:
        return _Order(NOT_SUPPORTED)
    if message.HasField("target_unit_tag"):
        target = battle.unit_of_tag.get(message.target_unit_tag)
        if target is None:
            return _Order(CANNOT_TARGET)
        if ability == ABILITY_MOVE:
            return _Order(NOT_SUPPORTED)
        return _Order(SUCCESS, _RIGHT_CLICK if ability == ABILITY_SMART else command, target)
    if message.HasField("target_world_space_pos"):
        x, y = message.target_world_space_pos.x, message.target_world_space_pos.y
        finite = math.isfinite(x) and math.isfinite(y)
        if not finite or max(abs(x), abs(y)) > _MAX_COORDINATE or command == HEAL:
            return _Order(CANNOT_TARGET)
        return _Order(SUCCESS, command, -1, x, y)
    return _Order(
        SUCCESS if command == STOP else CANNOT_TARGET,
        command,
    )


def _command_of_unit(battle: StandinBattle, command: int, unit: int) -> int:
    """Return the command for ``unit``; a right click on a unit is heal for healers, else attack."""
    if command != _RIGHT_CLICK:
        return command
    return HEAL if battle.names[unit] in HEALERS else ATTACK
