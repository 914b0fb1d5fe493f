"""Every request, and the status machine, without a socket."""

import numpy as np
import pytest
from s2clientprotocol import common_pb2, debug_pb2, query_pb2, sc2api_pb2

from pymarl.envs.smac.maps.map_spec import load_map
from pymarl.envs.standin.protocol.allowed_requests import ALLOWED
from pymarl.envs.standin.protocol.local_map import placeholder
from pymarl.envs.starcraft2.client.server_identity import STANDIN_MARK
from tests.envs.standin.client import Local, command, create, join

EMPTY = {
    field.name: field.message_type._concrete_class
    for field in sc2api_pb2.Request.DESCRIPTOR.fields
    if field.message_type is not None
}
LAUNCHED, INIT, IN_GAME, QUIT = 1, 2, 3, 6


def game_in(status):
    game = Local()
    if status != LAUNCHED:
        game.ask(create_game=create("3m", 1))
    if status == IN_GAME:
        game.ask(join_game=join())
    return game


def test_ping_says_what_it_is_in_every_state():
    for status in (LAUNCHED, INIT, IN_GAME):
        game = game_in(status)
        ping = game.ask(ping=sc2api_pb2.RequestPing())
        assert ping.game_version == "4.10.0.75689"
        assert (ping.base_build, ping.data_build) == (75689, 75689)
        assert "not StarCraft II" in ping.data_version
        assert game.send(ping=sc2api_pb2.RequestPing()).status == status


@pytest.mark.parametrize("status", [LAUNCHED, INIT, IN_GAME])
@pytest.mark.parametrize("kind", sorted(EMPTY))
def test_every_request_in_every_state_is_answered_or_refused(kind, status):
    game = game_in(status)
    response = game.send(**{kind: EMPTY[kind]()})
    allowed = kind in ALLOWED and status in ALLOWED[kind]
    if not allowed:
        assert len(response.error) == 1
        assert kind in response.error[0]
        assert response.WhichOneof("response") is None
        assert response.status == status
    elif response.error:
        # Allowed, but nothing to do it with: there is no battle to save yet.
        assert kind == "save_replay"
    else:
        assert response.WhichOneof("response") == kind


def test_a_refusal_says_what_would_be_right():
    error = Local().send(step=sc2api_pb2.RequestStep(count=1)).error[0]
    assert "step: status is launched, expected in_game" in error
    error = game_in(IN_GAME).send(obs_action=sc2api_pb2.RequestObserverAction()).error[0]
    assert "obs_action: this request is not supported" in error


@pytest.mark.parametrize("message", [b"\xff\xff\xff", b"\x0a\xff", b"\x00", b"GET / HTTP/1.1"])
def test_bytes_that_are_no_request(message):
    game = game_in(IN_GAME)
    response = sc2api_pb2.Response.FromString(game.game.answer(message))
    assert response.status == IN_GAME
    assert "no SC2APIProtocol.Request" in response.error[0]
    assert len(game.units()) == 6


def test_strings_that_are_no_text():
    """Protobuf hands over bytes where a string is not UTF-8."""
    message = sc2api_pb2.Request(create_game=create("3m", 1, placeholder("3m")))
    game = Local()
    broken = message.SerializeToString().replace(b"SMAC_Maps", b"SMAC\xffMaps")
    assert sc2api_pb2.Response.FromString(game.game.answer(broken)).status == INIT
    game.ask(join_game=join())
    assert "\ufffd" in game.ask(game_info=sc2api_pb2.RequestGameInfo()).local_map_path
    chat = sc2api_pb2.Action(action_chat=sc2api_pb2.ActionChat(message="pymarl"))
    message = sc2api_pb2.Request(action=sc2api_pb2.RequestAction(actions=[chat]))
    broken = message.SerializeToString().replace(b"pymarl", b"\xff\xfe\xfd\xfc\xfb\xfa")
    assert not sc2api_pb2.Response.FromString(game.game.answer(broken)).error


def test_an_empty_request_is_refused():
    response = sc2api_pb2.Response.FromString(Local().game.answer(b""))
    assert "empty" in response.error[0]
    assert not response.HasField("id")
    assert response.status == LAUNCHED


