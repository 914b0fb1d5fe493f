"""What every agent network can do."""

from abc import abstractmethod

import torch as th
from torch import nn

from pymarl.config.schema import Config


class Agent(nn.Module):
    """One agent's network, shared by all agents."""

    def __init__(self, input_shape: int, args: Config) -> None:
        """Make the parameters: ``input_shape`` numbers in, one output per action."""
        super().__init__()

    @abstractmethod
    def init_hidden(self) -> th.Tensor:
        """Return the hidden state (1, H) of an episode's start, on the network's device."""

    @abstractmethod
    def forward(self, inputs: th.Tensor, hidden_state: th.Tensor) -> tuple[th.Tensor, th.Tensor]:
        """Return (outputs (rows, A), hidden states (rows, H)) of one step.

        Args:
            inputs: (rows, input_shape), one row per episode and agent.
            hidden_state: (rows, H), of the step before.
        """
