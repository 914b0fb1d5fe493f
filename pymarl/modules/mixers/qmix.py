"""The monotone mixing network of QMIX."""

from typing import cast

import torch as th
from torch import nn

from pymarl.config.algorithms import MixingConfig
from pymarl.modules.mixers.base import Mixer


class QMixer(Mixer):
    """``Q_tot = |w2(s)|^T elu(|w1(s)|^T q + b1(s)) + v(s)``, monotone in every agent's value.

    w1 (N x M), w2 (M), b1 (M) and v come from hypernetworks of the state: linear with
    ``hypernet_layers`` 1, one hidden ReLU layer of ``hypernet_embed`` units with 2; v always has a
    hidden layer of M units.
    Source: Rashid et al. 2018 (arXiv 1803.11485), section 4.1; PyMARL ``modules/mixers/qmix.py``.
    Deviation: none.
    """

    def __init__(self, args: MixingConfig) -> None:
        """Make the hypernetworks for N agents and states of S numbers."""
        super().__init__(args)
        self.n_agents = args.n_agents
        # The configuration guarantees that these are set when mixer is qmix.
        self.embed_dim = cast(int, args.mixing_embed_dim)
        layers, hidden = cast(int, args.hypernet_layers), cast(int, args.hypernet_embed)
        state_dim = args.state_shape

        def hypernet(out_dim: int) -> nn.Module:
            if layers == 1:
                return nn.Linear(state_dim, out_dim)
            return nn.Sequential(
                nn.Linear(state_dim, hidden), nn.ReLU(), nn.Linear(hidden, out_dim)
            )

        self.hyper_w_1 = hypernet(self.embed_dim * self.n_agents)
        self.hyper_w_final = hypernet(self.embed_dim)
        self.hyper_b_1 = nn.Linear(state_dim, self.embed_dim)
        self.V = nn.Sequential(
            nn.Linear(state_dim, self.embed_dim), nn.ReLU(), nn.Linear(self.embed_dim, 1)
        )

    def forward(self, agent_qs: th.Tensor, states: th.Tensor) -> th.Tensor:
        """Return Q_tot (..., 1) of agent values (..., N) and states (..., S)."""
        lead = agent_qs.shape[:-1]
        rows = states.reshape(-1, states.shape[-1])
        qs = agent_qs.reshape(-1, 1, self.n_agents)
        w1 = self.hyper_w_1(rows).abs().view(-1, self.n_agents, self.embed_dim)
        b1 = self.hyper_b_1(rows).unsqueeze(1)
        hidden = nn.functional.elu(th.bmm(qs, w1) + b1)  # (rows, 1, M)
        w_final = self.hyper_w_final(rows).abs().unsqueeze(2)
        q_tot: th.Tensor = th.bmm(hidden, w_final).squeeze(2) + self.V(rows)
        return q_tot.view(*lead, 1)
