"""Q-learning on whole episodes: IQL, VDN and QMIX."""

import copy

import torch as th

from pymarl.components.episode_batch import EpisodeBatch, Scheme
from pymarl.config.algorithms import QLearnerConfig
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.learners.base import Stats, make_optimiser
from pymarl.learners.replay_learner import ReplayLearner
from pymarl.learners.targets import (
    masked_squared_error,
    max_action_values,
    one_step_targets,
    transition_mask,
)
from pymarl.learners.unroll import (
    Transitions,
    lambda_targets,
    packed_transitions,
    padded_transitions,
    unroll,
)
from pymarl.modules.mixers import REGISTRY as mixer_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.modules.mixers.base import Mixer
from pymarl.modules.packed.agent import packed_q, packed_values
from pymarl.modules.packed.layout import pack_layout
from pymarl.modules.packed.rows import best_action_values
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
        self.params = list(mac.parameters())
        self.mixer: Mixer | None = None
        self.target_mixer: Mixer | None = None
        if args.mixer is not None:
            self.mixer = mixer_REGISTRY[args.mixer](args)
            self.params += list(self.mixer.parameters())
            self.target_mixer = copy.deepcopy(self.mixer)
            self.networks["mixer"], self.targets["mixer"] = self.mixer, self.target_mixer
        self.optimiser = make_optimiser(self.params, args, args.lr)
        self.optimisers["opt"] = self.optimiser
        self.target_mac = copy.deepcopy(mac)
        self.targets["agent"] = self.target_mac.agent

    def loss(self, batch: EpisodeBatch) -> tuple[th.Tensor, Stats]:
        """Return (loss with its graph, statistics to log) of a batch."""
        if self.packs:
            return self._packed_loss(batch)
        return self._padded_loss(batch)

    def _padded_loss(self, batch: EpisodeBatch) -> tuple[th.Tensor, Stats]:
        """The loss as PyMARL computes it: the cell unrolled step by step over padded episodes."""
        qs = unroll(self.mac, batch)  # (B, T, N, A)
        chosen = qs[:, :-1].gather(3, batch["actions"][:, :-1]).squeeze(3)
        # PyMARL builds the graph of the target network, too, and never uses it. The reference form
        # keeps that cost, so that ratios to it are ratios to PyMARL.
        with th.set_grad_enabled(not self.args.fast):
            next_qs = unroll(self.target_mac, batch)[:, 1:]
        step = padded_transitions(batch, transition_mask(batch["filled"]))
        return self._td_loss(chosen, next_qs, qs.detach()[:, 1:], step)

    def _packed_loss(self, batch: EpisodeBatch) -> tuple[th.Tensor, Stats]:
        """The same loss up to float32 rounding, computed over real steps only."""
        layout = pack_layout(batch["filled"])
        offsets = layout.offsets * self.args.n_agents
        agent, target = self.mac.rnn_agent, self.target_mac.rnn_agent
        inputs = self.mac.build_packed_inputs(batch, layout)
        shape = (len(layout.rows), self.args.n_agents, -1)
        qs = packed_values(agent, inputs, offsets).view(shape)
        next_qs = packed_q(target, inputs, offsets).view(shape)[layout.first :]
        actions = batch["actions"].flatten(0, 1)[layout.rows]
        chosen = qs.gather(2, actions).squeeze(2)[layout.current]
        step = packed_transitions(batch, layout)
        return self._td_loss(chosen, next_qs, qs.detach()[layout.first :], step)

    def _td_loss(
        self, chosen: th.Tensor, next_qs: th.Tensor, online_qs: th.Tensor, step: Transitions
    ) -> tuple[th.Tensor, Stats]:
        """Return loss and statistics from the agents' values; leading axes: (B, T) or (rows,).

        Args:
            chosen: values of the actions taken, (..., N), with graph.
            next_qs: target network's values of the moments after, (..., N, A).
            online_qs: online network's values of the moments after, (..., N, A), without graph.
            step: the rest of the transitions.
        """
        gamma, td_lambda = self.args.gamma, self.args.td_lambda
        with th.no_grad():
            online = online_qs if self.args.double_q else None
            best_of = best_action_values if self.packs else max_action_values
            values = best_of(next_qs, online, step.next_avail)
            if self.target_mixer is not None:
                values = self.target_mixer(values, step.next_state)
            if td_lambda == 0:
                targets = one_step_targets(step.reward, step.terminated, values, gamma)
            else:
                targets = lambda_targets(step, values, gamma, td_lambda)
        if self.mixer is not None:
            chosen = self.mixer(chosen, step.state)

        td_error = chosen - targets
        mask = step.mask.expand_as(td_error)
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
