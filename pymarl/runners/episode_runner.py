"""One environment, one episode at a time."""

from typing import Any

import torch as th

from pymarl.components.clocks import EveryT
from pymarl.components.episode_batch import EpisodeBatch, Groups, Preprocess, Scheme
from pymarl.config.schema import Config
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.envs import REGISTRY as env_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.runners.stats import EpisodeStats, outcome
from pymarl.utils import seeding
from pymarl.utils.logging import Logger


class EpisodeRunner:
    """Plays whole episodes with the controller and logs returns with PyMARL's keys.

    Source: PyMARL ``runners/episode_runner.py``. Deviation: every episode has its own environment
        seed and its own table of exploration noise, both functions of (seed, episode number); test
        episodes use streams of their own, so evaluating does not change the training.
    """

    batch_size = 1

    def __init__(self, args: Config, logger: Logger) -> None:
        """Start the environment."""
        self.args = args
        self.logger = logger
        env_args = args.env_args.model_dump()
        env_args["seed"] = args.seed if env_args["seed"] is None else env_args["seed"]
        self.env = env_REGISTRY[args.env](**env_args)
        self.episode_limit = self.env.episode_limit
        self.t_env = 0
        self.train_episodes = 0
        self.test_episodes = 0
        self.train_stats = EpisodeStats()
        self.test_stats = EpisodeStats()
        self.log_clock = EveryT(args.runner_log_interval)

    def setup(self, scheme: Scheme, groups: Groups, preprocess: Preprocess, mac: BasicMAC) -> None:
        """Take over the shape of batches and the controller that acts."""
        self.scheme, self.groups, self.preprocess = scheme, groups, preprocess
        self.mac = mac

    def get_env_info(self) -> dict[str, Any]:
        """Return the environment's sizes."""
        return self.env.get_env_info()

    def run(self, test_mode: bool = False) -> EpisodeBatch:
        """Play one episode and return it as a batch of one; training episodes advance ``t_env``."""
        number = self.test_episodes if test_mode else self.train_episodes
        env_stream = seeding.ENV_TEST if test_mode else seeding.ENV_TRAIN
        noise_stream = seeding.EXPLORE_TEST if test_mode else seeding.EXPLORE_TRAIN
        env_seed = seeding.episode_seed(self.args.seed, env_stream, number)
        rng = seeding.generator(self.args.seed, noise_stream, number)
        noise = th.from_numpy(rng.random((self.episode_limit + 1, 1, 2, self.env.n_agents)))

        batch = EpisodeBatch(self.scheme, self.groups, 1, self.episode_limit + 1, self.preprocess)
        self.env.reset(env_seed)
        self.mac.init_hidden(batch_size=1)
        terminated, episode_return, t = False, 0.0, 0
        info: dict[str, Any] = {}
        self._observe(batch, t)
        while not terminated:
            actions = self.mac.select_actions(batch, t, self.t_env, noise[t], test_mode=test_mode)
            reward, terminated, info = self.env.step(actions[0].numpy())
            episode_return += reward
            # A time-limit end that the environment marks is no true end: the value behind it still
            # counts.
            true_end = terminated and not info.get("episode_limit", False)
            batch.update(
                {"actions": actions, "reward": reward, "terminated": true_end},
                ts=t,
                mark_filled=False,
            )
            t += 1
            self._observe(batch, t)
        # Never executed; kept because PyMARL's batches hold it and learners may look one step past
        # the end.
        last = self.mac.select_actions(batch, t, self.t_env, noise[t], test_mode=test_mode)
        batch.update({"actions": last}, ts=t, mark_filled=False)

        info = {key: value for key, value in info.items() if key != "episode_limit"}
        self._count(test_mode, episode_return, t, env_seed, info)
        return batch

    def _observe(self, batch: EpisodeBatch, t: int) -> None:
        """Write what the environment shows now to step ``t``."""
        batch.update(
            {
                "state": self.env.get_state(),
                "avail_actions": self.env.avail_array(),
                "obs": self.env.obs_array(),
            },
            ts=t,
        )

    def _count(
        self,
        test_mode: bool,
        episode_return: float,
        length: int,
        env_seed: int,
        info: dict[str, Any],
    ) -> None:
        """Add the episode to the statistics and log them when they are due."""
        if test_mode:
            self.test_episodes += 1
            self.test_stats.add(episode_return, length, info)
            self.logger.log_test_episode(outcome(episode_return, length, env_seed, info))
            if len(self.test_stats.returns) == self.args.test_nepisode:
                self.test_stats.log(self.logger, "test_", self.t_env)
            return
        self.train_episodes += 1
        self.t_env += length
        self.train_stats.add(episode_return, length, info)
        if self.log_clock.rings(self.t_env):
            self.train_stats.log(self.logger, "", self.t_env)
            self.logger.log_stat("epsilon", self.mac.action_selector.epsilon, self.t_env)

    def state(self) -> dict[str, Any]:
        """Return what a resumed run needs; between episodes all random streams follow from it."""
        return {
            "t_env": self.t_env,
            "train_episodes": self.train_episodes,
            "test_episodes": self.test_episodes,
            "train_stats": self.train_stats.state(),
            "log_clock": self.log_clock.last,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` returned."""
        self.t_env = state["t_env"]
        self.train_episodes = state["train_episodes"]
        self.test_episodes = state["test_episodes"]
        self.train_stats.load_state(state["train_stats"])
        self.log_clock.last = state["log_clock"]

    def save_replay(self) -> None:
        """Save a replay of the last episode where the environment can."""
        self.env.save_replay()

    def close_env(self) -> None:
        """Close the environment."""
        self.env.close()
