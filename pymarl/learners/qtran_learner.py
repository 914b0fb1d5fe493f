"""QTRAN-base: agents whose greedy actions maximise a freely learned joint value."""

import copy
from dataclasses import dataclass

import torch as th

from pymarl.components.episode_batch import EpisodeBatch, Scheme
from pymarl.config.algorithms import QTRANConfig
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.learners.base import Stats, make_optimiser
from pymarl.learners.qtran_losses import greedy_onehot, non_optimality_loss, optimality_loss
from pymarl.learners.replay_learner import ReplayLearner
from pymarl.learners.targets import masked_squared_error, one_step_targets, transition_mask
from pymarl.learners.unroll import (
    Transitions,
    packed_transitions,
    padded_transitions,
    unroll_hidden,
)
from pymarl.modules.mixers.qtran import QTranBase
from pymarl.modules.packed.hidden import packed_hidden
from pymarl.modules.packed.layout import pack_layout
from pymarl.utils.logging import Logger


@dataclass(frozen=True, slots=True)
class AgentValues:
    """What the agents' networks say about a batch; leading axes: (B, T - 1) or (rows,)."""

    qs: th.Tensor  # (..., N, A), with graph
    hidden: th.Tensor  # (..., N, H), with graph
    next_qs: th.Tensor  # online network, (..., N, A), without graph
    next_target_qs: th.Tensor  # (..., N, A)
    next_target_hidden: th.Tensor  # (..., N, H)
    avail: th.Tensor  # (..., N, A)
    actions: th.Tensor  # (..., N, 1)


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
        self.target_mac = copy.deepcopy(mac)
        self.networks["mixer"] = self.mixer
        self.targets |= {"mixer": self.target_mixer, "agent": self.target_mac.agent}
        self.params = [*mac.parameters(), *self.mixer.parameters()]
        self.optimiser = make_optimiser(self.params, args, args.lr)
        self.optimisers["opt"] = self.optimiser

    def loss(self, batch: EpisodeBatch) -> tuple[th.Tensor, Stats]:
        """Return (loss with its graph, statistics to log) of a batch."""
        if self.packs:
            return self._joint_loss(*self._packed_values(batch))
        return self._joint_loss(*self._padded_values(batch))

    def _padded_values(self, batch: EpisodeBatch) -> tuple[AgentValues, Transitions]:
        """The values as PyMARL computes them: unrolled step by step over padded episodes."""
        qs, hidden = unroll_hidden(self.mac, batch)
        with th.no_grad():
            target_qs, target_hidden = unroll_hidden(self.target_mac, batch)
        values = AgentValues(
            qs=qs[:, :-1],
            hidden=hidden[:, :-1],
            next_qs=qs.detach()[:, 1:],
            next_target_qs=target_qs[:, 1:],
            next_target_hidden=target_hidden[:, 1:],
            avail=batch["avail_actions"][:, :-1],
            actions=batch["actions"][:, :-1],
        )
        return values, padded_transitions(batch, transition_mask(batch["filled"]))

    def _packed_values(self, batch: EpisodeBatch) -> tuple[AgentValues, Transitions]:
        """The same up to float32 rounding, over real steps only."""
        layout = pack_layout(batch["filled"])
        offsets = layout.offsets * self.args.n_agents
        inputs = self.mac.build_packed_inputs(batch, layout)
        shape = (len(layout.rows), self.args.n_agents, -1)
        hidden = packed_hidden(self.mac.rnn_agent, inputs, offsets).view(shape)
        qs = self.mac.rnn_agent.fc2(hidden)
        with th.no_grad():
            target_hidden = packed_hidden(self.target_mac.rnn_agent, inputs, offsets).view(shape)
            target_qs = self.target_mac.rnn_agent.fc2(target_hidden)
        current = layout.rows[layout.current]
        values = AgentValues(
            qs=qs[layout.current],
            hidden=hidden[layout.current],
            next_qs=qs.detach()[layout.first :],
            next_target_qs=target_qs[layout.first :],
            next_target_hidden=target_hidden[layout.first :],
            avail=batch["avail_actions"].flatten(0, 1)[current],
            actions=batch["actions"].flatten(0, 1)[current],
        )
        return values, packed_transitions(batch, layout)

    def _joint_loss(self, agents: AgentValues, step: Transitions) -> tuple[th.Tensor, Stats]:
        """Return the weighted sum of the three losses, and statistics."""
        args, mask = self.args, step.mask
        taken = th.zeros_like(agents.qs).scatter(-1, agents.actions, 1.0)
        joint = self.mixer(step.state, agents.hidden, taken)
        v = self.mixer.state_value(step.state)
        with th.no_grad():
            chooser = agents.next_qs if args.double_q else agents.next_target_qs
            greedy = greedy_onehot(chooser, step.next_avail)
            next_joint = self.target_mixer(step.next_state, agents.next_target_hidden, greedy)
            targets = one_step_targets(step.reward, step.terminated, next_joint, args.gamma)
            best = greedy_onehot(agents.qs, agents.avail)
            joint_of_best = self.mixer(step.state, agents.hidden, best)
        taken_sum = (agents.qs * taken).sum((-2, -1)).unsqueeze(-1)
        best_sum = (agents.qs * best).sum((-2, -1)).unsqueeze(-1)

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
