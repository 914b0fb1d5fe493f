"""The unrestricted mixers of weighted QMIX's central value Q*."""

from typing import cast

import torch as th

from pymarl.config.value_algorithms import WeightedQMIXConfig
from pymarl.modules.mixers.base import Mixer
from pymarl.modules.mixers.stacked import perceptron


class CentralMixer(Mixer):
    """``Q*(s, u) = net([s, q]) + V(s)``, any function of the utilities q of the actions taken.

    net has three hidden ReLU layers of ``central_mixing_embed_dim`` units, V has one.
    Source: Rashid et al. 2020 (arXiv 2006.10800), section 5.1; the authors'
    ``mixers/qmix_central_no_hyper.py``. Deviation: an agent has one utility per action
    (``central_action_embed`` 1, as in all their settings).
    """

    def __init__(self, args: WeightedQMIXConfig) -> None:
        """Make the networks for N agents and states of S numbers."""
        super().__init__(args)
        state_dim, width = args.state_shape, args.central_mixing_embed_dim
        self.net = perceptron(state_dim + args.n_agents, width, 1, layers=4)
        self.V = perceptron(state_dim, width, 1, layers=2)

    def forward(self, agent_qs: th.Tensor, states: th.Tensor) -> th.Tensor:
        """Return Q* (..., 1) of utilities (..., N) and states (..., S)."""
        q_star: th.Tensor = self.net(th.cat([states, agent_qs], dim=-1)) + self.V(states)
        return q_star


class CentralAttentionMixer(Mixer):
    """``Q*(s, u) = net((sum_i alpha_mi(s) q_i)_m) + V(s)`` with M = ``central_mixing_embed_dim``.

    alpha_m is a softmax over agents of what a network of the state gives (one hidden ReLU layer of
    ``hypernet_embed`` units); net has two hidden layers of M units, V one.
    Source: Rashid et al. 2020 (arXiv 2006.10800), section 6.3 (corridor); the authors'
    ``mixers/qmix_central_attention.py``. Deviation: as :class:`CentralMixer`.
    """

    def __init__(self, args: WeightedQMIXConfig) -> None:
        """Make the networks for N agents and states of S numbers."""
        super().__init__(args)
        self.n_agents, self.width = args.n_agents, args.central_mixing_embed_dim
        # The configuration guarantees that it is set with central_mixer=atten.
        hidden = cast(int, args.hypernet_embed)
        sums = self.width * args.n_agents
        self.atten_layer = perceptron(args.state_shape, hidden, sums, layers=2)
        self.net = perceptron(self.width, self.width, 1, layers=3)
        self.V = perceptron(args.state_shape, self.width, 1, layers=2)

    def forward(self, agent_qs: th.Tensor, states: th.Tensor) -> th.Tensor:
        """Return Q* (..., 1) of utilities (..., N) and states (..., S)."""
        weights = self.atten_layer(states).unflatten(-1, (self.n_agents, self.width)).softmax(-2)
        sums = (agent_qs.unsqueeze(-2) @ weights).squeeze(-2)
        q_star: th.Tensor = self.net(sums) + self.V(states)
        return q_star


CENTRAL_MIXERS: dict[str, type[Mixer]] = {"ff": CentralMixer, "atten": CentralAttentionMixer}
"""By ``central_mixer``. They are no ``mixer``: agents' own argmax would not be theirs."""
