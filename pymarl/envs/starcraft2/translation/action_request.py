"""SMAC's actions as the game's unit commands."""

from typing import Any, Final

from s2clientprotocol import sc2api_pb2

from pymarl.envs.smac.rules.actions import FIRST_TARGET, MOVE_DIRECTIONS, NO_OP, STOP
from pymarl.envs.smac.rules.feature_records import Features
from pymarl.envs.smac.rules.unit_table import UnitTable

# Numbers of the game's abilities.
ABILITY_MOVE: Final = 16
ABILITY_ATTACK: Final = 23
ABILITY_STOP: Final = 4
ABILITY_HEAL: Final = 386


def action_request(features: Features, table: UnitTable, tags: list[int], orders: list[int]) -> Any:
    """Return the request that carries out ``orders``, one action number per agent.

    Move goals lie the move amount from where the agent was seen; no-ops are left out.

    Args:
        features: of the map.
        table: unit table (U,) of the last observation.
        tags: of the table's rows.
        orders: N action numbers.
    """
    request = sc2api_pb2.Request()
    actions = request.action
    # An empty request is still one: SMAC sends it, and its answer is expected.
    actions.SetInParent()
    n_agents, amount = int(features.sizes[0].n_agents), float(features.ground[0].move_amount)
    heals = features.units["healer"] * features.options[0].healers_heal
    for i, order in enumerate(orders):
        if order == NO_OP:
            continue
        command = actions.actions.add().action_raw.unit_command
        command.unit_tags.append(tags[i])
        command.queue_command = False
        if order == STOP:
            command.ability_id = ABILITY_STOP
        elif order < FIRST_TARGET:
            east, north = MOVE_DIRECTIONS[order]
            command.ability_id = ABILITY_MOVE
            goal = command.target_world_space_pos
            goal.x = float(table["x"][i]) + east * amount
            goal.y = float(table["y"][i]) + north * amount
        elif heals[i]:
            command.ability_id = ABILITY_HEAL
            command.target_unit_tag = tags[order - FIRST_TARGET]
        else:
            command.ability_id = ABILITY_ATTACK
            command.target_unit_tag = tags[n_agents + order - FIRST_TARGET]
    return request
