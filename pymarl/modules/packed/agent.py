"""The recurrent agent over packed rows as one differentiable function."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch as th
from numpy.typing import NDArray

from pymarl.modules.agents.rnn_agent import RNNAgent
from pymarl.modules.packed import kernels
from pymarl.modules.packed.workspace import Workspace

F32 = NDArray[np.float32]


def agent_parameters(agent: RNNAgent) -> tuple[th.Tensor, ...]:
    """Return the agent's parameters in the order :class:`PackedAgent` takes them."""
    fc1, rnn, fc2 = agent.fc1, agent.rnn, agent.fc2
    gru = (rnn.weight_ih, rnn.bias_ih, rnn.weight_hh, rnn.bias_hh)
    return (fc1.weight, fc1.bias, *gru, fc2.weight, fc2.bias)


def hidden_rows(
    x: F32, offsets: NDArray[np.int64], weights: Sequence[F32], space: Workspace
) -> tuple[F32, ...]:
    """Return (h, x1, r, z, n, ghn), each (R, H), of the GRU over all rows.

    Args:
        x: inputs (R, I).
        offsets: block starts (T + 1,).
        weights: the parameters, in the order of :func:`agent_parameters`.
        space: memory of the results and of the scratch arrays; valid until its next use.
    """
    w1, b1, w_ih, b_ih, w_hh, b_hh = weights[:6]
    n_rows, hidden = len(x), len(w1)
    largest = int(np.diff(offsets).max())
    gi = space.array("gi", n_rows, 3 * hidden)
    gh = space.array("gh", largest, 3 * hidden)
    x1, r, z, n, ghn, h = space.array("rows", 6, n_rows, hidden)
    kernels.forward(x, offsets, w1, b1, w_ih, b_ih, w_hh, b_hh, x1, gi, gh, r, z, n, ghn, h)
    return h, x1, r, z, n, ghn


def packed_q(agent: RNNAgent, x: th.Tensor, offsets: NDArray[np.int64]) -> th.Tensor:
    """Return action values (R, A) of inputs ``x`` (R, I) without a graph (target networks)."""
    with th.no_grad():
        weights = [tensor.detach().numpy() for tensor in agent_parameters(agent)]
        rows = hidden_rows(x.numpy(), offsets, weights, agent.workspace)
        return th.addmm(agent.fc2.bias, th.from_numpy(rows[0]), agent.fc2.weight.T)


def packed_values(agent: RNNAgent, x: th.Tensor, offsets: NDArray[np.int64]) -> th.Tensor:
    """Return action values (R, A) of inputs ``x`` (R, I) with a graph to the agent's parameters.

    Back-propagate before the same agent is called again: both use the agent's workspace.
    """
    # torch leaves Function.apply unannotated.
    values: th.Tensor = PackedAgent.apply(  # type: ignore[no-untyped-call]
        x, offsets, agent.workspace, *agent_parameters(agent)
    )
    return values


class PackedAgent(th.autograd.Function):
    """``q = fc2(GRU(relu(fc1(x))))`` over packed rows; gradients to parameters, none to inputs."""

    @staticmethod
    def forward(
        ctx: Any,
        x: th.Tensor,
        offsets: NDArray[np.int64],
        space: Workspace,
        *parameters: th.Tensor,
    ) -> th.Tensor:
        """Return action values (R, A); ``parameters`` as in :func:`agent_parameters`."""
        weights = [tensor.detach().numpy() for tensor in parameters]
        ctx.rows = hidden_rows(x.numpy(), offsets, weights, space)
        ctx.x, ctx.offsets, ctx.weights, ctx.space = x.numpy(), offsets, weights, space
        ctx.generation = space.generation
        return th.addmm(parameters[7], th.from_numpy(ctx.rows[0]), parameters[6].T)

    @staticmethod
    def backward(ctx: Any, *grads: th.Tensor) -> tuple[Any, ...]:
        """Return the gradients of all parameters.

        Raises:
            RuntimeError: the agent's workspace was used again since the forward pass.
        """
        space = ctx.space
        if ctx.generation != space.generation:
            raise RuntimeError("the agent was called again before this backward pass")
        dq = grads[0]
        h, x1, r, z, n, ghn = ctx.rows
        _, b1, w_ih, b_ih, w_hh, b_hh, w2, _ = ctx.weights
        n_rows, hidden = h.shape
        largest = int(np.diff(ctx.offsets).max())
        dh = space.array("dh", n_rows, hidden)
        th.mm(dq, th.from_numpy(w2), out=th.from_numpy(dh))
        # The input part of the gates is no longer needed: its memory takes their gradient.
        dgi, dgh = space.array("gi", n_rows, 3 * hidden), space.array("dgh", n_rows, 3 * hidden)
        carry, through = space.array("time", 2, largest, hidden)
        previous = space.array("previous", n_rows, hidden)
        kernels.backward(dh, ctx.offsets, w_hh, r, z, n, ghn, h, dgi, dgh, carry, through, previous)
        # dL/dh is used up: its memory takes the gradient of fc1's output.
        th.mm(th.from_numpy(dgi), th.from_numpy(w_ih), out=th.from_numpy(dh))
        kernels.relu_backward(dh, x1)
        d_b1, d_b_ih, d_b_hh = np.empty_like(b1), np.empty_like(b_ih), np.empty_like(b_hh)
        for matrix, sums in ((dh, d_b1), (dgi, d_b_ih), (dgh, d_b_hh)):
            kernels.column_sums(matrix, sums)
        return (
            None,
            None,
            None,
            _outer(dh, ctx.x),
            th.from_numpy(d_b1),
            _outer(dgi, x1),
            th.from_numpy(d_b_ih),
            _outer(dgh, previous),
            th.from_numpy(d_b_hh),
            _outer(dq.numpy(), h),
            dq.sum(0),
        )


def _outer(gradient: F32, rows: F32) -> th.Tensor:
    """Return the gradient of a weight: the sum over rows of output gradient times input."""
    return th.mm(th.from_numpy(gradient).T, th.from_numpy(rows))
