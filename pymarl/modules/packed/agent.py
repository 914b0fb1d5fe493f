"""The recurrent agent over packed rows as one differentiable function."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch as th
from numpy.typing import NDArray

from pymarl.modules.agents.rnn_agent import RNNAgent
from pymarl.modules.packed import kernels

F32 = NDArray[np.float32]


def agent_parameters(agent: RNNAgent) -> tuple[th.Tensor, ...]:
    """Return the agent's parameters in the order :class:`PackedAgent` takes them."""
    fc1, rnn, fc2 = agent.fc1, agent.rnn, agent.fc2
    gru = (rnn.weight_ih, rnn.bias_ih, rnn.weight_hh, rnn.bias_hh)
    return (fc1.weight, fc1.bias, *gru, fc2.weight, fc2.bias)


def hidden_rows(x: F32, offsets: NDArray[np.int64], weights: Sequence[F32]) -> tuple[F32, ...]:
    """Return (h, x1, r, z, n, ghn), each (R, H), of the GRU over all rows.

    ``weights`` are ordered as in :func:`agent_parameters`.
    """
    w1, b1, w_ih, b_ih, w_hh, b_hh = weights[:6]
    n_rows, hidden = len(x), len(w1)
    largest = int(np.diff(offsets).max())
    gi, gh = np.empty((n_rows, 3 * hidden), np.float32), np.empty((largest, 3 * hidden), np.float32)
    x1, r, z, n, ghn, h = np.empty((6, n_rows, hidden), np.float32)
    kernels.forward(x, offsets, w1, b1, w_ih, b_ih, w_hh, b_hh, x1, gi, gh, r, z, n, ghn, h)
    return h, x1, r, z, n, ghn


def packed_q(agent: RNNAgent, x: th.Tensor, offsets: NDArray[np.int64]) -> th.Tensor:
    """Return action values (R, A) of inputs ``x`` (R, I) without a graph (target networks)."""
    with th.no_grad():
        weights = [tensor.detach().numpy() for tensor in agent_parameters(agent)]
        hidden = th.from_numpy(hidden_rows(x.numpy(), offsets, weights)[0])
        return th.addmm(agent.fc2.bias, hidden, agent.fc2.weight.T)


class PackedAgent(th.autograd.Function):
    """``q = fc2(GRU(relu(fc1(x))))`` over packed rows.

    Gradients go to the parameters, none to the inputs.
    """

    @staticmethod
    def forward(
        ctx: Any, x: th.Tensor, offsets: NDArray[np.int64], *parameters: th.Tensor
    ) -> th.Tensor:
        """Return action values (R, A); ``parameters`` as in :func:`agent_parameters`."""
        weights = [tensor.detach().numpy() for tensor in parameters]
        ctx.rows = hidden_rows(x.numpy(), offsets, weights)
        ctx.x, ctx.offsets, ctx.weights = x.numpy(), offsets, weights
        return th.addmm(parameters[7], th.from_numpy(ctx.rows[0]), parameters[6].T)

    @staticmethod
    def backward(ctx: Any, *grads: th.Tensor) -> tuple[Any, ...]:
        """Return the gradients of all parameters."""
        dq = grads[0]
        h, x1, r, z, n, ghn = ctx.rows
        _, _, w_ih, _, w_hh, _, w2, _ = ctx.weights
        hidden = th.from_numpy(h)
        d_w2, d_b2 = dq.T @ hidden, dq.sum(0)
        dh = (dq @ th.from_numpy(w2)).numpy()
        largest = int(np.diff(ctx.offsets).max())
        dgi, dgh = np.empty((2, len(h), 3 * h.shape[1]), np.float32)
        carry = np.empty((largest, h.shape[1]), np.float32)
        out = [np.empty_like(weight) for weight in ctx.weights[:6]]
        kernels.backward(
            dh, ctx.offsets, ctx.x, w_ih, w_hh, x1, r, z, n, ghn, h, dgi, dgh, carry, *out
        )
        return (None, None, *(th.from_numpy(grad) for grad in out), d_w2, d_b2)