def test_an_error_of_our_own_is_told_and_not_the_end(monkeypatch, caplog):
    game = game_in(IN_GAME)
    monkeypatch.setattr(game.game.battle, "advance", lambda count: 1 / 0)
    response = game.send(step=sc2api_pb2.RequestStep(count=1))
    assert "the stand-in failed: ZeroDivisionError" in response.error[0]
    assert "Traceback" in caplog.text
    assert len(game.units()) == 6


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
    ("request_", "error", "words"),
    [
        (without_map(), C.MissingMap, "local_map"),
        (battlenet(), C.InvalidMapName, "Battle.net"),
        (with_players(), C.MissingPlayerSetup, "one Participant and one Computer"),
        (with_players(1, 1), C.InvalidPlayerSetup, "one Participant and one Computer"),
        (create("3mm"), C.InvalidMapData, "did you mean '3m'"),
    ],
)
def test_create_game_refuses(request_, error, words):
    game = Local()
    answer = game.ask(create_game=request_)
    assert answer.error == error
    assert words in answer.error_details
    assert game.game.status == LAUNCHED


def test_create_game_refuses_real_time():
    request = create("3m")
    request.realtime = True
    assert "realtime" in Local().send(create_game=request).error[0]


J = sc2api_pb2.ResponseJoinGame
NO_RAW = sc2api_pb2.RequestJoinGame(
    race=common_pb2.Terran, options=sc2api_pb2.InterfaceOptions(score=True)
)
OBSERVER = sc2api_pb2.RequestJoinGame(
    observed_player_id=1, options=sc2api_pb2.InterfaceOptions(raw=True)
)
PORTS = join(server_ports=sc2api_pb2.PortSet(game_port=1, base_port=2))


@pytest.mark.parametrize(
    ("request_", "error", "words"),
    [
        (NO_RAW, J.FeatureUnsupported, "raw"),
        (OBSERVER, J.MissingParticipation, "race"),
        (PORTS, J.FeatureUnsupported, "several clients"),
    ],
)
def test_join_game_refuses(request_, error, words):
    game = game_in(INIT)
    answer = game.ask(join_game=request_)
    assert answer.error == error
    assert words in answer.error_details
    assert game.game.status == INIT


def test_the_whole_way_through_the_states():
    game = Local()
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
    game = Local().play(name, 1)
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
    info = Local().play("2m_vs_1z", 1).ask(game_info=sc2api_pb2.RequestGameInfo())
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
    game = Local().play("MMM", 1)
    request = sc2api_pb2.RequestData(ability_id=True, unit_type_id=True, upgrade_id=True)
    data = game.ask(data=request)
    units = {unit.unit_id: unit for unit in data.units}
    for unit in game.units():
        assert unit.unit_type in units
    assert units[48].name == "Marine"
    assert units[48].movement_speed == pytest.approx(2.25)
    assert units[48].weapons[0].damage == 6
    assert {unit.name for unit in data.units if unit.unit_id >= 1970} == {
        "Marauder_RL", "Marine_RL", "Medivac_RL",
    }  # fmt: skip
    abilities = {ability.ability_id: ability for ability in data.abilities}
    assert set(abilities) == {1, 4, 16, 23, 386}
    assert abilities[23].remaps_to_ability_id == 3674
    assert not game.ask(data=sc2api_pb2.RequestData()).units


def test_available_maps_can_be_played():
    paths = Local().ask(available_maps=sc2api_pb2.RequestAvailableMaps()).local_map_paths
    assert "SMAC_Maps/3m.SC2Map" in paths
    assert len(paths) == 29


# --- the battle
def test_step_counts_loops():
    game = Local().play("3m", 1)
    assert game.step(8).simulation_loop == 8
    assert game.ask(step=sc2api_pb2.RequestStep()).simulation_loop == 9
    assert game.observe().observation.game_loop == 9
    for count in (0, 2_000_000):
        error = game.send(step=sc2api_pb2.RequestStep(count=count)).error[0]
        assert f"count={count}: expected 1.." in error
    assert game.observe().observation.game_loop == 9


