"""Weighted QMIX's central mixer as one differentiable function, some hundred rows at a time.

With W the width, per row (state s, utilities q): ``h1 = relu(A s + B q + a)``,
``h2 = relu(C h1 + c)``, ``h3 = relu(D h2 + d)``, ``hv = relu(E s + e)`` (W each),
``Q* = f . h3 + k + g . hv + l``. Source: Rashid et al. 2020 (arXiv 2006.10800), section 5.1.

Nearly all of its time goes into products of W x W matrices. torch's library is faster at these than
the one that compiled kernels call, so they are torch's here; biases and ReLUs are kernels. What one
layer gives is still in the core's cache when the next one reads it, and states get no gradient.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import torch as th

from pymarl.backends.packed.linear_kernels import mask_relu, relu
from pymarl.backends.packed.workspace import Workspace
from pymarl.modules.mixers.base import Mixer
from pymarl.modules.mixers.central import CentralMixer

CHUNK: Final = 512
"""Rows of one matrix product: fewer cost calls, more leave the cache."""


class Layers(NamedTuple):
    """Of the hidden layers: what they give for each row (R, W), or gradients before their ReLU."""

    first: th.Tensor
    second: th.Tensor
    third: th.Tensor
    value: th.Tensor

    def rows(self, at: slice) -> "Layers":
        """Return some of the rows."""
        return Layers(*(layer[at] for layer in self))


def is_compiled_central(mixer: Mixer) -> bool:
    """Return whether this module computes a mixer: ``central_mixer: ff``."""
    return type(mixer) is CentralMixer


def packed_central_mix(
    mixer: Mixer, agent_qs: th.Tensor, states: th.Tensor, space: Workspace
) -> th.Tensor:
    """Return Q* (..., 1) of utilities (..., N) and states (..., S) of such a mixer, on the CPU.

    Gradients go to the utilities and to the mixer's parameters, none to the states. Back-propagate
    before the next call with gradients and the same ``space``: it holds the hidden layers.
    """
    named = dict(mixer.named_parameters())
    layers = ("net.0", "net.2", "net.4", "net.6", "V.0", "V.2")
    parameters = [named[f"{layer}.{kind}"] for layer in layers for kind in ("weight", "bias")]
    qs = agent_qs.reshape(-1, agent_qs.shape[-1])
    rows = states.reshape(-1, states.shape[-1])
    if th.is_grad_enabled():
        # torch leaves Function.apply unannotated.
        q_star: th.Tensor = PackedCentralMixing.apply(  # type: ignore[no-untyped-call]  # of torch
            qs, rows, space, *parameters
        )
    else:
        q_star = _run(qs, rows, parameters, _layers(Workspace(), CHUNK, parameters))
    return q_star.view(*agent_qs.shape[:-1], 1)


class PackedCentralMixing(th.autograd.Function):
    """``Q*`` (R, 1) of utilities (R, N) and states (R, S); no gradient to the states."""

    @staticmethod
    def forward(
        ctx: Any, qs: th.Tensor, states: th.Tensor, space: Workspace, *parameters: th.Tensor
    ) -> th.Tensor:
        """Return Q*; arguments as in :func:`packed_central_mix`, parameters in its order."""
        space.start()
        ctx.layers = _layers(space, len(qs), parameters)
        ctx.space, ctx.generation = space, space.generation
        ctx.save_for_backward(qs, states, *parameters)
        return _run(qs, states, parameters, ctx.layers)

    @staticmethod
    def backward(ctx: Any, *grads: th.Tensor) -> tuple[th.Tensor | None, ...]:
        """Return the gradients of the utilities and of all parameters.

        Raises:
            RuntimeError: the workspace was used again since the forward pass.
        """
        if ctx.generation != ctx.space.generation:
            raise RuntimeError(
                "packed central mixer: its workspace was used again before this backward pass; "
                "back-propagate a loss before the same controller's backend mixes another batch"
            )
        qs, states, *parameters = ctx.saved_tensors
        split = states.shape[1]
        first, _, second, _, third, _, last, _, _, _, value_last, _ = parameters
        sums = [th.zeros_like(parameter) for parameter in parameters]
        by_qs = th.empty_like(qs)
        scratch = _layers(Workspace(), CHUNK, parameters)
        for at in _chunks(len(qs)):
            kept, dy = ctx.layers.rows(at), grads[0][at]
            by = scratch.rows(slice(len(dy)))
            for layer, above, weight, output in (
                (by.value, dy, value_last, kept.value),
                (by.third, dy, last, kept.third),
                (by.second, by.third, third, kept.second),
                (by.first, by.second, second, kept.first),
            ):
                th.mm(above, weight, out=layer)
                mask_relu(layer.numpy(), output.numpy())
            by_qs[at] = by.first @ first[:, split:]
            sums[0][:, :split].addmm_(by.first.T, states[at])
            sums[0][:, split:].addmm_(by.first.T, qs[at])
            sums[2].addmm_(by.second.T, kept.first)
            sums[4].addmm_(by.third.T, kept.second)
            sums[6].addmm_(dy.T, kept.third)
            sums[8].addmm_(by.value.T, states[at])
            sums[10].addmm_(dy.T, kept.value)
            for bias, gradient in zip(sums[1::2], (*by[:3], dy, by.value, dy), strict=True):
                bias.add_(gradient.sum(0))
        return (by_qs, None, None, *sums)


def _layers(space: Workspace, rows: int, parameters: Sequence[th.Tensor]) -> Layers:
    """Return memory for the hidden layers of so many rows."""
    width = len(parameters[0])
    return Layers(*(th.from_numpy(space.array(name, rows, width)) for name in Layers._fields))


def _run(
    qs: th.Tensor, states: th.Tensor, parameters: Sequence[th.Tensor], layers: Layers
) -> th.Tensor:
    """Return Q* (R, 1); fill ``layers``, which has all rows or is scratch of CHUNK."""
    first, a, second, c, third, d, last, k, value, e, value_last, l = (  # noqa: E741 - as above
        parameter.detach() for parameter in parameters
    )
    by_state, by_qs = first[:, : states.shape[1]].T, first[:, states.shape[1] :].T
    keep = len(layers.first) == len(qs)
    q_star = qs.new_empty(len(qs), 1)
    for at in _chunks(len(qs)):
        to = layers.rows(at if keep else slice(at.stop - at.start))
        s, q = states[at], qs.detach()[at]
        th.mm(s, by_state, out=to.first).addmm_(q, by_qs)
        relu(to.first.numpy(), a.numpy())
        for layer, inputs, weight, bias in (
            (to.second, to.first, second, c),
            (to.third, to.second, third, d),
            (to.value, s, value, e),
        ):
            th.mm(inputs, weight.T, out=layer)
            relu(layer.numpy(), bias.numpy())
        q_star[at] = th.addmm(k + l, to.third, last.T).addmm_(to.value, value_last.T)
    return q_star


def _chunks(rows: int) -> Iterator[slice]:
    """Yield the rows in chunks."""
    for low in range(0, rows, CHUNK):
        yield slice(low, min(low + CHUNK, rows))
