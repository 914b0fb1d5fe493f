"""Keeping a game running: starting it, starting it again when it was lost, giving up in the end."""

import logging
import time
from typing import TYPE_CHECKING

from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.starcraft2.args import StarCraft2Args
from pymarl.envs.starcraft2.process.installation import Installation, MapFile
from pymarl.errors import EnvError, GameLostError

if TYPE_CHECKING:  # it needs packages that the simulator runs without
    from pymarl.envs.starcraft2.game_session import GameSession

_LOG = logging.getLogger("pymarl.envs.starcraft2")


class SessionKeeper:
    """The running game of an environment, if there is one, and how often it was lost.

    Args:
        installation: the installed game.
        map_file: the map.
        spec: the map's description.
        args: how many crashes in a row are allowed, pauses, when a game is renewed, difficulty.

    Attributes:
        session: the running game, or None. restarts: times a lost game was given up for a new one.
    """

    def __init__(
        self, installation: Installation, map_file: MapFile, spec: MapSpec, args: StarCraft2Args
    ) -> None:
        self._installation, self._map_file, self._spec = installation, map_file, spec
        self._args = args
        self.session: GameSession | None = None
        self.restarts = 0
        self._crashes = 0

    def running(self, seed: int) -> "GameSession":
        """Return the game, started if there is none, after a pause when the last one was lost.

        Args:
            seed: of the episode; the random numbers of a game that is started follow from it.

        Raises:
            GameLostError: it did not start.
        """
        if self.session is None:
            from pymarl.envs.starcraft2.game_session import GameSession

            time.sleep(self._args.pause_s(self._crashes))
            self.session = GameSession(
                self._installation,
                self._map_file,
                self._spec,
                self._args,
                seed % 2**32,
            )
        return self.session

    def close_if_due(self) -> None:
        """Close a game that has played ``restart_every`` episodes; the next one is a new game."""
        episodes = self._args.restart_every
        if self.session and episodes and self.session.episodes >= episodes:
            _LOG.info("the game is started anew after %d episodes (restart_every)", episodes)
            self.close()

    def count_crash(self, error: GameLostError) -> None:
        """Count a lost game and close what is left of it.

        Raises:
            EnvError: it is one more than ``max_restarts``.
        """
        self.close()
        self._crashes += 1
        allowed = self._args.max_restarts
        if self._crashes > allowed:
            raise EnvError(
                f"map {self._spec.name}: the game was lost {self._crashes} times without a "
                f"finished episode between, and max_restarts={allowed}; the last time: {error}"
            ) from error
        self.restarts += 1
        _LOG.warning(
            "the game was lost (%d in a row, at most %d): %s; starting it again in %.1f s",
            self._crashes,
            allowed,
            error,
            self._args.pause_s(self._crashes),
        )

    def forget_crashes(self) -> None:
        """Note a finished episode: crashes are counted from 0 again."""
        self._crashes = 0

    def close(self) -> None:
        """End the game; safe to call twice."""
        session, self.session = self.session, None
        if session is not None:
            session.close()
