"""The mixing network of QMIX as one differentiable function of compiled kernels."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch as th
from torch import nn

from pymarl.backends.packed.linear_kernels import Linear, TwoLayers
from pymarl.backends.packed.qmix_kernels import MixerLayers, MixerWeights, mix, mix_backward
from pymarl.kernels.arrays import F32
from pymarl.modules.mixers.base import Mixer
from pymarl.modules.mixers.qmix import QMixer


def is_compiled(mixer: Mixer) -> bool:
    """Return whether the kernels compute this mixer: QMIX with two-layer hypernetworks."""
    return type(mixer) is QMixer and isinstance(mixer.hyper_w_1, nn.Sequential)


def packed_mix(mixer: Mixer, agent_qs: th.Tensor, states: th.Tensor) -> th.Tensor:
    """Return Q_tot (..., 1) of values (..., N) and states (..., S) of a mixer that is compiled.

    Gradients go to the values and to the mixer's parameters, none to the states.
    """
    # torch leaves Function.apply unannotated.
    q_tot: th.Tensor = PackedMixing.apply(  # type: ignore[no-untyped-call]  # of torch
        agent_qs.reshape(-1, agent_qs.shape[-1]),
        states.reshape(-1, states.shape[-1]),
        *_parameters(mixer),
    )
    return q_tot.view(*agent_qs.shape[:-1], 1)


class PackedMixing(th.autograd.Function):
    """``Q_tot`` (R, 1) of values (R, N) and states (R, S); no gradient to the states."""

    @staticmethod
    def forward(ctx: Any, qs: th.Tensor, states: th.Tensor, *parameters: th.Tensor) -> th.Tensor:
        """Return Q_tot; ``parameters`` in the order of ``MixerWeights``."""
        weights = _weights([tensor.detach().numpy() for tensor in parameters])
        q, s = qs.detach().contiguous().numpy(), states.detach().contiguous().numpy()
        hypernets = (weights.w1, weights.w_final)
        widths = [len(layer.bias) for hypernet in hypernets for layer in hypernet]
        widths += [len(weights.b1.bias)] * 2
        layers = MixerLayers(*(np.empty((len(q), width), np.float32) for width in widths))
        q_tot = np.empty((len(q), 1), np.float32)
        mix(q, s, weights, layers, q_tot)
        ctx.saved = (q, s, weights, layers)
        return th.from_numpy(q_tot)

    @staticmethod
    def backward(ctx: Any, *grads: th.Tensor) -> tuple[Any, ...]:
        """Return the gradients of the values and of all parameters."""
        q, s, weights, layers = ctx.saved
        sums = [np.zeros_like(array) for array in _arrays(weights)]
        dq = np.empty_like(q)
        dq_tot = grads[0].contiguous().numpy()
        mix_backward(dq_tot, q, s, weights, layers, _weights(sums), dq)
        return (th.from_numpy(dq), None, *(th.from_numpy(gradient) for gradient in sums))


def _parameters(mixer: Mixer) -> list[th.Tensor]:
    """Return the parameters in the order of ``MixerWeights``."""
    named = dict(mixer.named_parameters())
    layers = (
        "hyper_w_1.0",
        "hyper_w_1.2",
        "hyper_w_final.0",
        "hyper_w_final.2",
        "hyper_b_1",
        "V.0",
        "V.2",
    )
    return [named[f"{layer}.{kind}"] for layer in layers for kind in ("weight", "bias")]


def _weights(arrays: Sequence[F32]) -> MixerWeights:
    """Return arrays in the order of :func:`_parameters` as a record of layers."""
    pairs = zip(arrays[::2], arrays[1::2], strict=True)
    layers = [Linear(weight, bias) for weight, bias in pairs]
    return MixerWeights(
        TwoLayers(*layers[0:2]), TwoLayers(*layers[2:4]), layers[4], TwoLayers(*layers[5:7])
    )


def _arrays(weights: MixerWeights) -> list[F32]:
    """Return the arrays in the order of :func:`_parameters`."""
    layers = [*weights.w1, *weights.w_final, weights.b1, *weights.value]
    return [array for layer in layers for array in layer]
