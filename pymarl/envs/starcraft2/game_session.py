"""One running game: a process, its connection, and the episodes played in it."""

import contextlib
from typing import Any

from s2clientprotocol import sc2api_pb2

from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.standin.battle.battle_seeds import seed_wish
from pymarl.envs.starcraft2.args import StarCraft2Args
from pymarl.envs.starcraft2.client.api_client import (
    Client,
    kill_request,
    observation_request,
    restart_request,
    step_request,
    text_request,
    units_of,
)
from pymarl.envs.starcraft2.client.server_identity import describe, is_standin
from pymarl.envs.starcraft2.process.game_process import GameProcess
from pymarl.envs.starcraft2.process.installation import Install, MapFile
from pymarl.envs.starcraft2.translation.unit_roster import AGENTS, ENEMIES, missing
from pymarl.errors import GameLostError

_RESPAWN_LOOPS = 2  # SMAC's: the map's trigger needs them to begin the next battle
_PATIENCE_LOOPS = 160  # after which the map's units should all be there
_LAST_WORDS_S = 0.5


class Game:
    """A game that has been started, created and joined.

    Args:
        install: the installed game.
        map_file: the map.
        spec: the map's description.
        settings: timeouts and the like.
        level: the computer's difficulty, a number of ``sc2api_pb2.Difficulty``.
        seed: of the game's random numbers, 0..2**32-1. All episodes of the game follow from it,
            unless it is the stand-in: there each episode's own seed counts.

    Attributes:
        about: what the game says of itself, for provenance. standin: whether it is the stand-in.
        info: ``ResponseGameInfo``. episodes: begun in this game.

    Raises:
        GameLostError: from every method, when the game is gone or hangs.
        EnvError: the game refuses the map.
    """

    def __init__(
        self,
        install: Install,
        map_file: MapFile,
        spec: MapSpec,
        settings: StarCraft2Args,
        level: int,
        seed: int,
    ) -> None:
        self._spec = spec
        self.episodes = 0
        self._units: Any = ()
        self._client: Client | None = None
        self.process = GameProcess(install, settings.game_timeout_s)
        try:
            port, timeout_s = self.process.port, settings.game_timeout_s
            client = self._client = Client(port, timeout_s, settings.pipeline)
            ping = client.ping()
            self.standin, self.about = is_standin(ping), describe(ping)
            client.create(map_file.name, map_file.data, spec.enemy.race, level, seed)
            client.join(spec.ally.race, map_file.name)
            self.info = client.game_info()
        except GameLostError as error:
            raise self._told(error) from error
        except BaseException:
            self.close()
            raise

    @property
    def client(self) -> Client:
        """Return the connection.

        Raises:
            GameLostError: the game is closed.
        """
        if self._client is None:
            raise GameLostError("the game is closed")
        return self._client

    @property
    def pid(self) -> int:
        """Return the id of the game's process."""
        return self.process.pid

    def begin(self, seed: int) -> Any:
        """Begin an episode and return its units; ``seed`` matters to the stand-in only."""
        try:
            if self.episodes == 0:
                self._look([observation_request()])
            # The game's first battle has begun by itself; the stand-in's would have its own seed.
            if self.episodes or self.standin:
                self._look(self._renewal(seed))
            for _ in range(_PATIENCE_LOOPS):
                if not missing(self._spec, self._units):
                    break
                self._look([step_request(1), observation_request()])
        except GameLostError as error:
            raise self._told(error) from error
        self.episodes += 1
        return self._units

    def play(self, actions: Any, loops: int) -> Any:
        """Carry out an action request, advance by ``loops`` game loops, and return the units."""
        try:
            return self._look([actions, step_request(loops), observation_request()])
        except GameLostError as error:
            raise self._told(error) from error

    def _look(self, requests: list[Any]) -> Any:
        """Send requests, the last one an observation, and return its units."""
        self._units = units_of(self.client.ask(requests)[-1])
        return self._units

    def _renewal(self, seed: int) -> list[Any]:
        """Return the requests that end the episode, begin the next one and observe it.

        Everything that lives is killed, units of a battle that the map's trigger has begun already
        too: an episode starts from its beginning. A map without such a trigger is restarted.
        """
        requests = [text_request(seed_wish(seed))] if self.standin else []
        over = self.client.status == sc2api_pb2.ended
        if over or self._spec.game.reset == "restart":
            return [*requests, restart_request(), observation_request()]
        tags = [int(unit.tag) for unit in self._units if unit.owner in (AGENTS, ENEMIES)]
        return [*requests, kill_request(tags), step_request(_RESPAWN_LOOPS), observation_request()]

    def save_replay(self) -> bytes:
        """Return the replay of the game so far: all its episodes."""
        try:
            return self.client.save_replay()
        except GameLostError as error:
            raise self._told(error) from error

    def _told(self, error: GameLostError) -> GameLostError:
        """Return ``error`` with what is known of the process, and close the game."""
        ended = self.process.ended(_LAST_WORDS_S)
        self.close()
        return GameLostError(f"{error}; the game's process: {ended or 'still running'}")

    def close(self) -> None:
        """End the game; safe to call twice."""
        if self._client is not None:
            client, self._client = self._client, None
            if not self.process.ended():
                with contextlib.suppress(GameLostError):
                    client.quit()
            client.wire.close()
        self.process.close()
