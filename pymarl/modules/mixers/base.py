"""What every mixer can do."""

from abc import abstractmethod

import torch as th
from torch import nn

from pymarl.config.algorithms import MixingConfig


class Mixer(nn.Module):
    """Joins the agents' values of one moment to a team value."""

    def __init__(self, args: MixingConfig) -> None:
        """Make the parameters; sizes come from ``args``."""
        super().__init__()

    @abstractmethod
    def forward(self, agent_qs: th.Tensor, states: th.Tensor) -> th.Tensor:
        """Return Q_tot (..., 1) of agent values (..., N) and states (..., S).

        The leading axes are free.
        """
