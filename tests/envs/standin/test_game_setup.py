"""The way into a game: creating, joining, and what there is to know of it."""

import numpy as np
import pytest
from s2clientprotocol import common_pb2, sc2api_pb2

from pymarl.envs.smac.maps.map_spec import load_map
from pymarl.envs.starcraft2.client.server_identity import STANDIN_MARK
from tests.envs.standin.clients.api_clients import (
    IN_GAME,
    INIT,
    LAUNCHED,
    QUIT,
    LocalClient,
    game_in,
)
from tests.envs.standin.clients.api_requests import create, join


# --- creating and joining
def without_map():
    request = create("3m")
    request.ClearField("local_map")
    return request


def battlenet():
    request = without_map()
    request.battlenet_map_name = "Ladder"
    return request


def with_players(*kinds):
    request = create("3m")
    del request.player_setup[:]
    for kind in kinds:
        request.player_setup.add(type=kind)
    return request


C = sc2api_pb2.ResponseCreateGame


@pytest.mark.parametrize(
    ("request_", "error", "message"),
    [
        (without_map(), C.MissingMap, "local_map"),
        (battlenet(), C.InvalidMapName, "Battle.net"),
        (with_players(), C.MissingPlayerSetup, "one Participant and one Computer"),
        (with_players(1, 1), C.InvalidPlayerSetup, "one Participant and one Computer"),
        (create("3mm"), C.InvalidMapData, "did you mean '3m'"),
    ],
)
def test_create_game_refuses(request_, error, message):
    game = LocalClient()
    answer = game.ask(create_game=request_)
    assert answer.error == error
    assert message in answer.error_details
    assert game.game.status == LAUNCHED


def test_create_game_refuses_real_time():
    request = create("3m")
    request.realtime = True
    assert "realtime" in LocalClient().send(create_game=request).error[0]


J = sc2api_pb2.ResponseJoinGame
NO_RAW = sc2api_pb2.RequestJoinGame(
    race=common_pb2.Terran, options=sc2api_pb2.InterfaceOptions(score=True)
)
OBSERVER = sc2api_pb2.RequestJoinGame(
    observed_player_id=1, options=sc2api_pb2.InterfaceOptions(raw=True)
)
PORTS = join(server_ports=sc2api_pb2.PortSet(game_port=1, base_port=2))


@pytest.mark.parametrize(
    ("request_", "error", "message"),
    [
        (NO_RAW, J.FeatureUnsupported, "raw"),
        (OBSERVER, J.MissingParticipation, "race"),
        (PORTS, J.FeatureUnsupported, "several clients"),
    ],
)
def test_join_game_refuses(request_, error, message):
    game = game_in(INIT)
    answer = game.ask(join_game=request_)
    assert answer.error == error
    assert message in answer.error_details
    assert game.game.status == INIT


def test_the_whole_way_through_the_states():
    game = LocalClient()
    assert game.send(create_game=create("3m", 1)).status == INIT
    assert game.send(join_game=join()).status == IN_GAME
    assert game.send(leave_game=sc2api_pb2.RequestLeaveGame()).status == LAUNCHED
    game.play("8m", 1)
    assert len(game.units()) == 16
    # A host may create the next game out of a running one.
    assert game.send(create_game=create("2s3z", 1)).status == INIT
    game.ask(join_game=join())
    assert len(game.units()) == 10
    assert game.send(quit=sc2api_pb2.RequestQuit()).status == QUIT
    assert "status is quit" in game.send(ping=sc2api_pb2.RequestPing()).error[0]


# --- what there is to know
@pytest.mark.parametrize("name", ["3m", "corridor", "2c_vs_64zg", "MarineMicro_MvsM_4"])
def test_game_info_has_the_maps_grids(name):
    game = LocalClient().play(name, 1)
    info = game.ask(game_info=sc2api_pb2.RequestGameInfo())
    terrain = load_map(name).terrain
    start = info.start_raw
    wide, tall = terrain.width, terrain.height
    assert (start.map_size.x, start.map_size.y) == (wide, tall)
    area = start.playable_area
    assert (area.p0.x, area.p0.y, area.p1.x, area.p1.y) == terrain.playable
    # As s2client-api reads it: cell (x, y) is bit x + y * width, the highest bit of a byte first.
    data, bits = start.pathing_grid.data, np.zeros((tall, wide), bool)
    assert start.pathing_grid.bits_per_pixel == 1
    for y in range(tall):
        for x in range(wide):
            k = x + y * wide
            bits[y, x] = data[k // 8] >> (7 - k % 8) & 1
    assert np.array_equal(bits, terrain.pathing)
    assert start.terrain_height.bits_per_pixel == 8
    heights = np.frombuffer(start.terrain_height.data, np.uint8).reshape(tall, wide)
    assert np.array_equal(heights, terrain.height_bytes())
    # What SMAC makes of it is what the simulator's features have.
    flipped = np.flip(np.transpose(heights), 1) / 255
    assert np.array_equal(flipped, terrain.smac_heights())


def test_game_info_says_what_it_is_and_who_plays():
    info = LocalClient().play("2m_vs_1z", 1).ask(game_info=sc2api_pb2.RequestGameInfo())
    assert info.map_name == "2m_vs_1z"
    assert list(info.mod_names) == ["stand-in, not StarCraft II"]
    assert info.local_map_path == "SMAC_Maps/2m_vs_1z.SC2Map"
    agents, computer = info.player_info
    assert (agents.player_id, agents.type, agents.race_actual) == (1, 1, common_pb2.Terran)
    assert (computer.player_id, computer.type) == (2, sc2api_pb2.Computer)
    assert (computer.race_requested, computer.race_actual) == (
        common_pb2.Terran,
        common_pb2.Protoss,
    )
    assert computer.difficulty == sc2api_pb2.VeryHard
    assert info.options.raw
    assert not info.options.score
    assert all(STANDIN_MARK in player.player_name for player in info.player_info)


def test_data_knows_the_units_of_an_observation():
    game = LocalClient().play("MMM", 1)
    request = sc2api_pb2.RequestData(ability_id=True, unit_type_id=True, upgrade_id=True)
    data = game.ask(data=request)
    units = {unit.unit_id: unit for unit in data.units}
    for unit in game.units():
        assert unit.unit_type in units
    assert units[48].name == "Marine"
    assert units[48].movement_speed == pytest.approx(2.25)
    assert units[48].weapons[0].damage == 6
    assert {unit.name for unit in data.units if unit.unit_id >= 1970} == {
        "Marauder_RL",
        "Marine_RL",
        "Medivac_RL",
    }
    abilities = {ability.ability_id: ability for ability in data.abilities}
    assert set(abilities) == {1, 4, 16, 23, 386}
    assert abilities[23].remaps_to_ability_id == 3674
    assert not game.ask(data=sc2api_pb2.RequestData()).units


def test_available_maps_can_be_played():
    paths = LocalClient().ask(available_maps=sc2api_pb2.RequestAvailableMaps()).local_map_paths
    assert "SMAC_Maps/3m.SC2Map" in paths
    assert len(paths) == 29
