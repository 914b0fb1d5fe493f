"""Every request in every status, and the requests of a battle, without a socket."""

import pytest
from s2clientprotocol import common_pb2, debug_pb2, query_pb2, sc2api_pb2

from pymarl.envs.skirmish.engine_version import ENGINE_VERSION
from pymarl.envs.standin.protocol.allowed_requests import ALLOWED
from pymarl.envs.standin.protocol.local_map import placeholder
from pymarl.envs.starcraft2.client.server_identity import engine_version
from tests.envs.standin.clients.api_clients import (
    IN_GAME,
    INIT,
    LAUNCHED,
    LocalClient,
    game_in,
)
from tests.envs.standin.clients.api_requests import command, create, join

EMPTY = {
    field.name: field.message_type._concrete_class
    for field in sc2api_pb2.Request.DESCRIPTOR.fields
    if field.message_type is not None
}


def test_ping_says_what_it_is_in_every_state():
    for status in (LAUNCHED, INIT, IN_GAME):
        game = game_in(status)
        ping = game.ask(ping=sc2api_pb2.RequestPing())
        assert ping.game_version == "4.10.0.75689"
        assert (ping.base_build, ping.data_build) == (75689, 75689)
        assert "not StarCraft II" in ping.data_version
        assert engine_version(ping) == ENGINE_VERSION
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
    error = LocalClient().send(step=sc2api_pb2.RequestStep(count=1)).error[0]
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
    game = LocalClient()
    broken = message.SerializeToString().replace(b"SMAC_Maps", b"SMAC\xffMaps")
    assert sc2api_pb2.Response.FromString(game.game.answer(broken)).status == INIT
    game.ask(join_game=join())
    assert "\ufffd" in game.ask(game_info=sc2api_pb2.RequestGameInfo()).local_map_path
    chat = sc2api_pb2.Action(action_chat=sc2api_pb2.ActionChat(message="pymarl"))
    message = sc2api_pb2.Request(action=sc2api_pb2.RequestAction(actions=[chat]))
    broken = message.SerializeToString().replace(b"pymarl", b"\xff\xfe\xfd\xfc\xfb\xfa")
    assert not sc2api_pb2.Response.FromString(game.game.answer(broken)).error


def test_an_empty_request_is_refused():
    response = sc2api_pb2.Response.FromString(LocalClient().game.answer(b""))
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


# --- the battle
def test_step_counts_loops():
    game = LocalClient().play("3m", 1)
    assert game.step(8).simulation_loop == 8
    assert game.ask(step=sc2api_pb2.RequestStep()).simulation_loop == 9
    assert game.observe().observation.game_loop == 9
    for count in (0, 2_000_000):
        error = game.send(step=sc2api_pb2.RequestStep(count=count)).error[0]
        assert f"count={count}: expected 1.." in error
    assert game.observe().observation.game_loop == 9


def test_commands_are_answered_one_by_one():
    game = LocalClient().play("MMM", 1)
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
    game = LocalClient().play("3m", 1)
    game.kill([])
    game.kill([999])
    game.write("anything")
    create_unit = debug_pb2.DebugCommand(create_unit=debug_pb2.DebugCreateUnit(unit_type=48))
    response = game.send(debug=sc2api_pb2.RequestDebug(debug=[create_unit]))
    assert "create_unit" in response.error[0]
    assert "only kill_unit and draw" in response.error[0]
    assert len(game.units()) == 6


def test_queries():
    game = LocalClient().play("corridor", 1)
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
    game = LocalClient().play("3m", 1)
    question = query_pb2.RequestQuery(
        abilities=[query_pb2.RequestQueryAvailableAbilities(unit_tag=1)] * 1001
    )
    assert "at most 1000" in game.send(query=question).error[0]
