"""What a backend does for a controller, and what it needs of one."""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple, Protocol

import torch as th

from pymarl.backends.transitions import Transitions
from pymarl.components.episode_batch import EpisodeBatch
from pymarl.config.schema import Config
from pymarl.modules.agents.base import Agent
from pymarl.modules.mixers.base import Mixer


class AgentOutputs(NamedTuple):
    """What the agents compute over a batch; "..." are the axes of its steps, (B, T) or (R,)."""

    outputs: th.Tensor  # action values or logits (..., N, A)
    hidden: th.Tensor  # hidden states (..., N, H)


class SequenceController(Protocol):
    """What backends need of a controller: see ``BasicMAC``."""

    agent: Agent
    args: Config
    n_agents: int
    input_shape: int
    hidden_states: th.Tensor

    def init_hidden(self, batch_size: int) -> None:
        """Reset the hidden states to those of fresh episodes: (B * N, H)."""

    def forward(self, ep_batch: EpisodeBatch, t: int) -> th.Tensor:
        """Return the agents' outputs (B, N, A) at step ``t`` and advance the hidden states."""


class SequenceBackend(ABC):
    """One form of computing a controller's agents, over whole batches and while acting.

    A backend belongs to one controller, which hands itself in with every call; transitions go to
    backends of the class that made them.

    Attributes:
        description: what the log says.
    """

    description: ClassVar[str]

    @abstractmethod
    def transitions(self, mac: SequenceController, batch: EpisodeBatch) -> Transitions:
        """Return the transitions of a batch in this backend's form.

        Args:
            mac: the controller.
            batch: episodes on the networks' device, each filled from step 0 without gaps.
        """

    @abstractmethod
    def evaluate(self, mac: SequenceController, transitions: Transitions) -> th.Tensor:
        """Return the agents' outputs (..., N, A) at all steps, from fresh hidden states.

        They have a graph to the agent's parameters where gradients are on. Back-propagate before
        the same controller evaluates again.
        """

    @abstractmethod
    def evaluate_with_hidden(
        self, mac: SequenceController, transitions: Transitions
    ) -> AgentOutputs:
        """Return what :meth:`evaluate` returns, and the hidden states."""

    @abstractmethod
    def act(self, mac: SequenceController, batch: EpisodeBatch, t: int) -> th.Tensor:
        """Return the agents' outputs (B, N, A) at step ``t`` and advance the hidden states."""

    @abstractmethod
    def best_action_values(
        self, target_qs: th.Tensor, online_qs: th.Tensor | None, avail_actions: th.Tensor
    ) -> th.Tensor:
        """Return the value (..., N) of every agent's best available action, without a graph.

        The formula: ``backends.reference_backend.best_action_values``.

        Args:
            target_qs: values of the target network (..., N, A).
            online_qs: values of the online network at the same steps, or None.
            avail_actions: zeros and ones (..., N, A).
        """

    def mix(self, mixer: Mixer, agent_qs: th.Tensor, states: th.Tensor) -> th.Tensor:
        """Return Q_tot (..., 1) of agent values (..., N) and states (..., S)."""
        q_tot: th.Tensor = mixer(agent_qs, states)
        return q_tot
