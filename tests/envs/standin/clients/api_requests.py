"""Requests as SMAC makes them."""

from s2clientprotocol import common_pb2, raw_pb2, sc2api_pb2


def create(name, seed=None, data=b"", **more):
    """Return the request SMAC creates a game with."""
    request = sc2api_pb2.RequestCreateGame(
        local_map=sc2api_pb2.LocalMap(map_path=f"SMAC_Maps/{name}.SC2Map", map_data=data),
        realtime=False,
        random_seed=seed,
        **more,
    )
    request.player_setup.add(type=sc2api_pb2.Participant)
    request.player_setup.add(
        type=sc2api_pb2.Computer, race=common_pb2.Terran, difficulty=sc2api_pb2.VeryHard
    )
    return request


def join(**more):
    """Return the request SMAC joins a game with."""
    options = sc2api_pb2.InterfaceOptions(raw=True, score=False)
    return sc2api_pb2.RequestJoinGame(race=common_pb2.Terran, options=options, **more)


def command(ability, units, target=None, goal=None, queue=False):
    """Return a unit command as an action."""
    order = raw_pb2.ActionRawUnitCommand(ability_id=ability, unit_tags=units, queue_command=queue)
    if target is not None:
        order.target_unit_tag = target
    if goal is not None:
        order.target_world_space_pos.x, order.target_world_space_pos.y = goal
    return sc2api_pb2.Action(action_raw=raw_pb2.ActionRaw(unit_command=order))
