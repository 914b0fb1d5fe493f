"""The joint value networks of QTRAN-base."""

import torch as th
from torch import nn

from pymarl.config.algorithms import QTRANConfig

HIDDEN_LAYERS = {"small": 2, "big": 3}


class QTranBase(nn.Module):
    """``Q(s, u)``, any function of the joint action, and ``V(s)``, what the agents cannot see.

    ``qtran_paper``: Q reads the state and the sum over agents of an encoding of (hidden state,
    one-hot action), of as many numbers. ``coma_critic``: Q reads the state and all one-hot actions.
    Q and V have 2 (``small``) or 3 (``big``) hidden ReLU layers of ``mixing_embed_dim`` units.
    Source: Son et al. 2019 (arXiv 1905.05408), section 4 and appendix; PyMARL
    ``modules/mixers/qtran.py``. Deviation: none.
    """

    def __init__(self, args: QTRANConfig) -> None:
        """Make the networks for N agents, A actions, hidden states of H and states of S numbers."""
        super().__init__()
        self.arch = args.qtran_arch
        encoding = args.rnn_hidden_dim + args.n_actions
        joint = args.n_agents * args.n_actions if self.arch == "coma_critic" else encoding
        layers, width = HIDDEN_LAYERS[args.network_size], args.mixing_embed_dim
        self.Q = _perceptron(args.state_shape + joint, width, layers)
        self.V = _perceptron(args.state_shape, width, layers)
        self.action_encoding = nn.Sequential(
            nn.Linear(encoding, encoding), nn.ReLU(), nn.Linear(encoding, encoding)
        )

    def forward(
        self, states: th.Tensor, hidden_states: th.Tensor, actions_onehot: th.Tensor
    ) -> th.Tensor:
        """Return Q (..., 1).

        Args:
            states: (..., S).
            hidden_states: the agents' (..., N, H).
            actions_onehot: the joint action, float (..., N, A).
        """
        if self.arch == "coma_critic":
            joint = actions_onehot.flatten(-2)
        else:
            joint = self.action_encoding(th.cat([hidden_states, actions_onehot], dim=-1)).sum(-2)
        value: th.Tensor = self.Q(th.cat([states, joint], dim=-1))
        return value

    def state_value(self, states: th.Tensor) -> th.Tensor:
        """Return V (..., 1) of states (..., S)."""
        value: th.Tensor = self.V(states)
        return value


def _perceptron(inputs: int, width: int, hidden_layers: int) -> nn.Sequential:
    """Return ``hidden_layers`` ReLU layers of ``width`` units and one output."""
    layers: list[nn.Module] = []
    for _ in range(hidden_layers):
        layers += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(width, 1))
