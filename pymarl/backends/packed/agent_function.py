"""The recurrent agent over packed rows as one differentiable function."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch as th

from pymarl.backends.packed.acting_kernel import AgentArrays
from pymarl.backends.packed.gru_kernels import AgentWeights, backward, forward
from pymarl.backends.packed.linear_kernels import CHUNK, Linear
from pymarl.backends.packed.workspace import Workspace
from pymarl.kernels.arrays import F32, I64
from pymarl.modules.agents.rnn_agent import RNNAgent


def agent_parameters(agent: RNNAgent) -> tuple[th.Tensor, ...]:
    """Return the agent's eight parameters in the order of :class:`AgentWeights`."""
    fc1, rnn, fc2 = agent.fc1, agent.rnn, agent.fc2
    gru = (rnn.weight_ih, rnn.bias_ih, rnn.weight_hh, rnn.bias_hh)
    return (fc1.weight, fc1.bias, *gru, fc2.weight, fc2.bias)


def agent_arrays(agent: RNNAgent) -> AgentArrays:
    """Return the agent's parameters as the acting kernel takes them: views, no copies."""
    return cast(AgentArrays, tuple(p.detach().numpy() for p in agent_parameters(agent)))


def packed_outputs(
    parameters: Sequence[th.Tensor], x: th.Tensor, offsets: I64, space: Workspace
) -> th.Tensor:
    """Return the agent's outputs (R, A), with a graph to ``parameters`` where gradients are on.

    Back-propagate before the workspace is used again: it holds what the backward pass needs.

    Args:
        parameters: of the agent, in the order of :func:`agent_parameters`.
        x: inputs (R, I).
        offsets: block starts (T + 1,).
        space: memory of hidden states and gates.
    """
    if th.is_grad_enabled():
        # torch leaves Function.apply unannotated.
        outputs: th.Tensor = PackedAgent.apply(  # type: ignore[no-untyped-call]  # of torch
            x, offsets, space, *parameters
        )
        return outputs
    weights = _weights([tensor.detach().numpy() for tensor in parameters])
    return th.from_numpy(_run(x.numpy(), offsets, weights, space, keep=False)[0])


class PackedAgent(th.autograd.Function):
    """``q = fc2(GRU(relu(fc1(x))))`` over packed rows; gradients to parameters, none to inputs."""

    @staticmethod
    def forward(
        ctx: Any, x: th.Tensor, offsets: I64, space: Workspace, *parameters: th.Tensor
    ) -> th.Tensor:
        """Return outputs (R, A); arguments as in :func:`packed_outputs`."""
        weights = _weights([tensor.detach().numpy() for tensor in parameters])
        q, ctx.h, ctx.kept = _run(x.numpy(), offsets, weights, space, keep=True)
        ctx.x, ctx.offsets, ctx.weights, ctx.space = x.numpy(), offsets, weights, space
        ctx.generation = space.generation
        return th.from_numpy(q)

    @staticmethod
    def backward(ctx: Any, *grads: th.Tensor) -> tuple[Any, ...]:
        """Return the gradients of all parameters.

        Raises:
            RuntimeError: the workspace was used again since the forward pass.
        """
        if ctx.generation != ctx.space.generation:
            raise RuntimeError(
                "packed agent: its workspace was used again before this backward pass; "
                "back-propagate a loss before the same controller evaluates another batch"
            )
        sums = [np.zeros_like(array) for layer in ctx.weights for array in layer]
        dq = grads[0].contiguous().numpy()
        backward(dq, ctx.x, ctx.offsets, ctx.weights, ctx.kept, ctx.h, _weights(sums))
        return (None, None, None, *(th.from_numpy(gradient) for gradient in sums))


def _weights(arrays: Sequence[F32]) -> AgentWeights:
    """Return eight arrays in the order of :func:`agent_parameters` as a record of layers."""
    pairs = zip(arrays[::2], arrays[1::2], strict=True)
    return AgentWeights(*(Linear(weight, bias) for weight, bias in pairs))


def _run(
    x: F32, offsets: I64, weights: AgentWeights, space: Workspace, *, keep: bool
) -> tuple[F32, F32, F32]:
    """Return (q (R, A), h (R, H), kept) of the agent over all rows.

    Args:
        x: inputs (R, I).
        offsets: block starts (T + 1,).
        weights: the agent's parameters.
        space: memory of ``h`` and ``kept``; valid until its next use.
        keep: whether ``kept`` must serve a backward pass; else it is scratch.
    """
    n_rows, hidden = len(x), len(weights.fc1.bias)
    space.start()
    h = space.array("h", n_rows, hidden)
    kept = space.array("kept", 5, n_rows if keep else CHUNK, hidden)
    q = np.empty((n_rows, len(weights.fc2.bias)), np.float32)
    forward(x, offsets, weights, keep, kept, h, q)
    return q, h, kept
