"""What all runners share: episode numbers and their seeds, the loop, statistics, exact resume."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

import numpy as np

from pymarl.components import seeding
from pymarl.components.clocks import EveryT
from pymarl.components.episode_batch import EpisodeBatch, Groups, Preprocess, Scheme
from pymarl.config.schema import Config
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.envs.env_stats import add_stats
from pymarl.errors import EnvError
from pymarl.kernels.arrays import F64
from pymarl.runners.acting import make_actor
from pymarl.runners.episode_seeds import EpisodeSeeds
from pymarl.runners.rollout import Rollout
from pymarl.runners.stats import EpisodeStats, outcome
from pymarl.utils.logging import Logger

MAX_EPISODE_RETRIES = 100
"""How often one episode is played again. Environments give up earlier; this ends what they miss."""


class Runner(ABC):
    """Plays B = ``batch_size_run`` whole episodes at a time and logs returns with PyMARL's keys.

    Episodes are numbered. Training episode ``k`` has the environment seed and the table of
    exploration noise number ``k`` of the run's seed, whatever the runner and B; a rollout takes the
    numbers ``k..k+B-1``, row by row. So with equal parameters all runners play equal episodes. Test
    episodes have streams of their own, and evaluating does not change the training.

    Epsilon is that of ``t_env`` at the rollout's start; ``t_env`` grows by the steps of all its
    episodes at the end.

    Attributes:
        batch_size: B.
        t_env: environment steps of training so far.
        train_episodes: training episodes so far, test_episodes: test episodes so far.
        lost_episodes: episodes that were void because their environment failed; nothing of them
            counts, and each was played again with a seed of its own.

    Source: PyMARL ``runners/parallel_runner.py`` and ``episode_runner.py``. Deviation: distinct
        seeds for all episodes of all environments (upstream's workers share one seed).
    """

    def __init__(self, args: Config, logger: Logger) -> None:
        """Start the environments.

        Raises:
            EnvError: an environment cannot be started.
        """
        self.args = args
        self.logger = logger
        self.batch_size = args.batch_size_run
        self.t_env = 0
        self.train_episodes = 0
        self.test_episodes = 0
        self.lost_episodes = 0
        self.counted_before: dict[str, Any] = {}  # by processes of this run that are gone
        self.train_stats = EpisodeStats()
        self.test_stats = EpisodeStats()
        self.episode_seeds = EpisodeSeeds(args.seed, args.held_out_tests)
        self.log_clock = EveryT(args.runner_log_interval)
        self.env_info = self._open(args.env_args.for_run(args.seed))
        self.episode_limit: int = self.env_info["episode_limit"]

    def setup(self, scheme: Scheme, groups: Groups, preprocess: Preprocess, mac: BasicMAC) -> None:
        """Take over the shape of batches and the controller that acts."""
        self.mac = mac
        self.actor = make_actor(mac)
        self.rollout = Rollout(scheme, groups, preprocess, self.batch_size, self.episode_limit + 1)
        self.logger.console.info(
            "runner=%s: %d episode(s) per rollout; %s",
            self.args.runner,
            self.batch_size,
            update_ratio(self.args.updates_per_rollout, self.batch_size),
        )

    def get_env_info(self) -> dict[str, Any]:
        """Return the environment's sizes."""
        return self.env_info

    def run(self, test_mode: bool = False) -> EpisodeBatch:
        """Play one rollout and return its B episodes; training episodes advance ``t_env``.

        The batch is valid until the next call, which uses its memory again: copy what is to be kept
        (as the replay buffer does).

        Raises:
            EnvError: an environment failed.
        """
        first = self.test_episodes if test_mode else self.train_episodes
        numbers = range(first, first + self.batch_size)
        seeds = [self.episode_seeds.of(k, test_mode) for k in numbers]
        noise = self._noise(seeding.EXPLORE_TEST if test_mode else seeding.EXPLORE_TRAIN, numbers)
        self.rollout.begin()
        self._play(seeds, list(range(self.batch_size)), noise, test_mode)
        self._retry_discarded(seeds, noise, test_mode)
        self._count(test_mode, seeds)
        return self.rollout.batch

    def _retry_discarded(self, seeds: list[int], noise: F64, test_mode: bool) -> None:
        """Play episodes that an environment's failure made void again, with other seeds.

        ``seeds`` then holds the seeds that were played.

        Raises:
            EnvError: an episode was void ``MAX_EPISODE_RETRIES`` times.
        """
        for attempt in count(1):
            rows = self.rollout.discarded_episodes()
            if not rows:
                return
            if attempt > MAX_EPISODE_RETRIES:
                raise EnvError(
                    f"environment {', '.join(map(str, rows))}: its episode was lost {attempt} "
                    f"times in a row; the last time: {self.rollout.failure_messages()[0]}"
                )
            self.lost_episodes += len(rows)
            for b in rows:
                seeds[b] = self.episode_seeds.again(seeds[b], attempt, test_mode)
            self.rollout.restart(rows)
            self._play(seeds, rows, noise, test_mode)

    def _play(self, seeds: list[int], rows: list[int], noise: F64, test_mode: bool) -> None:
        """Play the episodes of ``rows`` of the rollout to their ends."""
        rollout, actor = self.rollout, self.actor
        actor.begin(rollout, self.t_env, test_mode)
        self._reset(seeds, rows)
        t, more = 0, True
        while more:
            actor.act(rollout, t, noise[t])
            # One step after the last end, agents choose once more; nobody executes it.
            if rollout.running.any():
                self._step(t)
            more = rollout.record(t)
            t += 1
        for message in rollout.failure_messages():
            self.logger.console.warning("episode discarded, it is played again: %s", message)

    def _noise(self, stream: str, numbers: Iterable[int]) -> F64:
        """Return the exploration noise (T, B, 2, N): one table per episode, by its number."""
        shape = (self.episode_limit + 1, 2, self.rollout.n_agents)
        tables = [seeding.generator(self.args.seed, stream, k).random(shape) for k in numbers]
        return np.stack(tables, axis=1)

    def _count(self, test_mode: bool, seeds: list[int]) -> None:
        """Add the rollout's episodes to the statistics and log these when they are due."""
        rollout = self.rollout
        stats = self.test_stats if test_mode else self.train_stats
        for b, env_seed in enumerate(seeds):
            episode_return, length = float(rollout.returns[b]), int(rollout.lengths[b])
            stats.add(episode_return, length, rollout.infos[b])
            if test_mode:
                self.logger.log_test_episode(
                    outcome(episode_return, length, env_seed, rollout.infos[b])
                )
        if test_mode:
            self.test_episodes += self.batch_size
            if len(stats.returns) >= self.args.test_nepisode:
                stats.log(self.logger, "test_", self.t_env)
            return
        self.train_episodes += self.batch_size
        self.t_env += int(rollout.lengths.sum())
        if self.log_clock.is_due(self.t_env):
            stats.log(self.logger, "", self.t_env)
            self.logger.log_stat("epsilon", self.mac.action_selector.epsilon, self.t_env)
            for key, value in self.counters().items():
                self.logger.log_stat(key, float(value), self.t_env)

    def counters(self) -> dict[str, Any]:
        """Return the environments' counters as ``env_<key>``, and the lost episodes.

        SMAC's ``get_stats`` since the run began, added up over environments, tests included, and
        over the processes of a run that was resumed; ``win_rate`` is that of all battles.
        """
        total = add_stats([self.counted_before, self.get_stats()])
        named = {f"env_{key}": value for key, value in total.items()}
        return named | {"lost_episodes": self.lost_episodes}

    def state(self) -> dict[str, Any]:
        """Return what a resumed run needs; between rollouts all random streams follow from it."""
        return {
            "t_env": self.t_env,
            "train_episodes": self.train_episodes,
            "test_episodes": self.test_episodes,
            "lost_episodes": self.lost_episodes,
            "env_stats": add_stats([self.counted_before, self.get_stats()]),
            "train_stats": self.train_stats.state(),
            "log_clock": self.log_clock.last,
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over what :meth:`state` returned."""
        self.t_env = state["t_env"]
        self.train_episodes = state["train_episodes"]
        self.test_episodes = state["test_episodes"]
        self.lost_episodes = state["lost_episodes"]
        self.counted_before = dict(state["env_stats"])
        self.train_stats.load_state(state["train_stats"])
        self.log_clock.last = state["log_clock"]

    @abstractmethod
    def _open(self, env_args: dict[str, Any]) -> dict[str, Any]:
        """Start the environments and return the sizes (``get_env_info``) of one."""

    @abstractmethod
    def _reset(self, seeds: list[int], rows: list[int]) -> None:
        """Begin the episodes ``seeds[b]`` of ``rows`` and write what they show to step 0."""

    @abstractmethod
    def _step(self, t: int) -> None:
        """Advance the running environments by ``rollout.actions``.

        Write what they show to step ``t + 1`` of the rollout, and their results; or that an episode
        is void (``rollout.discard_episode``).
        """

    @abstractmethod
    def get_stats(self) -> dict[str, Any]:
        """Return the environments' counters (battles, timeouts, restarts, ...), added up."""

    def provenance(self) -> dict[str, Any]:
        """Return what only a running environment knows of where results come from."""
        return {}

    @abstractmethod
    def save_replay(self) -> None:
        """Save a replay of the last episode of each environment that can."""

    @abstractmethod
    def close_env(self) -> None:
        """Close the environments; safe to call twice."""


def update_ratio(updates_per_rollout: int, batch_size_run: int) -> str:
    """Return the update-to-sample ratio as text: "1 update per 8 episodes"."""
    shared = int(np.gcd(updates_per_rollout, batch_size_run))
    updates, episodes = updates_per_rollout // shared, batch_size_run // shared
    return (
        f"{updates} update{'' if updates == 1 else 's'} per "
        f"{'episode' if episodes == 1 else f'{episodes} episodes'}"
    )
