"""Small learners for tests."""

import torch as th

from pymarl.components import seeding
from pymarl.config import layers
from pymarl.config.build import resolve
from pymarl.config.schema import Config
from pymarl.controllers import REGISTRY as MACS
from pymarl.learners import REGISTRY as LEARNERS
from pymarl.learners.base import Learner
from pymarl.learners.replay_learner import ReplayLearner
from pymarl.utils.logging import Logger
from tests.reference.batches import Sizes, descriptions, env_info, full_scheme


def replay_algorithms() -> list[str]:
    """Return the shipped configurations whose learner learns from replayed episodes."""
    learners = {alg: resolve(alg, "sim", []).learner for alg in layers.available("algs")}
    return [alg for alg, name in learners.items() if issubclass(LEARNERS[name], ReplayLearner)]


def make_args(alg: str, sizes: Sizes, *overrides: str) -> Config:
    """Return validated arguments for a small world."""
    args = resolve(alg, "sim", ["use_cuda=false", "rnn_hidden_dim=8", *overrides])
    return args.with_env_info(env_info(sizes)._asdict())


def make_learner(
    alg: str, sizes: Sizes, *overrides: str, seed: int = 3, device: str = "cpu"
) -> Learner:
    """Return a learner whose target networks differ from its networks; they are on the CPU."""
    args = make_args(alg, sizes, *overrides).model_copy(update={"device": device})
    _, groups, _ = descriptions(sizes)
    with seeding.seeded_torch(seed):
        mac = MACS[args.mac](full_scheme(sizes), groups, args)
        learner = LEARNERS[args.learner](mac, full_scheme(sizes), Logger(), args)
        followers = [
            p for network in learner.target_networks.values() for p in network.parameters()
        ]
        with th.no_grad():
            for parameter in followers:
                parameter.add_(0.1 * th.randn(parameter.shape))
    return learner
