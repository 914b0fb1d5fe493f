"""A session as it was recorded: the answers of the protocol do not change unnoticed.

Renew after a change that is meant: ``python -m tests.envs.standin.test_golden``.
"""

from pathlib import Path

from google.protobuf import text_format
from s2clientprotocol import debug_pb2, sc2api_pb2

from pymarl.utils.atomic import write_text
from tests.envs.standin.clients.api_clients import LocalClient
from tests.envs.standin.clients.api_requests import command, create, join

GOLDEN = Path(__file__).parents[2] / "golden" / "sc2_standin_2m_vs_1z.txt"


def transcript():
    """Play SMAC's requests on a small map and return everything that was said."""
    game = LocalClient()
    lines = []

    def say(**request):
        response = game.send(**request)
        ((kind, body),) = request.items()
        asked = text_format.MessageToString(body, as_one_line=True)
        lines.append(f"> {kind} {{{asked}}}")
        lines.extend(text_format.MessageToString(response).splitlines())
        return response

    say(ping=sc2api_pb2.RequestPing())
    say(create_game=create("2m_vs_1z", 42))
    say(join_game=join())
    say(game_info=sc2api_pb2.RequestGameInfo())
    observe = {"observation": sc2api_pb2.RequestObservation(disable_fog=False, game_loop=0)}
    units = say(**observe).observation.observation.raw_data.units
    tags = [unit.tag for unit in units]
    move = command(16, tags[:1], goal=(units[0].pos.x, units[0].pos.y + 2))
    fight = command(23, tags[1:2], target=tags[2])
    say(action=sc2api_pb2.RequestAction(actions=[move, fight]))
    for _ in range(4):
        say(step=sc2api_pb2.RequestStep(count=8))
    say(**observe)
    text = debug_pb2.DebugDraw(text=[debug_pb2.DebugText(text="pymarl seed=7")])
    kill = debug_pb2.DebugKillUnit(tag=tags)
    say(
        debug=sc2api_pb2.RequestDebug(
            debug=[debug_pb2.DebugCommand(draw=text), debug_pb2.DebugCommand(kill_unit=kill)]
        )
    )
    say(step=sc2api_pb2.RequestStep(count=2))
    say(**observe)
    say(query=sc2api_pb2.Request().query)
    say(map_command=sc2api_pb2.RequestMapCommand(trigger_cmd="x"))
    say(leave_game=sc2api_pb2.RequestLeaveGame())
    say(step=sc2api_pb2.RequestStep(count=1))
    say(quit=sc2api_pb2.RequestQuit())
    return "\n".join(lines) + "\n"


def test_the_session_is_the_recorded_one():
    assert transcript() == GOLDEN.read_text(encoding="utf-8")


if __name__ == "__main__":
    write_text(GOLDEN, transcript())
