"""StarCraft II as a PyMARL environment (``env=sc2``)."""

import contextlib
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import load_map
from pymarl.envs.smac.rules.episode import begin, conclude, new_memory, new_out, refused, show
from pymarl.envs.smac.rules.features import build_features
from pymarl.envs.smac.rules.heuristic import script
from pymarl.envs.smac.rules.seeds import SeedStream
from pymarl.envs.smac.smac_env import SmacEnv
from pymarl.envs.starcraft2 import needs
from pymarl.envs.starcraft2.install import find_game, find_map
from pymarl.envs.starcraft2.replay import write_replay
from pymarl.envs.starcraft2.roster import Roster
from pymarl.envs.starcraft2.settings import split
from pymarl.errors import EnvError, EpisodeLostError, GameLostError

if TYPE_CHECKING:
    from pymarl.envs.starcraft2.game import Game

_LOG = logging.getLogger("pymarl.envs.starcraft2")
Array = NDArray[Any]


class StarCraft2Env(SmacEnv):
    """One battle of a SMAC map in StarCraft II, through its API.

    What agents see and are paid is SMAC's, by the same code as in the simulator; see ``SmacEnv``.
    The game is started at the first ``reset``.

    StarCraft II takes a seed when a game is created, not per episode: an episode is a function of
    its seed and actions only on the stand-in. A lost connection, a dead or a silent process makes
    the episode void (``EpisodeLostError``, never a defeat); the next ``reset`` starts the game
    again, with that episode's seed, after a pause.

    Args:
        env_args: SMAC's keys and ``map_file``, see ``SmacArgs``; the game's, see ``GameSettings``.

    Attributes:
        episode_seed: seed given to the running episode.
        restarts: times the game was started anew because it was lost.

    Raises:
        ConfigError: an argument, the map, the game or a package is missing or wrong.
    """

    def __init__(self, **env_args: Any) -> None:
        needs.require()
        self.settings, rest = split(env_args)
        args = SmacArgs.parse(rest)
        spec = load_map(args.map_name, args.map_file)
        self.install = find_game(args.game_version)
        self.map_file = find_map(self.install.root, spec)
        self.step_mul = args.step_mul or spec.step_mul
        agents, enemies = (
            [group.unit for group in side.groups for _ in range(group.count)]
            for side in (spec.ally, spec.enemy)
        )
        features = build_features(spec, args, agents, enemies)
        super().__init__(args, spec, features, new_memory(1, features), new_out(1, features))
        self._ground = features
        self._seeds = SeedStream(args.seed or 0)
        self._given = np.zeros((1, self.n_agents), np.int64)
        self._game: Game | None = None
        self._roster: Roster | None = None
        self._step = self._crashes = 0
        self._over = True
        self._origin: dict[str, Any] = {}
        self.episode_seed = self.restarts = 0
        if self.step_mul != spec.step_mul:
            _LOG.info(
                "step_mul: %d game loops per step from the configuration; map %s itself has %d",
                self.step_mul,
                spec.name,
                spec.step_mul,
            )

    # --- episode
    def reset(self, seed: int | None = None) -> tuple[list[Array], Array]:
        """Begin an episode; see ``MultiAgentEnv.reset``. Starts the game when there is none.

        Raises:
            EnvError: the game could not be brought up, ``max_restarts`` times in a row.
        """
        self.episode_seed = self._seeds.next() if seed is None else int(seed)
        self._over = True
        every = self.settings.restart_every
        if self._game and every and self._game.episodes >= every:
            _LOG.info("the game is started anew after %d episodes (restart_every)", every)
            self._close_game()
        while True:
            try:
                self._take(self._running().begin(self.episode_seed))
                break
            except GameLostError as error:
                self._lost(error)
        self._step, self._over = 0, False
        return self.get_obs(), self.get_state()

    def _running(self) -> "Game":
        """Return the game, started if need be, after a pause when it was lost before."""
        if self._game is None:
            from pymarl.envs.starcraft2.game import Game

            time.sleep(self.settings.pause_s(self._crashes))
            game = Game(
                self.install,
                self.map_file,
                self.map,
                self.settings,
                int(self.args.difficulty),
                self.episode_seed % 2**32,
            )
            self._game = game
            self._know(game)
        return self._game

    def _know(self, game: "Game") -> None:
        """Take over what the started game says of itself and of its ground."""
        from pymarl.envs.starcraft2.grids import with_grids

        self._ground = with_grids(self.features, game.info)
        self._origin = {
            **game.about,
            "sc2_version_asked": self.args.game_version,
            "map_file": self.map_file.name,
            "map_sha256": self.map_file.sha256,
        }
        label, build = game.about["backend_label"], game.about["sc2_build"]
        _LOG.info("%s, build %s, runs as process %d", label, build, game.pid)

    def _take(self, units: Any) -> None:
        """Put the units of a new episode in SMAC's order and show them."""
        try:
            roster = Roster(self.map, units)
        except EnvError as error:
            self._close_game()
            if self._roster is None:
                raise
            # It is the right map: the game did not begin the episode as it should.
            raise GameLostError(str(error)) from error
        if self._roster is None or roster.names != self._roster.names:
            self.features = roster.features(self.args, self.map, self._ground)
        self._roster = roster
        table = self._memory.table[0]
        table[:] = 0.0
        roster.fill(units, table)
        begin(self.features, self._memory, self._out, 0)

    def step(self, actions: Sequence[int] | Array) -> tuple[float, bool, dict[str, Any]]:
        """Advance one step; see ``SmacEnv.step``.

        Raises:
            EpisodeLostError: the game was lost, and the episode with it.
            EnvError: as in ``MultiAgentEnv.step``; or the game was lost once too often.
        """
        if self._over or self._game is None or self._roster is None:
            raise EnvError("the battle is over; call reset before step")
        d, m, out = self.features, self._memory, self._out
        orders = m.orders[0]
        self._given[0] = actions
        if not self.args.heuristic_ai:
            self._check(refused(m, out, d, self._given, 0))
        m.last[0] = orders[:] = self._given[0]
        if self.args.heuristic_ai:
            script(d.c, d.f, d.u, m.table[0], out.avail[0], m.targets[0], orders)
        from pymarl.envs.starcraft2.commands import action_request

        request = action_request(d, m.table[0], self._roster.tags, orders.tolist())
        try:
            units = self._game.play(request, self.step_mul)
        except GameLostError as error:
            self._over = True
            self._lost(error)
            raise EpisodeLostError(
                f"map {self.map.name}: the game was lost at step {self._step + 1} of the episode "
                f"with seed {self.episode_seed}; {error}"
            ) from error
        self._roster.fill(units, m.table[0])
        self._step += 1
        conclude(d, m, out, 0, self._step)
        show(d, m, out, 0, self._step)
        if out.terminated[0]:
            self._over, self._crashes = True, 0
        return self._results(actions)

    def _check(self, bad: int) -> None:
        """Refuse an action that agent ``bad`` cannot perform; -1: all can."""
        if bad >= 0:
            legal = np.flatnonzero(self._avail[bad]).tolist()
            raise EnvError(
                f"agent {bad} cannot perform action {int(self._given[0, bad])}; available: {legal}"
            )

    def _lost(self, error: GameLostError) -> None:
        """Count a lost game and close what is left of it.

        Raises:
            EnvError: it was one too many.
        """
        self._close_game()
        self._crashes += 1
        most = self.settings.max_restarts
        if self._crashes > most:
            raise EnvError(
                f"map {self.map.name}: the game was lost {self._crashes} times without a finished "
                f"episode between, and max_restarts={most}; the last time: {error}"
            ) from error
        self.restarts += 1
        _LOG.warning(
            "the game was lost (%d in a row, at most %d): %s; starting it again in %.1f s",
            self._crashes,
            most,
            error,
            self.settings.pause_s(self._crashes),
        )

    # --- bookkeeping
    @property
    def waited_s(self) -> float:
        """Return the seconds spent in waiting for the running game."""
        return self._game.client.wire.waited_s if self._game else 0.0

    def get_stats(self) -> dict[str, Any]:
        """Return SMAC's counters; ``restarts`` counts lost games."""
        return {**super().get_stats(), "restarts": self.restarts}

    def provenance(self) -> dict[str, Any]:
        """Return the game's build, the map file's sha256, and whether it is the stand-in.

        Starts the game when it was not yet.
        """
        if not self._origin:
            self.reset()
        return dict(self._origin)

    def save_replay(self) -> None:
        """Write the game so far to ``replay_dir`` (default: the current folder).

        A replay of StarCraft II holds all episodes since the game was started.

        Raises:
            EnvError: there is no game, or the file cannot be written.
        """
        if self._game is None:
            raise EnvError("there is nothing to replay: no game is running")
        folder = Path(self.args.replay_dir or ".")
        prefix = self.args.replay_prefix or self.map.name
        path = write_replay(self._game.save_replay(), folder, prefix, self.episode_seed)
        _LOG.info("replay saved at %s", path)

    def _close_game(self) -> None:
        """End the game."""
        game, self._game = self._game, None
        if game is not None:
            game.close()

    def close(self) -> None:
        """End the game; safe to call twice."""
        self._over = True
        self._close_game()

    def __del__(self) -> None:
        """End the game of an environment that nobody closed."""
        with contextlib.suppress(Exception):
            self.close()
