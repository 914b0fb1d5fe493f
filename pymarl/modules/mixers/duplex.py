"""The duplex duelling mixer of QPLEX (``dmaq``)."""

import torch as th
from torch import nn

from pymarl.config.value_algorithms import QPLEXConfig
from pymarl.modules.mixers.stacked import perceptron, stacked_outputs

POSITIVE = 1e-10
"""Added to absolute values, so that they are above 0."""


class DuplexMixer(nn.Module):
    """``Q_tot = V_tot(s) + A_tot(s, u)``: any function with the agents' own argmax, and no other.

    With the state's transformation ``Q_i <- w_i(s) Q_i + b_i(s)`` of values and maxima, w > 0
    (``weighted_head``), ``V_tot = sum_i V_i`` and ``A_tot = sum_i lambda_i(s, u) (Q_i - V_i)``,
    which is 0 at the greedy joint action and at most 0 elsewhere, as lambda > 0.
    Source: Wang et al. 2021 (arXiv 2008.01062), section 3; the authors' ``mixers/dmaq_general.py``.
    Deviation: none; their unused ``mixing_embed_dim`` and switches are no keys here.
    """

    def __init__(self, args: QPLEXConfig) -> None:
        """Make the networks for N agents, A actions and states of S numbers."""
        super().__init__()
        self.n_agents, self.n_actions = args.n_agents, args.n_actions
        self.weighted_head, self.minus_one = args.weighted_head, args.is_minus_one
        state_dim, width = args.state_shape, args.hypernet_embed
        self.hyper_w_final = perceptron(state_dim, width, self.n_agents, layers=2)
        self.V = perceptron(state_dim, width, self.n_agents, layers=2)
        self.si_weight = AdvantageCoefficients(args)

    def forward(
        self, agent_qs: th.Tensor, max_qs: th.Tensor, states: th.Tensor, actions: th.Tensor
    ) -> th.Tensor:
        """Return Q_tot (..., 1).

        Args:
            agent_qs: values of the actions taken (..., N).
            max_qs: the agents' largest available values (..., N).
            states: (..., S).
            actions: taken, int64 (..., N, 1).
        """
        lead = agent_qs.shape[:-1]
        rows, taken = states.reshape(-1, states.shape[-1]), actions.reshape(-1, self.n_agents)
        qs, maxima = (self.transformed(values, rows) for values in (agent_qs, max_qs))
        q_tot = duplex_value(qs, maxima, self.si_weight(rows, taken), minus_one=self.minus_one)
        return q_tot.view(*lead, 1)

    def greedy_value(self, max_qs: th.Tensor, states: th.Tensor) -> th.Tensor:
        """Return V_tot (..., 1), what the agents' greedy joint action is worth.

        Arguments as in :meth:`forward`.
        """
        rows = states.reshape(-1, states.shape[-1])
        return self.transformed(max_qs, rows).sum(-1).view(*max_qs.shape[:-1], 1)

    def transformed(self, values: th.Tensor, states: th.Tensor) -> th.Tensor:
        """Return ``w_i(s) values_i + b_i(s)`` (rows, N) of values (..., N) and states (rows, S)."""
        flat = values.reshape(-1, self.n_agents)
        if not self.weighted_head:
            return flat
        shifted: th.Tensor = (self.hyper_w_final(states).abs() + POSITIVE) * flat + self.V(states)
        return shifted


class AdvantageCoefficients(nn.Module):
    """``lambda_i(s, u) = sum_k |key_k(s)| sigmoid(agents_k(s))_i sigmoid(action_k(s, u))_i``.

    Each of the 3K networks has ``adv_hypernet_layers`` linear layers of ``adv_hypernet_embed``.
    Source: Wang et al. 2021 (arXiv 2008.01062), eq. 9; ``mixers/dmaq_si_weight.py``.
    """

    def __init__(self, args: QPLEXConfig) -> None:
        """Make the networks."""
        super().__init__()
        self.n_actions = args.n_actions
        state_dim, layers, width = (
            args.state_shape,
            args.adv_hypernet_layers,
            args.adv_hypernet_embed,
        )
        N, joint = args.n_agents, state_dim + args.n_agents * args.n_actions

        def kernels(inputs: int, outputs: int) -> nn.ModuleList:
            made = (perceptron(inputs, width, outputs, layers) for _ in range(args.num_kernel))
            return nn.ModuleList(made)

        self.key_extractors = kernels(state_dim, 1)
        self.agents_extractors = kernels(state_dim, N)
        self.action_extractors = kernels(joint, N)

    def forward(self, states: th.Tensor, actions: th.Tensor) -> th.Tensor:
        """Return lambda (rows, N) of states (rows, S) and actions, int64 (rows, N)."""
        onehot = nn.functional.one_hot(actions, self.n_actions).flatten(1).float()
        joint = th.cat([states, onehot], dim=1)
        keys = stacked_outputs(list(self.key_extractors), states).abs() + POSITIVE
        agents = stacked_outputs(list(self.agents_extractors), states).sigmoid()
        chosen = stacked_outputs(list(self.action_extractors), joint).sigmoid()
        return (keys * agents * chosen).sum(0)


def duplex_value(
    qs: th.Tensor, max_qs: th.Tensor, coefficients: th.Tensor, *, minus_one: bool
) -> th.Tensor:
    """Return ``sum_i Q_i + sum_i [Q_i - V_i] (lambda_i - 1)``, [x]: no gradient through x.

    In value that is ``sum_i V_i + sum_i lambda_i (Q_i - V_i)``; the gradient to Q_i is 1.

    Args:
        qs: transformed values of the actions taken (..., N).
        max_qs: transformed maxima V_i (..., N).
        coefficients: lambda (..., N), above 0.
        minus_one: whether 1 is taken off (``is_minus_one``); without it lambda + 1 weighs the
            advantages in value.

    Returns:
        (...). Source: Wang et al. 2021 (arXiv 2008.01062), eq. 7, 8 and 10, in the authors' form.
    """
    weights = coefficients - 1 if minus_one else coefficients
    return qs.sum(-1) + ((qs - max_qs).detach() * weights).sum(-1)
