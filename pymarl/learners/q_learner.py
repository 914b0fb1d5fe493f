"""Q-learning on whole episodes: IQL, VDN and QMIX."""

import copy

import torch as th
from typing_extensions import override

from pymarl.components.episode_batch import EpisodeBatch, Scheme
from pymarl.config.algorithms import QLearnerConfig
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.learners.base import Stats
from pymarl.learners.replay_learner import ReplayLearner
from pymarl.learners.td_targets import masked_squared_error, td_targets
from pymarl.modules.mixers import REGISTRY as mixer_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.modules.mixers.base import Mixer
from pymarl.utils.logging import Logger


class QLearner(ReplayLearner):
    """Minimises ``mean (y - Q_tot)^2`` over the steps of a batch, ``y`` from target networks.

    Without a mixer (IQL) every agent's own value is regressed. ``y`` is the one-step target, or the
    TD(lambda) one where ``td_lambda`` is above 0. Source: PyMARL ``learners/q_learner.py``; PyMARL2
    ``learners/nq_learner.py``.
    Deviation: see :class:`Learner`.
    """

    args: QLearnerConfig

    def __init__(self, mac: BasicMAC, scheme: Scheme, logger: Logger, args: QLearnerConfig) -> None:
        """Build mixer, target networks and the optimiser over agent and mixer parameters."""
        super().__init__(mac, scheme, logger, args)
        self.mixer: Mixer | None = None
        self.target_mixer: Mixer | None = None
        if args.mixer is not None:
            self.mixer = mixer_REGISTRY[args.mixer](args)
            self.target_mixer = copy.deepcopy(self.mixer)
        self.train_with(self.mixer, self.target_mixer)

    def loss(self, batch: EpisodeBatch) -> tuple[th.Tensor, Stats]:
        """Return (loss with its graph, statistics to log) of a batch."""
        backend, transitions = self.mac.backend, self.mac.transitions(batch)
        qs = self.mac.evaluate(transitions)
        # PyMARL builds the graph of the target network, too, and never uses it. The reference form
        # keeps that cost, so that ratios to it are ratios to PyMARL.
        with th.set_grad_enabled(not self.args.fast):
            target_qs = self.target_mac.evaluate(transitions)
        with th.no_grad():
            next_values = backend.best_action_values(
                transitions.following(target_qs),
                transitions.following(qs.detach()) if self.args.double_q else None,
                transitions.next_avail,
            )
            if self.target_mixer is not None:
                next_values = backend.mix(self.target_mixer, next_values, transitions.next_state)
            targets = td_targets(transitions, next_values, self.args.gamma, self.args.td_lambda)
        # After the targets: what the backward pass needs takes the memory that they no longer use.
        chosen = transitions.current(qs).gather(-1, transitions.actions).squeeze(-1)  # (..., N)
        if self.mixer is not None:
            chosen = backend.mix(self.mixer, chosen, transitions.state)

        td_error = chosen - targets
        mask = transitions.mask.expand_as(td_error)
        loss = masked_squared_error(td_error, mask)
        with th.no_grad():
            counted = mask.sum()
            # PyMARL divides by the number of agents also where one team value is counted.
            per_agent = counted * self.args.n_agents
            stats = {
                "td_error_abs": (td_error * mask).abs().sum() / counted,
                "q_taken_mean": (chosen * mask).sum() / per_agent,
                "target_mean": (targets * mask).sum() / per_agent,
            }
        return loss, stats

    @override
    @th.no_grad()
    def td_residuals(self, batch: EpisodeBatch) -> th.Tensor:
        backend, transitions = self.mac.backend, self.mac.transitions(batch)
        qs = self.mac.evaluate(transitions)
        values = backend.best_action_values(transitions.current(qs), None, transitions.avail)
        next_values = backend.best_action_values(
            transitions.following(qs), None, transitions.next_avail
        )
        if self.mixer is not None:
            values = backend.mix(self.mixer, values, transitions.state)
            next_values = backend.mix(self.mixer, next_values, transitions.next_state)
        targets = td_targets(transitions, next_values, self.args.gamma, td_lambda=0.0)
        # Without a mixer (IQL) each agent has a value of its own: their mean.
        return transitions.scatter(targets - values).mean(-1)