def test_commands_are_answered_one_by_one():
    game = Local().play("MMM", 1)
    units = game.units()
    marines = [unit.tag for unit in units if unit.unit_type == 1971]
    medivac = next(unit.tag for unit in units if unit.unit_type == 1972)
    enemy = next(unit.tag for unit in units if unit.owner == 2)
    ok, unsupported, error, no_target, no_patient = 1, 2, 3, 36, 90
    far, nan = (1e30, 0.0), (float("nan"), 1.0)
    cases = [
        (command(4, marines[:1]), ok),
        (command(3665, marines[:1]), ok),
        (command(16, marines, goal=(10, 16)), ok),
        (command(23, marines[:1], target=enemy), ok),
        (command(3674, marines[:1], goal=(20, 16)), ok),
        (command(1, marines[:1], target=enemy), ok),
        (command(1, marines[:1], goal=(10, 16)), ok),
        (command(23, marines[:1], target=marines[1]), no_target),
        (command(23, marines[:1], target=12345), no_target),
        (command(23, marines[:1]), no_target),
        (command(16, marines[:1], target=enemy), unsupported),
        (command(16, marines[:1], goal=far), no_target),
        (command(16, marines[:1], goal=nan), no_target),
        (command(16, marines[:1], goal=(10, 16), queue=True), unsupported),
        (command(9999, marines[:1]), unsupported),
        (command(386, marines[:1], target=marines[1]), unsupported),
        (command(386, [medivac], target=marines[0]), no_patient),
        (command(386, [medivac], target=enemy), no_patient),
        (command(386, [medivac], goal=(1, 1)), no_target),
        (command(23, [medivac], target=enemy), unsupported),
        (command(4, [enemy]), error),
        (command(4, [12345]), error),
        (command(4, [marines[0], enemy]), error),
        (sc2api_pb2.Action(), unsupported),
        (sc2api_pb2.Action(action_chat=sc2api_pb2.ActionChat(message="gl hf")), ok),
    ]
    assert game.act([action for action, _ in cases]) == [answer for _, answer in cases]
    assert game.act([]) == []


def test_debug_takes_kills_and_texts_only():
    game = Local().play("3m", 1)
    game.kill([])
    game.kill([999])
    game.write("anything")
    create_unit = debug_pb2.DebugCommand(create_unit=debug_pb2.DebugCreateUnit(unit_type=48))
    response = game.send(debug=sc2api_pb2.RequestDebug(debug=[create_unit]))
    assert "create_unit" in response.error[0]
    assert "only kill_unit and draw" in response.error[0]
    assert len(game.units()) == 6


def test_queries():
    game = Local().play("corridor", 1)
    agent = next(unit for unit in game.units() if unit.owner == 1)
    enemy = next(unit for unit in game.units() if unit.owner == 2)
    point = common_pb2.Point2D
    question = query_pb2.RequestQuery(
        pathing=[
            query_pb2.RequestQueryPathing(
                unit_tag=agent.tag, end_pos=point(x=agent.pos.x + 1, y=agent.pos.y)
            ),
            # From one room of the corridor to the other: only through the choke.
            query_pb2.RequestQueryPathing(
                start_pos=point(x=27.91, y=28.24), end_pos=point(x=4.47, y=4.33)
            ),
            query_pb2.RequestQueryPathing(start_pos=point(x=19, y=19), end_pos=point(x=-5, y=0)),
            query_pb2.RequestQueryPathing(unit_tag=999, end_pos=point(x=19, y=19)),
        ],
        abilities=[
            query_pb2.RequestQueryAvailableAbilities(unit_tag=agent.tag),
            query_pb2.RequestQueryAvailableAbilities(unit_tag=enemy.tag),
        ],
        placements=[query_pb2.RequestQueryBuildingPlacement(ability_id=1)],
    )
    answer = game.ask(query=question)
    near, far, outside, unknown = (path.distance for path in answer.pathing)
    assert near == 1.0
    assert 33 < far < 40
    assert outside == unknown == 0
    mine, theirs = answer.abilities
    assert {ability.ability_id for ability in mine.abilities} == {1, 4, 16, 23}
    assert mine.unit_type_id == agent.unit_type
    assert not theirs.abilities
    assert answer.placements[0].result == 2


def test_a_query_has_a_limit():
    game = Local().play("3m", 1)
    question = query_pb2.RequestQuery(
        abilities=[query_pb2.RequestQueryAvailableAbilities(unit_tag=1)] * 1001
    )
    assert "at most 1000" in game.send(query=question).error[0]
