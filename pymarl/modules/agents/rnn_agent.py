"""The recurrent agent of PyMARL."""

import torch as th
from torch import nn

from pymarl.config.schema import Config
from pymarl.modules.agents.base import Agent


class RNNAgent(Agent):
    """``q = fc2(h)``, ``h = GRU(relu(fc1(x)), h)``; shared by all agents.

    Source: PyMARL ``modules/agents/rnn_agent.py``. Deviation: none.
    """

    def __init__(self, input_shape: int, args: Config) -> None:
        """Make the layers: ``input_shape`` -> H -> GRU H -> A."""
        super().__init__(input_shape, args)
        self.hidden_dim = args.rnn_hidden_dim
        self.fc1 = nn.Linear(input_shape, args.rnn_hidden_dim)
        self.rnn = nn.GRUCell(args.rnn_hidden_dim, args.rnn_hidden_dim)
        self.fc2 = nn.Linear(args.rnn_hidden_dim, args.n_actions)

    def init_hidden(self) -> th.Tensor:
        """Return the hidden state (1, H) of an episode's start: zeros on the network's device."""
        return self.fc1.weight.new_zeros(1, self.hidden_dim)

    def forward(self, inputs: th.Tensor, hidden_state: th.Tensor) -> tuple[th.Tensor, th.Tensor]:
        """Return (q (rows, A), h (rows, H)) of one step.

        Args:
            inputs: (rows, input_shape), one row per episode and agent.
            hidden_state: (rows, H).
        """
        hidden = self.rnn(th.relu(self.fc1(inputs)), hidden_state)
        return self.fc2(hidden), hidden
