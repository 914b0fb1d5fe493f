"""Which request the protocol allows in which status of the server."""

from typing import Final

from s2clientprotocol import sc2api_pb2

from pymarl.errors import PymarlError

LAUNCHED, INIT, IN_GAME = sc2api_pb2.launched, sc2api_pb2.init_game, sc2api_pb2.in_game
QUIT = sc2api_pb2.quit
_ANY = (LAUNCHED, INIT, IN_GAME)
_NAMES = {LAUNCHED: "launched", INIT: "init_game", IN_GAME: "in_game", QUIT: "quit"}
ALLOWED: Final = {
    "ping": _ANY,
    "available_maps": _ANY,
    "quit": _ANY,
    "create_game": (LAUNCHED, IN_GAME),
    "join_game": (INIT,),
    "restart_game": (IN_GAME,),
    "leave_game": (INIT, IN_GAME),
    "game_info": (IN_GAME,),
    "observation": (IN_GAME,),
    "action": (IN_GAME,),
    "step": (IN_GAME,),
    "data": (IN_GAME,),
    "query": (IN_GAME,),
    "debug": (IN_GAME,),
    "save_replay": (IN_GAME,),
}


class RefusedError(PymarlError):
    """A request that is answered with an error."""


def allowed_request_name(request: sc2api_pb2.Request, status: sc2api_pb2.Status.ValueType) -> str:
    """Return the name of the request.

    Raises:
        RefusedError: it is empty, not known, or not allowed in this status.
    """
    name = request.WhichOneof("request")
    if name is None:
        raise RefusedError("the request is empty, or one that 4.10 does not know")
    if name not in ALLOWED:
        raise RefusedError(f"{name}: this request is not supported")
    if status not in ALLOWED[name]:
        when = " or ".join(_NAMES[each] for each in ALLOWED[name])
        raise RefusedError(f"{name}: status is {_NAMES[status]}, expected {when}")
    return str(name)
