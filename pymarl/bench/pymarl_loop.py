"""PyMARL's own training loop, written again: what whole trainings are measured against.

``fast: false`` keeps PyMARL's agent and learner, but shares runners, selection and replay with the
fast form. Here these, too, do what PyMARL's do: one environment asked through SMAC's methods,
Python lists written to the batch twice a step, an autograd graph while acting, a choice by torch
operations, a new padded batch for every episode, a replay of padded tensors. Source: the structure
of PyMARL's ``runners/episode_runner.py``, ``components/episode_buffer.py``,
``components/action_selectors.py`` and ``run.py``. For measurements only: its random numbers are
torch's. Evaluations come at the multiples of ``test_interval``, so that both sides have as many.
"""

import time
import warnings
from collections.abc import Callable
from typing import Any

import torch as th

from pymarl.bench.workloads import build_learner
from pymarl.components import seeding
from pymarl.components.clocks import NominalClock
from pymarl.components.episode_batch import EpisodeBatch
from pymarl.components.replay_setup import describe_episodes
from pymarl.config.build import resolve
from pymarl.envs import REGISTRY as env_REGISTRY  # noqa: N811 - PyMARL's name


class PyMARLLoop:
    """QMIX on one map of the simulator, one update per episode.

    Attributes:
        t_env: training steps so far.
        updates: gradient steps so far.
        test_returns: of all test episodes so far.
    """

    def __init__(self, map_name: str, *overrides: str) -> None:
        """Build environment, networks and replay as ``run_sequential`` does.

        Args:
            map_name: of the simulator.
            overrides: more settings, ``key=value``.
        """
        settings = [f"env_args.map_name={map_name}", "fast=false", "use_cuda=false", *overrides]
        args = resolve("qmix", "sim", settings)
        self.env = env_REGISTRY[args.env](**args.env_args.model_dump() | {"seed": args.seed})
        self.args = args = args.with_env_info(self.env.get_env_info())
        self.scheme, self.groups, self.preprocess = describe_episodes(args.sizes)
        self.learner = build_learner(args)
        self.mac = self.learner.mac
        self.replay = self._empty(args.buffer_size)
        self.t_env = self.episodes = self.tests = self.updates = 0
        self.test_returns: list[float] = []

    def rate(self, t_max: int, clock: Callable[[], float] = time.process_time) -> float:
        """Train for ``t_max`` steps; return steps per second of ``clock`` from the third update."""
        clock_of_tests = NominalClock(self.args.test_interval)
        began, t_began = 0.0, 0
        # As PyMARL's, these lists hold arrays, which torch warns of.
        warnings.filterwarnings("ignore", message="Creating a tensor from a list")
        while self.t_env <= t_max:
            self.learn(self.play(test_mode=False))
            if clock_of_tests.is_due(self.t_env):
                for _ in range(self.args.test_nepisode):
                    self.play(test_mode=True)
            if self.updates == 2:
                began, t_began = clock(), self.t_env
        return (self.t_env - t_began) / (clock() - began)

    def play(self, test_mode: bool) -> EpisodeBatch:
        """Play one episode; those for training count."""
        env, args = self.env, self.args
        batch = self._empty(1)
        stream, number = seeding.ENV_TRAIN, self.episodes
        if test_mode:
            stream, number = seeding.ENV_TEST, self.tests
        env.reset(seeding.episode_seed(args.seed, stream, number))
        self.mac.init_hidden(batch_size=1)
        epsilon = self.mac.action_selector.anneal(self.t_env, test_mode)
        terminated, t, total = False, 0, 0.0
        while True:
            seen = {
                "state": [env.get_state()],
                "avail_actions": [env.get_avail_actions()],
                "obs": [env.get_obs()],
            }
            self._write(batch, t, seen)
            available = batch["avail_actions"][:, t]
            actions = choose(self.mac.forward(batch, t), available, epsilon)
            if terminated:
                batch.update({"actions": actions}, ts=t)
                break
            reward, terminated, info = env.step(actions[0].tolist())
            total += reward
            done = terminated and not info.get("episode_limit", False)
            paid = {"actions": actions, "reward": [(reward,)], "terminated": [(done,)]}
            self._write(batch, t, paid)
            t += 1
        if test_mode:
            self.tests += 1
            self.test_returns.append(total)
        else:
            self.episodes += 1
            self.t_env += t
        return batch

    def learn(self, batch: EpisodeBatch) -> None:
        """Store the episode; make one update once there are enough."""
        args = self.args
        slot = (self.episodes - 1) % args.buffer_size
        for key, values in batch.data.items():
            self.replay.data[key][slot : slot + 1] = values
        stored = min(self.episodes, args.buffer_size)
        if stored < args.batch_size:
            return
        rng = seeding.generator(args.seed, seeding.REPLAY, self.updates)
        chosen = th.from_numpy(rng.choice(stored, args.batch_size, replace=False))
        sample = self._empty(0)
        sample.data = {key: values[chosen] for key, values in self.replay.data.items()}
        sample.batch_size = args.batch_size
        self.learner.train(sample[:, : sample.max_t_filled()], self.t_env, self.episodes)
        self.updates += 1

    def _empty(self, n_episodes: int) -> EpisodeBatch:
        """Return a batch without a filled step."""
        steps = self.args.episode_limit + 1
        return EpisodeBatch(self.scheme, self.groups, n_episodes, steps, self.preprocess)

    def _write(self, batch: EpisodeBatch, t: int, values: dict[str, Any]) -> None:
        """Write one step as PyMARL does: each value becomes a tensor of its own first."""
        tensors = {
            key: value
            if isinstance(value, th.Tensor)
            else th.tensor(value, dtype=self.scheme[key].dtype)
            for key, value in values.items()
        }
        batch.update(tensors, ts=t)


def choose(q: th.Tensor, available: th.Tensor, epsilon: float) -> th.Tensor:
    """Return epsilon-greedy actions (B, N) of values (B, N, A) by torch operations."""
    masked = q.clone()
    masked[available == 0.0] = -float("inf")
    explore = (th.rand_like(q[:, :, 0]) < epsilon).long()
    available_only: Any = th.distributions.Categorical(available.float())
    anything: th.Tensor = available_only.sample().long()
    return explore * anything + (1 - explore) * masked.max(dim=2)[1]
