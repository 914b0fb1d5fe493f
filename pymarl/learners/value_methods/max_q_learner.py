"""CW-QMIX and OW-QMIX: QMIX that regards an unrestricted joint value and weighs its errors."""

import copy

import torch as th
from typing_extensions import override

from pymarl.backends.reference_backend import greedy_actions
from pymarl.backends.transitions import Transitions
from pymarl.components.episode_batch import EpisodeBatch, Scheme
from pymarl.config.value_algorithms import WeightedQMIXConfig
from pymarl.controllers import REGISTRY as mac_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.learners.base import Stats, make_optimiser
from pymarl.learners.replay_learner import ReplayLearner
from pymarl.learners.td_targets import masked_squared_error, td_targets
from pymarl.learners.value_methods.weighted_losses import (
    central_weights,
    optimistic_weights,
    weighted_squared_error,
)
from pymarl.modules.mixers import REGISTRY as mixer_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.modules.mixers.central import CENTRAL_MIXERS
from pymarl.utils.logging import Logger


class MaxQLearner(ReplayLearner):
    """Minimises ``qmix_loss L_qmix + central_loss L_central``, both towards one target y.

    ``y = r + gamma Q*'(s', u*)`` (or TD(lambda)), u* by the agents that act, Q*' by the target
    networks of the central value; ``L_central = mean (Q*(s, u) - y)^2``,
    ``L_qmix = mean w(s, u) (Q_tot(s, u) - y)^2`` with the optimistic (OW) or central (CW) weights.
    Q* has agents of its own, which see what the others see, and an unrestricted mixer.
    Source: Rashid et al. 2020 (arXiv 2006.10800); the authors' ``learners/max_q_learner.py``.
    Deviation: see :class:`Learner`; QMIX's own target networks, which nothing reads, are left out,
        ``central_rnn_hidden_dim`` counts, Q* is saved, and means leave padding out.
    """

    args: WeightedQMIXConfig

    def __init__(
        self, mac: BasicMAC, scheme: Scheme, logger: Logger, args: WeightedQMIXConfig
    ) -> None:
        """Build both values, the target networks of Q* and the optimiser over all parameters."""
        super().__init__(mac, scheme, logger, args)
        self.mixer = mixer_REGISTRY[args.mixer](args)
        central = args.model_copy(update={"rnn_hidden_dim": args.central_rnn_hidden_dim})
        self.central_mac = mac_REGISTRY[args.mac](scheme, {"agents": mac.n_agents}, central)
        self.central_mixer = CENTRAL_MIXERS[args.central_mixer](args)
        self.networks |= {
            "mixer": self.mixer,
            "central_agent": self.central_mac.agent,
            "central_mixer": self.central_mixer,
        }
        self.params = [p for network in self.networks.values() for p in network.parameters()]
        self.optimiser = make_optimiser(self.params, args, args.lr)
        self.optimisers["opt"] = self.optimiser
        self.target_central_mac = copy.deepcopy(self.central_mac)
        self.target_central_mixer = copy.deepcopy(self.central_mixer)
        self.target_networks |= {
            "central_agent": self.target_central_mac.agent,
            "central_mixer": self.target_central_mixer,
        }

    def loss(self, batch: EpisodeBatch) -> tuple[th.Tensor, Stats]:
        """Return (loss with its graph, statistics to log) of a batch."""
        args, backend, transitions = self.args, self.mac.backend, self.mac.transitions(batch)
        mask = transitions.mask
        qs, central_qs = self.mac.evaluate(transitions), self.central_mac.evaluate(transitions)
        with th.no_grad():
            greedy_values = self._greedy_values(transitions, qs.detach())
            next_values = transitions.following(greedy_values)
            targets = td_targets(transitions, next_values, args.gamma, args.td_lambda)
        q_tot = backend.mix(self.mixer, _chosen(transitions, qs), transitions.state)
        q_star = backend.mix(
            self.central_mixer, _chosen(transitions, central_qs), transitions.state
        )
        with th.no_grad():
            if args.hysteretic_qmix:
                weights = optimistic_weights(q_tot, targets, args.w)
            else:
                best = greedy_actions(transitions.current(qs), transitions.avail)
                is_greedy = (best == transitions.actions).all(-2)
                at_greedy = transitions.current(greedy_values)
                weights = central_weights(is_greedy, at_greedy, targets, args.w)
        qmix_loss = weighted_squared_error(q_tot - targets, weights, mask)
        central_loss = masked_squared_error(q_star - targets, mask)
        with th.no_grad():

            def mean(values: th.Tensor) -> th.Tensor:
                return (values * mask).sum() / mask.sum()

            stats = {
                "qmix_loss": qmix_loss.detach(),
                "central_loss": central_loss.detach(),
                "td_error_abs": mean((q_tot - targets).abs()),
                "q_taken_mean": mean(q_tot) / args.n_agents,
                "target_mean": mean(targets) / args.n_agents,
                "w_to_use": mean(weights),
            }
        return args.qmix_loss * qmix_loss + args.central_loss * central_loss, stats

    def _greedy_values(self, transitions: Transitions, qs: th.Tensor) -> th.Tensor:
        """Return ``Q*'(s, u*)`` (..., 1) of the target networks at all steps.

        ``qs`` (..., N, A) are the values, without graph, by which the agents that act choose u*.
        """
        utilities = self.mac.backend.best_action_values(
            self.target_central_mac.evaluate(transitions), qs, transitions.at_steps("avail_actions")
        )
        states = transitions.at_steps("state")
        return self.mac.backend.mix(self.target_central_mixer, utilities, states)

    @override
    @th.no_grad()
    def td_residuals(self, batch: EpisodeBatch) -> th.Tensor:
        """Return the residuals of Q*(s, u*), which estimates the greedy policy's value."""
        backend, transitions = self.mac.backend, self.mac.transitions(batch)
        qs, central_qs = self.mac.evaluate(transitions), self.central_mac.evaluate(transitions)
        values, next_values = (
            backend.mix(
                self.central_mixer, backend.best_action_values(part(central_qs), part(qs), a), s
            )
            for part, a, s in (
                (transitions.current, transitions.avail, transitions.state),
                (transitions.following, transitions.next_avail, transitions.next_state),
            )
        )
        targets = td_targets(transitions, next_values, self.args.gamma, td_lambda=0.0)
        return transitions.scatter(targets - values).squeeze(-1)


def _chosen(transitions: Transitions, qs: th.Tensor) -> th.Tensor:
    """Return the values (..., N) of the actions taken, of values at all steps (..., N, A)."""
    return transitions.current(qs).gather(-1, transitions.actions).squeeze(-1)
