"""QPLEX: duplex duelling of the joint value and the agents' values."""

import copy

import torch as th
from typing_extensions import override

from pymarl.backends.reference_backend import greedy_actions
from pymarl.backends.transitions import Transitions
from pymarl.components.episode_batch import EpisodeBatch, Scheme
from pymarl.config.value_algorithms import QPLEXConfig
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.learners.base import Stats
from pymarl.learners.replay_learner import ReplayLearner
from pymarl.learners.td_targets import masked_squared_error, td_targets
from pymarl.modules.mixers.duplex import DuplexMixer
from pymarl.utils.logging import Logger


class QPLEXLearner(ReplayLearner):
    """Minimises ``mean (y - Q_tot(s, u))^2``, y = r + gamma Q'_tot(s', u*) (or TD(lambda)).

    u* is the online agents' greedy joint action (double Q). Where it is not the target agents' own,
    Q'_tot has an advantage below 0: the maxima in it are the target network's.
    Source: Wang et al. 2021 (arXiv 2008.01062); the authors' ``learners/dmaq_qatten_learner.py``.
    Deviation: see :class:`Learner`; means leave padding out.
    """

    args: QPLEXConfig

    def __init__(self, mac: BasicMAC, scheme: Scheme, logger: Logger, args: QPLEXConfig) -> None:
        """Build mixer, target networks and the optimiser over agent and mixer parameters."""
        super().__init__(mac, scheme, logger, args)
        self.mixer = DuplexMixer(args)
        self.target_mixer = copy.deepcopy(self.mixer)
        self.train_with(self.mixer, self.target_mixer)

    def loss(self, batch: EpisodeBatch) -> tuple[th.Tensor, Stats]:
        """Return (loss with its graph, statistics to log) of a batch."""
        args, transitions = self.args, self.mac.transitions(batch)
        mask = transitions.mask
        qs = self.mac.evaluate(transitions)
        with th.no_grad():
            next_values = self._next_values(transitions, qs.detach())
            targets = td_targets(transitions, next_values, args.gamma, args.td_lambda)
        current = transitions.current(qs)
        chosen = current.gather(-1, transitions.actions).squeeze(-1)
        best = greedy_actions(current.detach(), transitions.avail)
        maxima = current.detach().gather(-1, best).squeeze(-1)
        q_tot = self.mixer(chosen, maxima, transitions.state, transitions.actions)
        loss = masked_squared_error(q_tot - targets, mask)
        with th.no_grad():

            def mean(values: th.Tensor) -> th.Tensor:
                return (values * mask).sum() / mask.sum()

            stats = {
                "hit_prob": mean((best == transitions.actions).float().mean(-2)),
                "td_error_abs": mean((q_tot - targets).abs()),
                "q_taken_mean": mean(q_tot) / args.n_agents,
                "target_mean": mean(targets) / args.n_agents,
            }
        return loss, stats

    def _next_values(self, transitions: Transitions, online_qs: th.Tensor) -> th.Tensor:
        """Return ``Q'_tot(s', u*)`` (..., 1); without double Q u* is the target agents' own.

        ``online_qs`` (..., N, A) are the online agents' values of all steps, without graph.
        """
        next_qs = transitions.following(self.target_mac.evaluate(transitions))
        maxima = self.mac.backend.best_action_values(next_qs, None, transitions.next_avail)
        if not self.args.double_q:
            return self.target_mixer.greedy_value(maxima, transitions.next_state)
        best = greedy_actions(transitions.following(online_qs), transitions.next_avail)
        chosen = next_qs.gather(-1, best).squeeze(-1)
        q_tot: th.Tensor = self.target_mixer(chosen, maxima, transitions.next_state, best)
        return q_tot

    @override
    @th.no_grad()
    def td_residuals(self, batch: EpisodeBatch) -> th.Tensor:
        backend, transitions = self.mac.backend, self.mac.transitions(batch)
        qs = self.mac.evaluate(transitions)
        values, next_values = (
            self.mixer.greedy_value(backend.best_action_values(part(qs), None, avail), states)
            for part, avail, states in (
                (transitions.current, transitions.avail, transitions.state),
                (transitions.following, transitions.next_avail, transitions.next_state),
            )
        )
        targets = td_targets(transitions, next_values, self.args.gamma, td_lambda=0.0)
        return transitions.scatter(targets - values).squeeze(-1)
