"""Requests and answers of StarCraft II's API."""

import time
from collections.abc import Sequence
from typing import Any

from google.protobuf.message import DecodeError
from s2clientprotocol import common_pb2, sc2api_pb2

from pymarl.envs.starcraft2.client.websocket_client import WebSocketClient
from pymarl.errors import EnvError, GameLostError

Request, Response = sc2api_pb2.Request, sc2api_pb2.Response
RACES = {"P": common_pb2.Protoss, "T": common_pb2.Terran, "Z": common_pb2.Zerg}
_NO_OBSERVATION = 2**32 - 1  # game_loop of an observation without content, after the game's end
_QUIT_ID = 999_999_999


class ApiClient:
    """One connection and the game's status.

    Args:
        port: where the game listens.
        timeout_s: longest wait for an answer.
        pipeline: send all requests of a call before the first answer is read. The game queues
            requests and answers them in order.

    Attributes:
        status: of the last answer, a number of ``sc2api_pb2.Status``.
        websocket: the connection.
        decoded_s: seconds spent in decoding answers.

    Raises:
        GameLostError: from every method, when the game is gone, hangs or answers with an error.
    """

    def __init__(self, port: int, timeout_s: float, pipeline: bool) -> None:
        self.websocket = WebSocketClient(port, timeout_s)
        self.status: int = sc2api_pb2.launched
        self.decoded_s = 0.0
        self._pipeline = pipeline
        self._n_requests = 0

    def call(self, requests: Sequence[Any]) -> list[Any]:
        """Send requests and return their answers in order."""
        for request in requests:
            self._n_requests += 1
            request.id = self._n_requests
        if not self._pipeline:
            return [self._call_one(request) for request in requests]
        self.websocket.send([request.SerializeToString() for request in requests])
        return [self._receive_answer(request) for request in requests]

    def _call_one(self, request: Any) -> Any:
        """Send one request and return its answer."""
        self.websocket.send([request.SerializeToString()])
        return self._receive_answer(request)

    def _receive_answer(self, request: Any) -> Any:
        """Return the answer to ``request``, the next one to arrive."""
        data = self.websocket.read()
        began = time.perf_counter()
        try:
            answer = Response.FromString(data)
        except DecodeError as error:
            raise GameLostError(f"the game's answer cannot be decoded ({error})") from error
        self.decoded_s += time.perf_counter() - began
        name = request.WhichOneof("request")
        if not answer.HasField("status"):
            raise GameLostError(f"the game's answer to {name} has no status")
        self.status = answer.status
        if answer.HasField("id") and answer.id != request.id:
            raise GameLostError(
                f"the game answered request {answer.id} when {name}, number {request.id}, was due"
            )
        if answer.error:
            raise GameLostError(f"the game answered {name} with: {'; '.join(answer.error)}")
        return answer

    def ping(self) -> Any:
        """Return ``ResponsePing``."""
        return self.call([Request(ping=sc2api_pb2.RequestPing())])[0].ping

    def create_game(
        self, map_name: str, data: bytes, enemy_race: str, difficulty: int, seed: int
    ) -> None:
        """Create a game against the computer.

        Args:
            map_name: path of the map, relative to the game's folder of maps.
            data: bytes of the map's file.
            enemy_race: P, T or Z.
            difficulty: a number of ``sc2api_pb2.Difficulty``.
            seed: of the game's random numbers, 0..2**32-1.

        Raises:
            EnvError: the game refuses the map.
        """
        request = Request()
        create = request.create_game
        create.local_map.map_path, create.local_map.map_data = map_name, data
        create.realtime, create.random_seed = False, seed
        create.player_setup.add(type=sc2api_pb2.Participant)
        create.player_setup.add(
            type=sc2api_pb2.Computer, race=RACES[enemy_race], difficulty=difficulty
        )
        answer = self.call([request])[0].create_game
        _check_accepted("create_game", answer, map_name)

    def join_game(self, race: str, map_name: str) -> None:
        """Join the created game as the agents' side.

        Raises:
            EnvError: the game refuses.
        """
        request = Request()
        request.join_game.race = RACES[race]
        request.join_game.options.raw, request.join_game.options.score = True, False
        _check_accepted("join_game", self.call([request])[0].join_game, map_name)

    def game_info(self) -> Any:
        """Return ``ResponseGameInfo``."""
        return self.call([Request(game_info=sc2api_pb2.RequestGameInfo())])[0].game_info

    def save_replay(self) -> bytes:
        """Return the replay of the game so far."""
        request = Request(save_replay=sc2api_pb2.RequestSaveReplay())
        return bytes(self.call([request])[0].save_replay.data)

    def quit(self) -> None:
        """Tell the game to end; it does not answer."""
        request = Request(quit=sc2api_pb2.RequestQuit(), id=_QUIT_ID)
        self.websocket.send([request.SerializeToString()])


def step_request(loops: int) -> Any:
    """Return the request for ``loops`` game loops."""
    return Request(step=sc2api_pb2.RequestStep(count=loops))


def observation_request() -> Any:
    """Return the request for what there is now."""
    return Request(observation=sc2api_pb2.RequestObservation(disable_fog=False, game_loop=0))


def restart_request() -> Any:
    """Return the request to begin the game anew on the same map."""
    return Request(restart_game=sc2api_pb2.RequestRestartGame())


def kill_request(tags: Sequence[int]) -> Any:
    """Return the request that removes units."""
    request = Request()
    request.debug.debug.add().kill_unit.tag.extend(tags)
    return request


def text_request(text: str) -> Any:
    """Return the request that shows a text on the screen; the stand-in reads it (seed_request)."""
    request = Request()
    request.debug.debug.add().draw.text.add(text=text)
    return request


def observed_units(answer: Any) -> Any:
    """Return the units of an observation.

    Raises:
        GameLostError: the game has ended by itself and shows nothing any more.
    """
    observation = answer.observation.observation
    if observation.game_loop == _NO_OBSERVATION:
        raise GameLostError("the game has ended by itself, in the middle of an episode")
    return observation.raw_data.units


def _check_accepted(request: str, answer: Any, map_name: str) -> None:
    """Raise when the game refused a request; a restart of the game would not help."""
    if answer.HasField("error"):
        reason = type(answer).Error.Name(answer.error)
        details = f" ({answer.error_details})" if answer.error_details else ""
        raise EnvError(f"map {map_name}: the game refuses {request}: {reason}{details}")
