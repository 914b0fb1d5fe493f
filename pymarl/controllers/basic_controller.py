"""The controller whose agents share one network."""

from collections.abc import Iterator
from typing import cast

import numpy as np
import torch as th
from numpy.typing import NDArray
from torch import nn

from pymarl.components.action_selectors import REGISTRY as action_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.components.episode_batch import EpisodeBatch, Groups, Scheme
from pymarl.config.schema import Config
from pymarl.controllers.policy import action_probabilities
from pymarl.modules.agents import REGISTRY as agent_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.modules.agents.rnn_agent import RNNAgent
from pymarl.modules.packed.acting import step_values
from pymarl.modules.packed.agent import agent_parameters
from pymarl.modules.packed.layout import Layout
from pymarl.modules.packed.rows import gather_inputs

F32 = NDArray[np.float32]
Weights = tuple[F32, F32, F32, F32, F32, F32, F32, F32]


class BasicMAC:
    """One agent network for all agents.

    Its inputs are the observation and, where configured, the last action and the agent's number.

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
        self._no_actions = th.full((1, 1), -1, dtype=th.long)

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
        """Return what :meth:`forward` returns, by the compiled path where it applies."""
        if not (self.args.fast and self.args.device == "cpu" and type(self.agent) is RNNAgent):
            return self.forward(ep_batch, t)
        lead = (ep_batch.batch_size, self.n_agents)
        last = self._no_actions.expand(lead) if t == 0 else ep_batch["actions"][:, t - 1, :, 0]
        # The kernel updates its hidden states in place; a fresh episode's are a view of zeros.
        self.hidden_states = self.hidden_states.contiguous()
        outputs = th.empty(*lead, self.args.n_actions)
        step_values(
            ep_batch["obs"][:, t].numpy(),
            last.numpy(),
            self.args.obs_last_action,
            self.args.obs_agent_id,
            self._weights(),
            self.hidden_states.view(*lead, -1).numpy(),
            outputs.numpy(),
        )
        return outputs

    @property
    def rnn_agent(self) -> RNNAgent:
        """Return the agent where the caller knows that it is an ``RNNAgent``."""
        return cast(RNNAgent, self.agent)

    def _weights(self) -> Weights:
        """Return the agent's parameters as the acting kernel takes them."""
        return cast(Weights, tuple(p.detach().numpy() for p in agent_parameters(self.rnn_agent)))

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

    def build_packed_inputs(self, batch: EpisodeBatch, layout: Layout) -> th.Tensor:
        """Return the inputs (R * N, I) of all real steps at once.

        Rows are ordered as in ``layout``, agents inside a row; each equals that of
        :meth:`build_inputs`. They lie in the agent's workspace: valid until the next call.
        """
        args = self.args
        x = self.rnn_agent.workspace.array("x", len(layout.rows), self.n_agents, self.input_shape)
        gather_inputs(
            batch["obs"].flatten(0, 1).numpy(),
            batch["actions"].flatten(0, 1)[:, :, 0].numpy(),
            layout.rows.numpy(),
            layout.first,
            args.n_actions if args.obs_last_action else 0,
            args.obs_agent_id,
            x,
        )
        return th.from_numpy(x).flatten(0, 1)

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
