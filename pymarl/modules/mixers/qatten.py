"""The attention mixer of Qatten."""

from typing import cast

import torch as th
from torch import nn

from pymarl.config.algorithms import MixingConfig
from pymarl.modules.mixers.base import Mixer
from pymarl.modules.mixers.stacked import perceptron, stacked_outputs


class QattenMixer(Mixer):
    """``Q_tot = sum_h w_h(s) sum_i lambda_hi Q_i + c(s)``, monotone in every agent's value.

    ``lambda_h = softmax_i(query_h(s) . key_h(u_i) / sqrt(D))`` for each of H heads; u_i is agent
    i's own row of the state, ``w_h = |MLP(s)_h|`` (1 with ``type: unweighted``), c a value of the
    state alone.
    Source: Yang et al. 2020 (arXiv 2002.03939), section 4; PyMARL2 ``modules/mixers/qatten.py``.
    Deviation: the width of the rows comes from the environment (``unit_dim``; PyMARL2 works it out
    from SMAC's map); where the state has no rows, u_i is agent i's one-hot number.
    """

    def __init__(self, args: MixingConfig) -> None:
        """Make the networks for N agents and states of S numbers."""
        super().__init__(args)
        self.n_agents, self.unit_dim = args.n_agents, args.sizes.unit_dim
        # The configuration guarantees that these are set when mixer is qatten.
        heads, self.embed_dim = (
            cast(int, value) for value in (args.n_attention_head, args.n_query_embedding_layer2)
        )
        self.weighted = args.type == "weighted"
        state_dim = args.state_shape

        def two_layers(width: int | None, outputs: int) -> nn.Module:
            return perceptron(state_dim, cast(int, width), outputs, layers=2)

        self.query_embedding_layers = nn.ModuleList(
            two_layers(args.n_query_embedding_layer1, self.embed_dim) for _ in range(heads)
        )
        self.key_embedding_layers = nn.ModuleList(
            nn.Linear(self.unit_dim or self.n_agents, self.embed_dim) for _ in range(heads)
        )
        # PyMARL2 makes it in both types; saved models have it.
        self.head_embedding_layer = two_layers(args.n_head_embedding_layer1, heads)
        self.constrant_value_layer = two_layers(args.n_constrant_value, 1)

    def forward(self, agent_qs: th.Tensor, states: th.Tensor) -> th.Tensor:
        """Return Q_tot (..., 1) of agent values (..., N) and states (..., S)."""
        rows = states.reshape(-1, states.shape[-1])
        qs = agent_qs.reshape(-1, self.n_agents)
        head_qs = (self.attention(rows) * qs).sum(-1)  # (H, rows)
        if self.weighted:
            head_qs = head_qs * self.head_embedding_layer(rows).abs().T
        q_tot: th.Tensor = head_qs.sum(0).unsqueeze(1) + self.constrant_value_layer(rows)
        return q_tot.view(*agent_qs.shape[:-1], 1)

    def attention(self, states: th.Tensor) -> th.Tensor:
        """Return lambda (H, rows, N), which sums to 1 over agents, of states (rows, S)."""
        queries = stacked_outputs(list(self.query_embedding_layers), states)
        if self.unit_dim:
            units = states[:, : self.n_agents * self.unit_dim].reshape(-1, self.unit_dim)
        else:
            units = th.eye(self.n_agents, device=states.device)
        keys = stacked_outputs(list(self.key_embedding_layers), units)
        return attention_weights(queries, keys.view(len(keys), -1, self.n_agents, self.embed_dim))


def attention_weights(queries: th.Tensor, keys: th.Tensor) -> th.Tensor:
    """Return ``softmax_i(query . key_i / sqrt(D))``.

    Args:
        queries: (H, rows, D).
        keys: (H, rows, N, D); one row stands for all.

    Returns:
        (H, rows, N). Source: Yang et al. 2020 (arXiv 2002.03939), eq. 9; PyMARL2. Deviation: none.
    """
    logits = (keys @ queries.unsqueeze(-1)).squeeze(-1) / queries.shape[-1] ** 0.5
    weights: th.Tensor = logits.softmax(-1)
    return weights
