"""Counterfactual multi-agent policy gradients (COMA)."""

import copy
from typing import ClassVar

import torch as th

from pymarl.backends.transitions import transition_mask
from pymarl.components.episode_batch import EpisodeBatch, Scheme
from pymarl.config.algorithms import COMAConfig
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.controllers.policy import renormalised
from pymarl.learners.base import Learner, Stats, make_optimiser
from pymarl.learners.policy_losses import counterfactual_advantages, policy_gradient_loss
from pymarl.learners.td_targets import masked_squared_error, td_lambda_targets
from pymarl.modules.critics.coma import COMACritic
from pymarl.utils.logging import Logger


class COMALearner(Learner):
    """Trains a centralised critic by TD(lambda), then the actors by counterfactual advantages.

    On-policy: a batch holds exactly the episodes just played. The critic makes one step of its
    optimiser per time step, last step first, and the advantages use the values it gave then. The
    target critic is renewed every ``target_update_interval`` critic steps.
    Source: Foerster et al. 2018 (arXiv 1705.08926), algorithm 1; PyMARL
    ``learners/coma_learner.py``. Deviation: see :class:`Learner`; padded steps are left out of the
    critic's batches instead of being multiplied by 0.
    """

    COUNTERS: ClassVar[tuple[str, ...]] = (
        "updates",
        "critic_training_steps",
        "last_target_update_step",
    )
    args: COMAConfig

    def __init__(self, mac: BasicMAC, scheme: Scheme, logger: Logger, args: COMAConfig) -> None:
        """Build critic, target critic and one optimiser each for agents and critic."""
        super().__init__(mac, scheme, logger, args)
        self.critic = COMACritic(scheme, args)
        self.target_critic = copy.deepcopy(self.critic)
        self.networks["critic"], self.target_networks["critic"] = self.critic, self.target_critic
        self.agent_params = list(mac.parameters())
        self.critic_params = list(self.critic.parameters())
        self.agent_optimiser = make_optimiser(self.agent_params, args, args.lr)
        self.critic_optimiser = make_optimiser(self.critic_params, args, args.critic_lr)
        self.optimisers["agent_opt"] = self.agent_optimiser
        self.optimisers["critic_opt"] = self.critic_optimiser
        self.critic_training_steps = 0
        self.last_target_update_step = 0

    def train(self, batch: EpisodeBatch, t_env: int, episode_num: int) -> None:
        """Train the critic, make one gradient step of the agents, renew the target critic."""
        mask = transition_mask(batch["filled"])  # (B, T - 1, 1)
        q_values, critic_stats = self.train_critic(batch, mask, t_env)
        loss, stats = self.actor_loss(batch, q_values)
        grad_norm = self.gradient_step(
            loss, self.agent_optimiser, self.agent_params, t_env, "coma_loss"
        )
        self.updates += 1
        steps = self.critic_training_steps - self.last_target_update_step
        if steps >= self.args.target_update_interval:
            self.update_target_networks()
            self.last_target_update_step = self.critic_training_steps
        if self.log_clock.is_due(t_env):
            self.log_stats(critic_stats | stats, t_env)
            self.logger.log_stat("coma_loss", float(loss.detach()), t_env)
            self.logger.log_stat("agent_grad_norm", grad_norm, t_env)

    def critic_targets(self, batch: EpisodeBatch, inputs: th.Tensor, mask: th.Tensor) -> th.Tensor:
        """Return TD(lambda) targets (B, T - 1, N) from the target critic, for the actions taken."""
        with th.no_grad():
            values = self.target_critic(inputs).gather(3, batch["actions"]).squeeze(3)
        return td_lambda_targets(
            batch["reward"][:, :-1],
            batch["terminated"][:, :-1],
            mask,
            values[:, 1:],
            self.args.gamma,
            self.args.td_lambda,
        )

    def train_critic(
        self, batch: EpisodeBatch, mask: th.Tensor, t_env: int
    ) -> tuple[th.Tensor, Stats]:
        """Make one critic step per time step, last first.

        Returns:
            (values (B, T - 1, N, A) as the critic gave them before each step, zero in padding;
            statistics, means over the steps).
        """
        inputs = self.critic.build_inputs(batch)
        targets = self.critic_targets(batch, inputs, mask)
        q_values = th.zeros_like(batch["actions_onehot"][:, :-1])
        sums: Stats = {}
        steps = 0
        for t in reversed(range(mask.shape[1])):
            rows = mask[:, t, 0].nonzero().squeeze(1)  # the episodes still running
            if len(rows) == 0:
                continue
            q_t = self.critic(inputs[rows, t])
            q_values[rows, t] = q_t.detach()
            taken = q_t.gather(2, batch["actions"][rows, t]).squeeze(2)
            td_error = taken - targets[rows, t]
            loss = masked_squared_error(td_error, th.ones_like(td_error))
            norm = self.gradient_step(
                loss, self.critic_optimiser, self.critic_params, t_env, "critic_loss"
            )
            steps += 1
            stats = {
                "critic_loss": loss.detach(),
                "critic_grad_norm": th.tensor(norm),
                "td_error_abs": td_error.detach().abs().mean(),
                "q_taken_mean": taken.detach().mean(),
                "target_mean": targets[rows, t].mean(),
            }
            sums = {key: value + sums.get(key, 0.0) for key, value in stats.items()}
        self.critic_training_steps += steps
        return q_values, {key: value / steps for key, value in sums.items()}

    def actor_loss(self, batch: EpisodeBatch, q_values: th.Tensor) -> tuple[th.Tensor, Stats]:
        """Return (policy gradient loss with its graph, statistics).

        Args:
            batch: the episodes.
            q_values: the critic's values (B, T - 1, N, A).
        """
        transitions = self.mac.transitions(batch)
        logits = transitions.current(self.mac.evaluate(transitions))
        avail, actions = transitions.avail, transitions.actions
        pi = renormalised(self.mac.policy(logits, avail), avail)
        counted = transitions.mask.expand(pi.shape[:-1])  # (..., N)
        advantages = counterfactual_advantages(transitions.gather(q_values), pi, actions)
        loss = policy_gradient_loss(pi, actions, advantages, counted)
        with th.no_grad():
            total = counted.sum()
            stats = {
                "advantage_mean": (advantages * counted).sum() / total,
                "pi_max": (pi.max(-1).values * counted).sum() / total,
            }
        return loss, stats
