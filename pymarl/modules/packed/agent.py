"""The recurrent agent over packed rows as one differentiable function."""

from typing import Any, cast

import numpy as np
import torch as th
from numpy.typing import NDArray

from pymarl.modules.agents.rnn_agent import RNNAgent
from pymarl.modules.packed import kernels
from pymarl.modules.packed.kernels import Parameters
from pymarl.modules.packed.linear import CHUNK
from pymarl.modules.packed.workspace import Workspace

F32 = NDArray[np.float32]


def agent_parameters(agent: RNNAgent) -> tuple[th.Tensor, ...]:
    """Return the agent's parameters in the order :class:`PackedAgent` takes them."""
    fc1, rnn, fc2 = agent.fc1, agent.rnn, agent.fc2
    gru = (rnn.weight_ih, rnn.bias_ih, rnn.weight_hh, rnn.bias_hh)
    return (fc1.weight, fc1.bias, *gru, fc2.weight, fc2.bias)


def run_rows(
    x: F32, offsets: NDArray[np.int64], weights: Parameters, space: Workspace, *, keep: bool
) -> tuple[F32, F32, F32]:
    """Return (q (R, A), h (R, H), kept) of the agent over all rows.

    Args:
        x: inputs (R, I).
        offsets: block starts (T + 1,).
        weights: the parameters, in the order of :func:`agent_parameters`.
        space: memory of ``h`` and ``kept``; valid until its next use.
        keep: whether ``kept`` must serve a backward pass; else it is scratch.
    """
    n_rows, hidden = len(x), len(weights[0])
    space.start()
    h = space.array("h", n_rows, hidden)
    kept = space.array("kept", 5, n_rows if keep else CHUNK, hidden)
    q = np.empty((n_rows, len(weights[6])), np.float32)
    kernels.forward(x, offsets, weights, keep, kept, h, q)
    return q, h, kept


def packed_q(agent: RNNAgent, x: th.Tensor, offsets: NDArray[np.int64]) -> th.Tensor:
    """Return action values (R, A) of inputs ``x`` (R, I) without a graph (target networks)."""
    weights = cast(Parameters, tuple(p.detach().numpy() for p in agent_parameters(agent)))
    return th.from_numpy(run_rows(x.numpy(), offsets, weights, agent.workspace, keep=False)[0])


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
        weights = cast(Parameters, tuple(tensor.detach().numpy() for tensor in parameters))
        q, ctx.h, ctx.kept = run_rows(x.numpy(), offsets, weights, space, keep=True)
        ctx.x, ctx.offsets, ctx.weights, ctx.space = x.numpy(), offsets, weights, space
        ctx.generation = space.generation
        return th.from_numpy(q)

    @staticmethod
    def backward(ctx: Any, *grads: th.Tensor) -> tuple[Any, ...]:
        """Return the gradients of all parameters.

        Raises:
            RuntimeError: the agent's workspace was used again since the forward pass.
        """
        if ctx.generation != ctx.space.generation:
            raise RuntimeError("the agent was called again before this backward pass")
        sums = cast(Parameters, tuple(np.zeros_like(weight) for weight in ctx.weights))
        dq = grads[0].contiguous().numpy()
        kernels.backward(dq, ctx.x, ctx.offsets, ctx.weights, ctx.kept, ctx.h, sums)
        return (None, None, None, *(th.from_numpy(gradient) for gradient in sums))
