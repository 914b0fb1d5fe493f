"""Compiling the kernels before the first client waits for them."""

from s2clientprotocol import raw_pb2, sc2api_pb2

from pymarl.envs.smac.maps import load_map
from pymarl.envs.standin.answers import STOP
from pymarl.envs.standin.battle import Battle
from pymarl.envs.standin.fastread import CommandReader


def warm_up() -> None:
    """Play a few loops of a battle: compiled kernels stay on disk for every later process."""
    battle = Battle(load_map("3m"), 0)
    command = raw_pb2.ActionRawUnitCommand(ability_id=STOP, unit_tags=battle.tags[:1])
    action = sc2api_pb2.Action(action_raw=raw_pb2.ActionRaw(unit_command=command))
    request = sc2api_pb2.Request(action=sc2api_pb2.RequestAction(actions=[action]))
    reader = CommandReader(len(battle.names), battle.n_agents)
    reader.read(request.SerializeToString(), battle.first)
    battle.obey(reader.rows, reader.goals)
    battle.advance(1)
    battle.kill(battle.tags)
    battle.advance(2)
    battle.units()
