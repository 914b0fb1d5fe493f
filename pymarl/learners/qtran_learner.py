"""QTRAN-base: agents whose greedy actions maximise a freely learned joint value."""

import copy

import torch as th

from pymarl.backends.transitions import Transitions
from pymarl.components.episode_batch import EpisodeBatch, Scheme
from pymarl.config.algorithms import QTRANConfig
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.learners.base import Stats
from pymarl.learners.qtran_losses import greedy_onehot, non_optimality_loss, optimality_loss
from pymarl.learners.replay_learner import ReplayLearner
from pymarl.learners.td_targets import masked_squared_error, one_step_targets
from pymarl.modules.mixers.qtran import QTranBase
from pymarl.utils.logging import Logger


class QTRANLearner(ReplayLearner):
    """Minimises ``L_td + opt_loss L_opt + nopt_min_loss L_nopt``.

    L_td regresses the joint value Q(s, u) on ``r + gamma Q'(s', u'*)``; L_opt and L_nopt make the
    sum of the agents' values agree with it at their greedy joint action and not fall below it
    elsewhere, so that the agents' own argmax is the joint one.
    Source: Son et al. 2019 (arXiv 1905.05408), section 4; PyMARL ``learners/qtran_learner.py``.
    Deviation: see :class:`Learner`; ``td_targets`` logs the mean target (PyMARL: the mean error),
    and means leave padding out.
    """

    args: QTRANConfig

    def __init__(self, mac: BasicMAC, scheme: Scheme, logger: Logger, args: QTRANConfig) -> None:
        """Build joint value networks, target networks and the optimiser over all parameters."""
        super().__init__(mac, scheme, logger, args)
        self.mixer = QTranBase(args)
        self.target_mixer = copy.deepcopy(self.mixer)
        self.train_with(self.mixer, self.target_mixer)

    def loss(self, batch: EpisodeBatch) -> tuple[th.Tensor, Stats]:
        """Return (loss with its graph, statistics to log) of a batch."""
        args, transitions = self.args, self.mac.transitions(batch)
        mask = transitions.mask
        online = self.mac.evaluate_with_hidden(transitions)
        qs, hidden = map(transitions.current, online)
        taken = th.zeros_like(qs).scatter(-1, transitions.actions, 1.0)
        joint = self.mixer(transitions.state, hidden, taken)
        v = self.mixer.state_value(transitions.state)
        with th.no_grad():
            targets = self._td_targets(transitions, online.outputs.detach())
            best = greedy_onehot(qs, transitions.avail)
            joint_of_best = self.mixer(transitions.state, hidden, best)
        taken_sum = (qs * taken).sum((-2, -1)).unsqueeze(-1)
        best_sum = (qs * best).sum((-2, -1)).unsqueeze(-1)

        td_loss = masked_squared_error(joint - targets, mask)
        opt_loss = optimality_loss(best_sum, joint_of_best, v, mask)
        nopt_loss = non_optimality_loss(taken_sum, joint.detach(), v, mask)
        loss = td_loss + args.opt_loss * opt_loss + args.nopt_min_loss * nopt_loss
        with th.no_grad():

            def mean(values: th.Tensor) -> th.Tensor:
                return (values * mask).sum() / mask.sum()

            stats = {
                "td_loss": td_loss.detach(),
                "opt_loss": opt_loss.detach(),
                "nopt_loss": nopt_loss.detach(),
                "td_error_abs": mean((joint - targets).abs()),
                "td_targets": mean(targets),
                "td_chosen_qs": mean(joint),
                "v_mean": mean(v),
                "agent_indiv_qs": mean(taken_sum) / args.n_agents,
            }
        return loss, stats

    def _td_targets(self, transitions: Transitions, online_qs: th.Tensor) -> th.Tensor:
        """Return ``r + gamma Q'(s', u'*)`` (..., 1), u'* by the online agents with double Q.

        ``online_qs`` (..., N, A) are the online agents' values of all steps, without graph.
        """
        target = self.target_mac.evaluate_with_hidden(transitions)
        next_qs, next_hidden = map(transitions.following, target)
        chooser = transitions.following(online_qs) if self.args.double_q else next_qs
        greedy = greedy_onehot(chooser, transitions.next_avail)
        next_joint = self.target_mixer(transitions.next_state, next_hidden, greedy)
        return one_step_targets(
            transitions.reward, transitions.terminated, next_joint, self.args.gamma
        )
