"""The controller whose agents share one network."""

from collections.abc import Iterator
from typing import cast

import torch as th
from torch import nn

from pymarl.backends.choice import sequence_backend
from pymarl.backends.interface import AgentOutputs
from pymarl.backends.transitions import Transitions
from pymarl.components.action_selectors import REGISTRY as action_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.components.episode_batch import EpisodeBatch, Groups, Scheme
from pymarl.config.schema import Config
from pymarl.controllers.policy import action_probabilities
from pymarl.modules.agents import REGISTRY as agent_REGISTRY  # noqa: N811 - PyMARL's name


class BasicMAC:
    """One agent network for all agents.

    Its inputs are the observation and, where configured, the last action and the agent's number.

    Attributes:
        backend: how the agents are computed, chosen once, here; a copy has a backend of its own.

    Source: PyMARL ``controllers/basic_controller.py``. Deviation: acting builds no autograd graph
        (with ``fast``), and exploration noise is an argument.
    """

    def __init__(self, scheme: Scheme, groups: Groups, args: Config) -> None:
        """Build the agent for the scheme's observation and the configured extra inputs."""
        self.n_agents = groups["agents"]
        self.args = args
        self.input_shape = self._input_shape(scheme)
        self.agent = agent_REGISTRY[args.agent](self.input_shape, args)
        self.action_selector = action_REGISTRY[args.action_selector](args)
        self.hidden_states = self.agent.init_hidden()
        self.backend = sequence_backend(self, args, is_basic_mac=type(self) is BasicMAC)

    def select_actions(
        self,
        ep_batch: EpisodeBatch,
        t_ep: int,
        t_env: int,
        noise: th.Tensor,
        bs: slice = slice(None),
        test_mode: bool = False,
    ) -> th.Tensor:
        """Return the actions (B, N) of step ``t_ep`` for the episodes ``bs``.

        ``noise`` holds uniform numbers in [0, 1), (B, 2, N), as the action selector takes them.
        """
        avail_actions = ep_batch["avail_actions"][bs, t_ep]
        # PyMARL builds a graph while acting and never uses it; the reference form (fast: false) has
        # that cost, too, so that ratios to it are ratios to PyMARL.
        with th.set_grad_enabled(not self.args.fast):
            agent_outputs = self.act(ep_batch, t_ep)[bs]
            if self.args.agent_output_type == "pi_logits":
                self.action_selector.anneal(t_env, test_mode)
                available = avail_actions.to(agent_outputs.device)
                agent_outputs = self.policy(agent_outputs, available)
        return self.action_selector.select_action(
            agent_outputs.detach(), avail_actions, noise, t_env, test_mode
        )

    def policy(self, agent_outputs: th.Tensor, avail_actions: th.Tensor) -> th.Tensor:
        """Return the probabilities (..., A) of logits, with the floor of the selector's epsilon.

        After a training rollout that is the epsilon it was played with.
        """
        return action_probabilities(
            agent_outputs,
            avail_actions,
            self.action_selector.epsilon,
            mask_before_softmax=self.args.mask_before_softmax,
        )

    def act(self, ep_batch: EpisodeBatch, t: int) -> th.Tensor:
        """Return what :meth:`forward` returns, computed by the backend."""
        return self.backend.act(self, ep_batch, t)

    def transitions(self, batch: EpisodeBatch) -> Transitions:
        """Return the transitions of a batch on the networks' device, for :meth:`evaluate`."""
        return self.backend.transitions(self, batch)

    def evaluate(self, transitions: Transitions) -> th.Tensor:
        """Return the agents' outputs (..., N, A) at all steps, from fresh hidden states.

        "..." are the axes of steps, padded or packed (``backends/transitions.py``). Back-propagate
        before this controller evaluates again.
        """
        return self.backend.evaluate(self, transitions)

    def evaluate_with_hidden(self, transitions: Transitions) -> AgentOutputs:
        """Return what :meth:`evaluate` returns, and the hidden states (..., N, H)."""
        return self.backend.evaluate_with_hidden(self, transitions)

    def forward(self, ep_batch: EpisodeBatch, t: int) -> th.Tensor:
        """Return the agents' outputs (B, N, A) at step ``t`` and advance the hidden states.

        Action values or logits, as the network gives them. Deviation from PyMARL, whose ``forward``
        already turns logits into probabilities: that is :meth:`policy` here.
        """
        # Runners keep their batches on the CPU; learners have moved theirs already.
        inputs = self.build_inputs(ep_batch, t).to(self.args.device)
        outputs, self.hidden_states = self.agent(inputs, self.hidden_states)
        return cast(th.Tensor, outputs).view(ep_batch.batch_size, self.n_agents, -1)

    def init_hidden(self, batch_size: int) -> None:
        """Reset the hidden states to those of ``batch_size`` fresh episodes: (B * N, H)."""
        self.hidden_states = self.agent.init_hidden().expand(batch_size * self.n_agents, -1)

    def build_inputs(self, batch: EpisodeBatch, t: int) -> th.Tensor:
        """Return the agent inputs (B * N, I) of step ``t``.

        In this order: observation, one-hot last action (zeros at step 0), one-hot agent number.
        """
        parts = [batch["obs"][:, t]]
        if self.args.obs_last_action:
            onehot = batch["actions_onehot"]
            parts.append(th.zeros_like(onehot[:, t]) if t == 0 else onehot[:, t - 1])
        if self.args.obs_agent_id:
            eye = th.eye(self.n_agents, device=batch.device)
            parts.append(eye.unsqueeze(0).expand(batch.batch_size, -1, -1))
        return th.cat(parts, dim=2).view(batch.batch_size * self.n_agents, -1)

    def _input_shape(self, scheme: Scheme) -> int:
        """Return I, the width of the agent's input."""
        width = scheme["obs"].vshape[0]
        width += scheme["actions_onehot"].vshape[0] if self.args.obs_last_action else 0
        return width + (self.n_agents if self.args.obs_agent_id else 0)

    def parameters(self) -> Iterator[nn.Parameter]:
        """Return the agent's parameters."""
        return self.agent.parameters()

    def load_state(self, other: "BasicMAC") -> None:
        """Copy the parameters of another controller of the same shape."""
        self.agent.load_state_dict(other.agent.state_dict())
