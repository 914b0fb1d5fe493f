"""The mixing network of QMIX as one differentiable function of compiled kernels."""

from typing import Any

import numpy as np
import torch as th

from pymarl.modules.packed.mixing import Layers, mix, mix_backward


class PackedMixing(th.autograd.Function):
    """``Q_tot`` (R, 1) of values (R, N) and states (R, S); no gradient to the states."""

    @staticmethod
    def forward(ctx: Any, qs: th.Tensor, states: th.Tensor, *parameters: th.Tensor) -> th.Tensor:
        """Return Q_tot; ``parameters`` in the order of ``mixing.MixerParameters``."""
        weights = tuple(tensor.detach().numpy() for tensor in parameters)
        q, s = qs.detach().contiguous().numpy(), states.detach().contiguous().numpy()
        widths = (len(weights[k]) for k in (0, 2, 4, 6, 6, 6))
        layers: Layers = tuple(np.empty((len(q), width), np.float32) for width in widths)  # type: ignore[assignment]
        q_tot = np.empty((len(q), 1), np.float32)
        mix(q, s, weights, layers, q_tot)
        ctx.saved = (q, s, weights, layers)
        return th.from_numpy(q_tot)

    @staticmethod
    def backward(ctx: Any, *grads: th.Tensor) -> tuple[Any, ...]:
        """Return the gradients of the values and of all parameters."""
        q, s, weights, layers = ctx.saved
        sums = tuple(np.zeros_like(weight) for weight in weights)
        dq = np.empty_like(q)
        mix_backward(grads[0].contiguous().numpy(), q, s, weights, layers, sums, dq)
        return (th.from_numpy(dq), None, *(th.from_numpy(gradient) for gradient in sums))
