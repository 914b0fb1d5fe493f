"""StarCraft II as a PyMARL environment (``env=sc2``)."""

import contextlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from pymarl.envs.joint_actions import joint_action, not_running, unavailable
from pymarl.envs.smac.rules.episode import (
    first_unavailable_action,
    new_episode_state,
    new_step_output,
    start_episode,
    use_features,
    write_features,
    write_outcome,
)
from pymarl.envs.smac.rules.features import build_features
from pymarl.envs.smac.rules.heuristic import write_scripted_actions
from pymarl.envs.smac.rules.seeds import SeedStream
from pymarl.envs.smac.rules.unit_table import as_numbers
from pymarl.envs.smac.smac_env import SmacEnv
from pymarl.envs.starcraft2 import requirements
from pymarl.envs.starcraft2.args import StarCraft2Args
from pymarl.envs.starcraft2.no_copies import NoCopies
from pymarl.envs.starcraft2.process.installation import find_game, find_map
from pymarl.envs.starcraft2.replay_file import write_replay
from pymarl.envs.starcraft2.session_keeper import SessionKeeper
from pymarl.envs.starcraft2.translation.unit_roster import UnitRoster
from pymarl.errors import EnvError, EpisodeLostError, GameLostError

if TYPE_CHECKING:
    from pymarl.envs.starcraft2.game_session import GameSession

_LOG = logging.getLogger("pymarl.envs.starcraft2")
Array = NDArray[Any]


