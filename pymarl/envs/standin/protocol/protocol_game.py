"""Requests in, responses out: the protocol's status machine."""

import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from google.protobuf.message import DecodeError
from s2clientprotocol import debug_pb2, sc2api_pb2

from pymarl.envs.standin.battle.battle import StandinBattle, agent_types
from pymarl.envs.standin.battle.saved_replay import replay_bytes
from pymarl.envs.standin.battle.unit_messages import AGENTS
from pymarl.envs.standin.protocol import static_answers
from pymarl.envs.standin.protocol.allowed_requests import (
    ALLOWED,
    IN_GAME,
    INIT,
    LAUNCHED,
    QUIT,
    RefusedError,
    allowed_request_name,
)
from pymarl.envs.standin.protocol.local_map import requested_map
from pymarl.envs.standin.protocol.query_answers import answer_query
from pymarl.envs.standin.protocol.unit_commands import apply_actions
from pymarl.envs.starcraft2.client.seed_request import requested_seed
from pymarl.envs.starcraft2.client.server_identity import STANDIN_MARK
from pymarl.errors import MapError, PymarlError

_LOG = logging.getLogger("pymarl.envs.standin")
MAX_STEP_LOOPS: Final = 1_000_000
"""Longest step request in game loops (17 hours of the game's time)."""

Response = sc2api_pb2.Response
Request = sc2api_pb2.Request


