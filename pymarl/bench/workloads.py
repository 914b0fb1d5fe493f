"""Random batches with the sizes and episode lengths of SMAC maps."""

from dataclasses import dataclass

import numpy as np

from pymarl.components import seeding
from pymarl.components.episode_batch import EpisodeBatch, extended_scheme
from pymarl.components.replay_setup import describe_episodes
from pymarl.config.build import resolve
from pymarl.config.schema import Config
from pymarl.controllers import REGISTRY as mac_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.envs.env_info import EnvInfo
from pymarl.learners import REGISTRY as le_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.learners.base import Learner
from pymarl.utils.logging import Logger


@dataclass(frozen=True, slots=True)
class Workload:
    """Sizes of a map, and the episode lengths of a batch from a phase of training.

    Lengths are drawn normally around ``mean`` and cut to ``longest``; one episode has exactly that.
    """

    sizes: EnvInfo
    mean: float
    deviation: float
    longest: int

    def lengths(self, n_episodes: int, seed: int) -> list[int]:
        """Return episode lengths in steps."""
        rng = np.random.default_rng(seed)
        drawn = rng.normal(self.mean, self.deviation, n_episodes)
        return [self.longest, *(int(length) for length in np.clip(drawn[1:], 5, self.longest))]


# Sizes as SMAC has them; "mixed" lengths as in the middle of training, "late" as at its end.
_3M = EnvInfo(3, 9, state_shape=48, obs_shape=30, episode_limit=60, unit_dim=4)
_2S3Z = EnvInfo(5, 11, state_shape=120, obs_shape=80, episode_limit=120, unit_dim=7)
_27M = EnvInfo(27, 36, state_shape=1170, obs_shape=285, episode_limit=180, unit_dim=4)
WORKLOADS = {
    "3m": Workload(_3M, 25, 8, 50),
    "2s3z mixed": Workload(_2S3Z, 49, 25, 113),
    "2s3z late": Workload(_2S3Z, 50, 8, 62),
    "27m_vs_30m": Workload(_27M, 50, 15, 90),
}


def random_batch(workload: Workload, n_episodes: int, seed: int) -> EpisodeBatch:
    """Return random episodes of the workload's sizes."""
    scheme, groups, preprocess = describe_episodes(workload.sizes)
    lengths = workload.lengths(n_episodes, seed)
    batch = EpisodeBatch(scheme, groups, n_episodes, max(lengths) + 1, preprocess)
    rng = np.random.default_rng(seed)
    N, A = workload.sizes.n_agents, workload.sizes.n_actions
    for row, length in enumerate(lengths):
        n = length + 1
        avail = rng.random((n, N, A)) < 0.6
        avail[:, :, 1] = True
        terminated = np.zeros((n, 1), np.uint8)
        terminated[length - 1] = 1
        values = {
            "state": rng.normal(size=(n, workload.sizes.state_shape)).astype(np.float32),
            "obs": rng.normal(0, 0.5, size=(n, N, workload.sizes.obs_shape)).astype(np.float32),
            "actions": rng.integers(0, A, (n, N, 1)),
            "avail_actions": avail,
            "reward": rng.random((n, 1)),
            "terminated": terminated,
        }
        batch.update(values, bs=slice(row, row + 1), ts=slice(0, n))
    return batch


def make_learner(workload: Workload, alg: str, *, fast: bool) -> Learner:
    """Return a learner for the workload, with the packed form or PyMARL's."""
    args = resolve(alg, "sim", [f"fast={str(fast).lower()}", "use_cuda=false"])
    return build_learner(args.with_env_info(workload.sizes._asdict()))


def build_learner(args: Config) -> Learner:
    """Return a learner with its controller for arguments that hold the environment's sizes."""
    scheme, groups, preprocess = describe_episodes(args.sizes)
    full = extended_scheme(scheme, preprocess)
    with seeding.seeded_torch(args.seed):
        mac = mac_REGISTRY[args.mac](full, groups, args)
        learner: Learner = le_REGISTRY[args.learner](mac, full, Logger(), args)
    return learner
