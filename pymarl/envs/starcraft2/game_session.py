"""One running game: a process, its connection, and the episodes played in it."""

import contextlib
from typing import Any

from s2clientprotocol import sc2api_pb2

from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.starcraft2.args import StarCraft2Args
from pymarl.envs.starcraft2.client.api_client import (
    ApiClient,
    kill_request,
    observation_request,
    observed_units,
    restart_request,
    step_request,
    text_request,
)
from pymarl.envs.starcraft2.client.seed_request import seed_request
from pymarl.envs.starcraft2.client.server_identity import is_standin, server_provenance
from pymarl.envs.starcraft2.process.game_process import GameProcess
from pymarl.envs.starcraft2.process.installation import Installation, MapFile
from pymarl.envs.starcraft2.translation.unit_roster import AGENTS, ENEMIES, units_missing
from pymarl.errors import GameLostError

_RESPAWN_LOOPS = 2  # SMAC's: the map's trigger needs them to begin the next battle
_MAX_SPAWN_LOOPS = 160  # after which the map's units should all be there
_EXIT_WAIT_S = 0.5  # for a process that has closed its connection and is about to end


class GameSession:
    """A game that has been started, created and joined.

    Args:
        installation: the installed game.
        map_file: the map.
        spec: the map's description.
        args: timeouts, how requests are sent, the computer's difficulty.
        seed: of the game's random numbers, 0..2**32-1. All episodes of the game follow from it,
            unless it is the stand-in: there each episode's own seed counts.

    Attributes:
        provenance: what the game says of itself. standin: whether it is the stand-in.
        info: ``ResponseGameInfo``. episodes: started in this game.

    Raises:
        GameLostError: from every method, when the game is gone or hangs.
        EnvError: the game refuses the map.
    """

    def __init__(
        self,
        installation: Installation,
        map_file: MapFile,
        spec: MapSpec,
        args: StarCraft2Args,
        seed: int,
    ) -> None:
        self._spec = spec
        self.episodes = 0
        self._units: Any = ()
        self._client: ApiClient | None = None
        self.process = GameProcess(installation, args.game_timeout_s)
        try:
            port, timeout_s = self.process.port, args.game_timeout_s
            client = self._client = ApiClient(port, timeout_s, args.pipeline)
            ping = client.ping()
            self.standin, self.provenance = is_standin(ping), server_provenance(ping)
            difficulty = int(args.difficulty)
            client.create_game(map_file.name, map_file.data, spec.enemy.race, difficulty, seed)
            client.join_game(spec.ally.race, map_file.name)
            self.info = client.game_info()
        except GameLostError as error:
            raise self._with_process_status(error) from error
        except BaseException:
            self.close()
            raise

    @property
    def client(self) -> ApiClient:
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

    def start_episode(self, seed: int) -> Any:
        """Start an episode and return its units; ``seed`` matters to the stand-in only."""
        try:
            if self.episodes == 0:
                self._observe([observation_request()])
            # The game's first battle has begun by itself; the stand-in's would have its own seed.
            if self.episodes or self.standin:
                self._observe(self._next_episode_requests(seed))
            for _ in range(_MAX_SPAWN_LOOPS):
                if not units_missing(self._spec, self._units):
                    break
                self._observe([step_request(1), observation_request()])
        except GameLostError as error:
            raise self._with_process_status(error) from error
        self.episodes += 1
        return self._units

    def step(self, actions: Any, loops: int) -> Any:
        """Carry out an action request, advance by ``loops`` game loops, and return the units."""
        try:
            return self._observe([actions, step_request(loops), observation_request()])
        except GameLostError as error:
            raise self._with_process_status(error) from error

    def _observe(self, requests: list[Any]) -> Any:
        """Send requests, the last one an observation, and return its units."""
        self._units = observed_units(self.client.call(requests)[-1])
        return self._units

    def _next_episode_requests(self, seed: int) -> list[Any]:
        """Return the requests that end the episode, begin the next one and observe it.

        Everything that lives is killed, units of a battle that the map's trigger has begun already
        too: an episode starts from its beginning. A map without such a trigger is restarted.
        """
        requests = [text_request(seed_request(seed))] if self.standin else []
        ended = self.client.status == sc2api_pb2.ended
        if ended or self._spec.game.reset == "restart":
            return [*requests, restart_request(), observation_request()]
        tags = [int(unit.tag) for unit in self._units if unit.owner in (AGENTS, ENEMIES)]
        return [*requests, kill_request(tags), step_request(_RESPAWN_LOOPS), observation_request()]

    def save_replay(self) -> bytes:
        """Return the replay of the game so far: all its episodes."""
        try:
            return self.client.save_replay()
        except GameLostError as error:
            raise self._with_process_status(error) from error

    def _with_process_status(self, error: GameLostError) -> GameLostError:
        """Return ``error`` with what is known of the process, and close the game."""
        status = self.process.exit_status(_EXIT_WAIT_S)
        self.close()
        return GameLostError(f"{error}; the game's process: {status or 'still running'}")

    def close(self) -> None:
        """End the game; safe to call twice."""
        if self._client is not None:
            client, self._client = self._client, None
            if not self.process.exit_status():
                with contextlib.suppress(GameLostError):
                    client.quit()
            client.websocket.close()
        self.process.close()