class ProtocolGame:
    """One server's state: nothing, a created game, or a joined one with its battles.

    Attributes:
        status: ``launched``, ``init_game``, ``in_game`` or ``quit``, as the protocol numbers them.
        battle: of the joined game. maps: folder of map files named by path alone, or None.
    """

    def __init__(self, maps: Path | None = None) -> None:
        self.status: sc2api_pb2.Status.ValueType = LAUNCHED
        self.maps = maps
        self._create = sc2api_pb2.RequestCreateGame()
        self._join = sc2api_pb2.RequestJoinGame()
        self._created: StandinBattle | None = None
        self._handlers: dict[str, Callable[[Request, Response], None]] = {
            name: getattr(self, f"_{name}") for name in ALLOWED
        }

    @property
    def battle(self) -> StandinBattle:
        """Return the battle of the joined game."""
        if self._created is None:
            raise RefusedError("there is no game")
        return self._created

    def answer(self, message: bytes) -> bytes:
        """Return the serialized response to a serialized request.

        Never raises for what a client sends; an unexpected error of the stand-in itself is
        answered as an error and logged with its traceback.
        """
        response = Response()
        try:
            request = Request.FromString(message)
            if request.HasField("id"):
                response.id = request.id
            name = allowed_request_name(request, self.status)
            self._handlers[name](request, response)
        except DecodeError:
            self._set_error(response, f"{len(message)} bytes that are no SC2APIProtocol.Request")
        except PymarlError as error:
            self._set_error(response, str(error))
        except Exception as error:
            _LOG.exception("the stand-in failed")
            self._set_error(response, f"the stand-in failed: {type(error).__name__}: {error}")
        response.status = self.status
        return bytes(response.SerializeToString())

    def _set_error(self, response: Response, reason: str) -> None:
        """Make ``response`` an error, without anything that a handler wrote before it failed."""
        part = response.WhichOneof("response")
        if part:
            response.ClearField(part)
        response.error.append(f"{reason} [{STANDIN_MARK}]")

    # --- any time
    def _ping(self, _: Request, response: Response) -> None:
        response.ping.CopyFrom(static_answers.ping())

    def _available_maps(self, _: Request, response: Response) -> None:
        response.available_maps.CopyFrom(static_answers.available_maps())

    def _quit(self, _: Request, response: Response) -> None:
        response.quit.SetInParent()
        self.status = QUIT

    # --- the way into a game
    def _create_game(self, request: Request, response: Response) -> None:
        create, answer = request.create_game, response.create_game
        answer.SetInParent()
        players = sorted(setup.type for setup in create.player_setup)
        codes = sc2api_pb2.ResponseCreateGame
        if create.realtime:
            raise RefusedError("create_game: realtime games are not supported; step the game")
        if not create.HasField("local_map"):
            answer.error = codes.InvalidMapName if create.battlenet_map_name else codes.MissingMap
            answer.error_details = "expected local_map; there is no Battle.net here"
        elif players != [sc2api_pb2.Participant, sc2api_pb2.Computer]:
            answer.error = codes.InvalidPlayerSetup if players else codes.MissingPlayerSetup
            answer.error_details = "expected one Participant and one Computer"
        else:
            try:
                local = create.local_map
                spec = requested_map(
                    static_answers.decode_text(local.map_path), local.map_data, self.maps
                )
                seed = create.random_seed if create.HasField("random_seed") else _random_seed()
                self._created = StandinBattle(spec, seed)
            except MapError as error:
                answer.error, answer.error_details = codes.InvalidMapData, str(error)
                return
            self._create.CopyFrom(create)
            self._create.local_map.ClearField("map_data")
            self.status = INIT

    def _join_game(self, request: Request, response: Response) -> None:
        join, answer = request.join_game, response.join_game
        answer.SetInParent()
        codes = sc2api_pb2.ResponseJoinGame
        if join.WhichOneof("participation") != "race":
            answer.error = codes.MissingParticipation
            answer.error_details = "expected race; there is nothing to observe here"
        elif join.HasField("server_ports") or join.client_ports:
            answer.error = codes.FeatureUnsupported
            answer.error_details = "games of several clients are not supported"
        elif not join.options.raw:
            answer.error = codes.FeatureUnsupported
            answer.error_details = "there is only the raw interface (options.raw)"
        else:
            self._join.CopyFrom(join)
            # What is not rendered here is not promised in game_info either.
            self._join.options.CopyFrom(sc2api_pb2.InterfaceOptions(raw=True))
            answer.player_id = AGENTS
            self.status = IN_GAME

    def _restart_game(self, _: Request, response: Response) -> None:
        response.restart_game.SetInParent()
        self.battle.restart()

    def _leave_game(self, _: Request, response: Response) -> None:
        response.leave_game.SetInParent()
        self._created = None
        self.status = LAUNCHED

    # --- in the game
    def _game_info(self, _: Request, response: Response) -> None:
        response.game_info.CopyFrom(
            static_answers.game_info(self.battle.spec, self._create, self._join)
        )

    def _data(self, request: Request, response: Response) -> None:
        response.data.CopyFrom(static_answers.data(request.data, agent_types(self.battle.spec)))

    def _query(self, request: Request, response: Response) -> None:
        response.query.CopyFrom(answer_query(self.battle, request.query))

    def _action(self, request: Request, response: Response) -> None:
        battle = self.battle
        response.action.SetInParent()
        actions = request.action.actions
        for action in actions:
            if action.HasField("action_chat"):
                self._request_seed(action.action_chat.message)
        response.action.result.extend(apply_actions(battle, actions))

    def _step(self, request: Request, response: Response) -> None:
        count = request.step.count if request.step.HasField("count") else 1
        if not 1 <= count <= MAX_STEP_LOOPS:
            raise RefusedError(f"step: count={count}: expected 1..{MAX_STEP_LOOPS} game loops")
        self.battle.advance(count)
        response.step.simulation_loop = self.battle.game_loop

    def _debug(self, request: Request, response: Response) -> None:
        response.debug.SetInParent()
        tags: list[int] = []
        for command in request.debug.debug:
            name = command.WhichOneof("command")
            if name == "kill_unit":
                tags += command.kill_unit.tag
            elif name == "draw":
                for line in command.draw.text:
                    self._request_seed(line.text)
            else:
                names = ", ".join(field.name for field in debug_pb2.DebugCommand.DESCRIPTOR.fields)
                known = "kill_unit and draw"
                raise RefusedError(
                    f"debug: {name or 'nothing'}: of {names}, only {known} are supported"
                )
        self.battle.kill(tags)

    def _request_seed(self, message: str) -> None:
        """Take the seed of the next battle from a text of the client, if it names one."""
        seed = requested_seed(static_answers.decode_text(message))
        if seed is not None:
            self.battle.next_seed = seed

    def _save_replay(self, _: Request, response: Response) -> None:
        response.save_replay.data = replay_bytes(self.battle)

    def _observation(self, _: Request, response: Response) -> None:
        battle = self.battle
        observation = response.observation.observation
        observation.game_loop = battle.game_loop
        raw = observation.raw_data
        raw.player.CopyFrom(static_answers.player_raw())
        raw.units.extend(battle.units())
        dead = battle.pop_dead_tags()
        if dead:
            raw.event.dead_units.extend(dead)
        observation.player_common.player_id = AGENTS
        observation.player_common.army_count = int(battle.alive[: battle.n_agents].sum())


def _random_seed() -> int:
    """Return a seed for a game whose client named none: every game is then another one."""
    return secrets.randbits(32)
