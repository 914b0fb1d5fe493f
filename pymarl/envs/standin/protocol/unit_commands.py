"""From the protocol's unit commands to the kernel's rows."""

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
from s2clientprotocol import raw_pb2, sc2api_pb2

from pymarl.envs.smac.maps.unit_types import HEALERS
from pymarl.envs.standin.battle import battle_kernels as C
from pymarl.envs.standin.battle.battle import Battle
from pymarl.envs.standin.protocol.static_answers import ATTACK, GENERAL, HEAL, MOVE, SMART, STOP

_WHAT: Final = {STOP: C.STOP, MOVE: C.MOVE, ATTACK: C.ATTACK, HEAL: C.HEAL}
_FAR: Final = 4096.0
"""Goals beyond this are refused; maps have at most 256 cells a side."""
_CLICK: Final = 100
"""A right click on a unit: its meaning depends on who clicks."""


def give_orders(battle: Battle, actions: Iterable[sc2api_pb2.Action]) -> list[int]:
    """Carry out a request's actions and return one answer (``ActionResult``) for each.

    A command for several units is answered with the worst of their answers. What the stand-in does
    not know (queued orders, other abilities, cameras) is answered NotSupported and changes nothing.
    """
    rows: list[tuple[int, int, int]] = []
    goals: list[tuple[float, float]] = []
    owners: list[int] = []
    answers: list[int] = []
    index, n_agents = battle.index, battle.n_agents
    for action in actions:
        if not action.HasField("action_raw"):
            # Chat is no order; everything else needs a screen.
            answers.append(C.SUCCESS if action.HasField("action_chat") else C.NOT_SUPPORTED)
            continue
        command = action.action_raw.unit_command
        what, target, x, y = _read(battle, command)
        answers.append(C.SUCCESS if what >= 0 else -what)
        if what < 0:
            continue
        for tag in command.unit_tags:
            unit = index.get(tag, n_agents)
            if unit >= n_agents:
                answers[-1] = C.ERROR
                continue
            rows.append((unit, _for_unit(battle, what, unit, target), target))
            goals.append((x, y))
            owners.append(len(answers) - 1)
    if rows:
        places = np.array(goals, np.float32).astype(np.float64)
        results = battle.obey(np.array(rows, np.int64), places).tolist()
        for owner, result in zip(owners, results, strict=True):
            answers[owner] = max(answers[owner], result)
    return answers


def _read(battle: Battle, command: raw_pb2.ActionRawUnitCommand) -> tuple[int, int, float, float]:
    """Return (what, target unit or -1, x, y) of a command; ``what`` < 0: minus the answer."""
    ability = GENERAL.get(command.ability_id, command.ability_id)
    what = _WHAT.get(ability, C.MOVE if ability == SMART else None)
    if what is None or command.queue_command:
        return -C.NOT_SUPPORTED, -1, 0.0, 0.0
    if command.HasField("target_unit_tag"):
        target = battle.index.get(command.target_unit_tag)
        if target is None:
            return -C.CANNOT_TARGET, -1, 0.0, 0.0
        if ability == MOVE:
            return -C.NOT_SUPPORTED, -1, 0.0, 0.0
        return (_CLICK if ability == SMART else what), target, 0.0, 0.0
    if command.HasField("target_world_space_pos"):
        x, y = command.target_world_space_pos.x, command.target_world_space_pos.y
        far = not (math.isfinite(x) and math.isfinite(y)) or max(abs(x), abs(y)) > _FAR
        if far or what == C.HEAL:
            return -C.CANNOT_TARGET, -1, 0.0, 0.0
        return what, -1, x, y
    return (what if what == C.STOP else -C.CANNOT_TARGET), -1, 0.0, 0.0


def _for_unit(battle: Battle, what: int, unit: int, target: int) -> int:
    """Return what a right click on ``target`` means for ``unit``: heal for healers, else attack."""
    if what != _CLICK:
        return what
    return C.HEAL if battle.names[unit] in HEALERS else C.ATTACK
