"""The recurrent agent without its memory, as a control."""

import torch as th
from typing_extensions import override

from pymarl.modules.agents.rnn_agent import RNNAgent


class MemorylessAgent(RNNAgent):
    """``q = fc2(GRU(relu(fc1(x)), 0))``: the layers of ``RNNAgent``, no past.

    It has the parameters of the agent it is the control of; only what a step hands to the next one
    is missing.
    """

    @override
    def forward(self, inputs: th.Tensor, hidden_state: th.Tensor) -> tuple[th.Tensor, th.Tensor]:
        outputs, _ = super().forward(inputs, th.zeros_like(hidden_state))
        return outputs, th.zeros_like(hidden_state)
