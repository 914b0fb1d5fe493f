"""What the learners that train on replayed episodes share: one loss, one step, target networks."""

import copy
from abc import abstractmethod
from typing import Any, ClassVar

import torch as th
from torch import nn

from pymarl.components.episode_batch import EpisodeBatch, Scheme
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.learners.base import Learner, Stats, make_optimiser
from pymarl.utils.logging import Logger


class ReplayLearner(Learner):
    """A learner with one loss over all its parameters and target networks copied by episodes.

    A subclass sets ``params`` and ``optimiser`` in its constructor (``train_with`` does it for
    agents and a mixer) and implements ``loss``.
    """

    COUNTERS: ClassVar[tuple[str, ...]] = ("updates", "last_target_update_episode")
    params: list[nn.Parameter]
    optimiser: th.optim.Optimizer

    def __init__(self, mac: BasicMAC, scheme: Scheme, logger: Logger, args: Any) -> None:
        """Start the count of episodes since the target networks were copied."""
        super().__init__(mac, scheme, logger, args)
        self.last_target_update_episode = 0

    def train_with(self, mixer: nn.Module | None, target_mixer: nn.Module | None) -> None:
        """Register agents and mixer with their target networks, and one optimiser over both.

        Afterwards ``target_mac`` is the controller of the target networks. ``mixer`` None: agents
        alone.
        """
        self.target_mac = copy.deepcopy(self.mac)
        self.params = list(self.mac.parameters())
        if mixer is not None and target_mixer is not None:
            self.params += list(mixer.parameters())
            self.networks["mixer"], self.target_networks["mixer"] = mixer, target_mixer
        self.target_networks["agent"] = self.target_mac.agent
        self.optimiser = make_optimiser(self.params, self.args, self.args.lr)
        self.optimisers["opt"] = self.optimiser

    @abstractmethod
    def loss(self, batch: EpisodeBatch) -> tuple[th.Tensor, Stats]:
        """Return (loss with its graph, statistics to log) of a batch."""

    def train(self, batch: EpisodeBatch, t_env: int, episode_num: int) -> None:
        """Make one gradient step; update the target networks every so many episodes."""
        loss, stats = self.loss(batch)
        grad_norm = self.gradient_step(loss, self.optimiser, self.params, t_env)
        self.updates += 1
        if episode_num - self.last_target_update_episode >= self.args.target_update_interval:
            self.update_target_networks()
            self.last_target_update_episode = episode_num
        if self.log_clock.is_due(t_env):
            self.logger.log_stat("loss", float(loss.detach()), t_env)
            self.logger.log_stat("grad_norm", grad_norm, t_env)
            self.log_stats(stats, t_env)