class StarCraft2Env(NoCopies, SmacEnv):
    """One battle of a SMAC map in StarCraft II, through its API.

    What agents see and are paid is SMAC's, by the same code as in the simulator (``SmacEnv``).
    The game is started at the first ``reset``.

    StarCraft II takes a seed when a game is created, not per episode: an episode is a function of
    its seed and actions only on the stand-in. A lost connection, a dead or a silent process makes
    the episode void (``EpisodeLostError``, never a defeat); the next ``reset`` starts the game
    again, with that episode's seed, after a pause.

    Args:
        env_args: see ``StarCraft2Args``.

    Attributes:
        episode_seed: seed given to the running episode.

    Raises:
        ConfigError: an argument, the map, the game or a package is missing or wrong.
    """

    args: StarCraft2Args

    def __init__(self, **env_args: Any) -> None:
        requirements.check_packages()
        args = StarCraft2Args.parse(env_args)
        spec = args.load_map()
        installation = find_game(args.game_version)
        self.map_file = find_map(installation.root, spec)
        self.step_mul = args.step_mul or spec.step_mul
        agents, enemies = (
            [group.unit for group in side.groups for _ in range(group.count)]
            for side in (spec.ally, spec.enemy)
        )
        features = build_features(spec, args, agents, enemies)
        super().__init__(
            args, spec, features, new_episode_state(1, features), new_step_output(1, features)
        )
        self._features_on_ground = features
        self._seeds = SeedStream(args.seed or 0)
        self._actions = np.zeros((1, self.n_agents), np.int64)
        self._keeper = SessionKeeper(installation, self.map_file, spec, args)
        self._roster: UnitRoster | None = None
        self._step, self.episode_seed, self._terminated = 0, 0, True
        self._provenance: dict[str, Any] = {}
        if self.step_mul != spec.step_mul:
            text = "step_mul: %d game loops per step from the configuration; map %s itself has %d"
            _LOG.info(text, self.step_mul, spec.name, spec.step_mul)

    # --- episode
    @override
    def reset(self, seed: int | None = None) -> tuple[list[Array], Array]:
        """Start an episode, as in ``MultiAgentEnv.reset``, and the game when there is none.

        Raises:
            EnvError: the game could not be started, or was lost, ``max_restarts`` times in a row.
        """
        self.episode_seed = self._seeds.next() if seed is None else int(seed)
        self._terminated = True
        self._keeper.close_if_due()
        while True:
            try:
                session = self._keeper.running(self.episode_seed)
                if session.episodes == 0:
                    self._record_game_info(session)
                self._start_episode(session.start_episode(self.episode_seed))
                break
            except GameLostError as error:
                self._keeper.count_crash(error)
        self._step, self._terminated = 0, False
        return self.get_obs(), self.get_state()

    def _record_game_info(self, session: "GameSession") -> None:
        """Keep what the started game says of itself and of its ground."""
        from pymarl.envs.starcraft2.translation.map_grids import with_grids

        self._features_on_ground = with_grids(self.features, session.info)
        self._provenance = {
            **session.provenance,
            "sc2_version_asked": self.args.game_version,
            "map_file": self.map_file.name,
            "map_sha256": self.map_file.sha256,
        }
        label, build = session.provenance["backend_label"], session.provenance["sc2_build"]
        _LOG.info("%s, build %s, runs as process %d", label, build, session.pid)

    def _start_episode(self, units: Any) -> None:
        """Put the units of a new episode in SMAC's order and show them."""
        try:
            shuffled = self.args.enemy_order == "shuffled"
            roster = UnitRoster(self.map, units, self.episode_seed if shuffled else None)
        except EnvError as error:
            self._keeper.close()
            if self._roster is None:
                raise
            # It is the right map: the game did not begin the episode as it should.
            raise GameLostError(str(error)) from error
        if self._roster is None or roster.names != self._roster.names:
            self.features = roster.features(self.args, self.map, self._features_on_ground)
            use_features(self._episode, 0, self.features)
        self._roster = roster
        table = self._episode.table[0]
        as_numbers(table)[:] = 0.0
        roster.write_table(units, table)
        start_episode(self.features, self._episode, self._out, 0)

    @override
    def step(self, actions: Sequence[int] | Array) -> tuple[float, bool, dict[str, Any]]:
        """Advance one step, as in ``SmacEnv.step``.

        Raises:
            EpisodeLostError: the game was lost, and the episode with it.
            EnvError: as in ``MultiAgentEnv.step``; or the game was lost once too often.
        """
        session = self._keeper.session
        if self._terminated or session is None or self._roster is None:
            raise not_running(self._roster is not None, episode="battle")
        features, episode, out = self.features, self._episode, self._out
        table, orders = episode.table[0], episode.orders[0]
        self._actions[0] = joint_action(actions, self.n_agents)
        if not self.args.heuristic_ai:
            first = first_unavailable_action(features, out.avail[0], self._actions[0])
            self._check_actions(first)
        episode.last_actions[0] = orders[:] = self._actions[0]
        if self.args.heuristic_ai:
            targets = episode.script_targets[0]
            write_scripted_actions(features, table, out.avail[0], targets, orders)
        from pymarl.envs.starcraft2.translation.action_request import action_request

        request = action_request(features, table, self._roster.tags, orders.tolist())
        try:
            units = session.step(request, self.step_mul)
        except GameLostError as error:
            self._terminated = True
            self._keeper.count_crash(error)
            raise EpisodeLostError(
                f"map {self.map.name}: the game was lost at step {self._step + 1} of the episode "
                f"with seed {self.episode_seed}; {error}"
            ) from error
        self._roster.write_table(units, table)
        self._step += 1
        write_outcome(features, episode, out, 0, self._step)
        write_features(features, episode, out, 0, self._step)
        if out.terminated[0]:
            self._terminated = True
            self._keeper.forget_crashes()
            self.battles.count(0, won=out.info[0].battle_won, timeout=out.info[0].timeout)
        return self._results(actions)

    def _check_actions(self, bad: int) -> None:
        """Refuse an action that agent ``bad`` cannot perform; -1: all can."""
        if bad >= 0:
            raise unavailable(bad, int(self._actions[0, bad]), self._avail[bad])

    # --- bookkeeping
    @property
    def restarts(self) -> int:
        """Return how often the game was started anew because it was lost."""
        return self._keeper.restarts

    @property
    def waited_s(self) -> float:
        """Return the seconds spent in waiting for the running game."""
        session = self._keeper.session
        return session.client.websocket.waited_s if session else 0.0

    @override
    def get_stats(self) -> dict[str, Any]:
        """Return SMAC's counters; ``restarts`` counts lost games."""
        return {**super().get_stats(), "restarts": self.restarts}

    @override
    def provenance(self) -> dict[str, Any]:
        """Return the game's build, the map file's sha256, and whether it is the stand-in.

        Starts the game when it was not yet.
        """
        if not self._provenance:
            self.reset()
        return dict(self._provenance)

    @override
    def save_replay(self) -> None:
        """Write the game so far to ``replay_dir`` (default: the current folder).

        A replay of StarCraft II holds all episodes since the game was started.

        Raises:
            EnvError: there is no game, or the file cannot be written.
        """
        if self._keeper.session is None:
            raise EnvError("save_replay: no game is running, so there is nothing to save")
        folder = Path(self.args.replay_dir or ".")
        prefix = self.args.replay_prefix or self.map.name
        path = write_replay(self._keeper.session.save_replay(), folder, prefix, self.episode_seed)
        _LOG.info("replay saved at %s", path)

    @override
    def close(self) -> None:
        """End the game; safe to call twice."""
        self._terminated = True
        self._keeper.close()

    def __del__(self) -> None:
        """End the game of an environment that nobody closed."""
        with contextlib.suppress(Exception):
            self.close()
