"""The hidden states of the recurrent agent over packed rows."""

import numpy as np
import torch as th
from numpy.typing import NDArray

from pymarl.modules.agents.rnn_agent import RNNAgent
from pymarl.modules.packed.agent import PackedAgent, agent_parameters


def packed_hidden(agent: RNNAgent, x: th.Tensor, offsets: NDArray[np.int64]) -> th.Tensor:
    """Return hidden states (R, H) of inputs ``x`` (R, I) with a graph to the agent's parameters.

    The packed agent with the identity for its last layer: one small product more than needed, none
    of its own code. Back-propagate before the same agent is called again.
    """
    identity, nothing = th.eye(agent.hidden_dim), th.zeros(agent.hidden_dim)
    # torch leaves Function.apply unannotated.
    hidden: th.Tensor = PackedAgent.apply(  # type: ignore[no-untyped-call]
        x, offsets, agent.workspace, *agent_parameters(agent)[:6], identity, nothing
    )
    return hidden
