"""SMAC's actions as the game's unit commands."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from s2clientprotocol import sc2api_pb2

from pymarl.envs.smac.rules import features as D
from pymarl.envs.smac.rules import unit_table as T

MOVE: Final = 16
ATTACK: Final = 23
STOP: Final = 4
HEAL: Final = 386
_DIRECTIONS: Final = {2: (0, 1), 3: (0, -1), 4: (1, 0), 5: (-1, 0)}


def action_request(
    d: D.Features, table: NDArray[np.float32], tags: list[int], orders: list[int]
) -> Any:
    """Return the request that carries out ``orders``, one action number per agent.

    Move goals lie the move amount from where the agent was seen; no-ops are left out.

    Args:
        d: the map's features.
        table: unit table (U, 6) of the last observation.
        tags: of the table's rows.
        orders: N action numbers; 0: no order.
    """
    request = sc2api_pb2.Request()
    actions = request.action
    # An empty request is still one: SMAC sends it, and its answer is expected.
    actions.SetInParent()
    n, amount = int(d.c[D.N]), float(d.f[D.MOVE_AMOUNT])
    heals = d.u[D.HEALER] if d.c[D.HEAL_RULE] else None
    for i, order in enumerate(orders):
        if order == 0:
            continue
        command = actions.actions.add().action_raw.unit_command
        command.unit_tags.append(tags[i])
        command.queue_command = False
        if order == 1:
            command.ability_id = STOP
        elif order < T.NO_ATTACK:
            east, north = _DIRECTIONS[order]
            command.ability_id = MOVE
            goal = command.target_world_space_pos
            goal.x = float(table[i, T.X]) + east * amount
            goal.y = float(table[i, T.Y]) + north * amount
        elif heals is not None and heals[i]:
            command.ability_id = HEAL
            command.target_unit_tag = tags[order - T.NO_ATTACK]
        else:
            command.ability_id = ATTACK
            command.target_unit_tag = tags[n + order - T.NO_ATTACK]
    return request
