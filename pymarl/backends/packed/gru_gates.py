"""The gates of the GRU cell, forward and backward, for a block of rows.

float32 throughout. Gate order is torch's: r (reset), z (update), n (new).
``r = sig(Wir x + bir + Whr h + bhr)``, ``z`` alike, ``n = tanh(Win x + bin + r (Whn h + bhn))``,
``h' = (1-z) n + z h``. Source: torch.nn.GRUCell's documentation; backward by the chain rule,
checked against autograd in the tests.

Each loop below has few arrays and divides without Python's check for zero, so that the compiler
turns it into vector instructions.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import intrinsic

from pymarl.kernels.arrays import F32
from pymarl.kernels.training_jit import compiled

f32 = np.float32


class Gates(NamedTuple):
    """What one step of the GRU leaves for its backward pass, each (rows, H)."""

    reset: F32  # r
    update: F32  # z
    candidate: F32  # n
    hidden_part: F32  # Whn h + bhn, what the reset gate multiplies


def _bits_as_float(typing_context: Any, bits: Any) -> Any:
    """Tell numba how to read the bits of an int32 as a float32."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], context.get_value_type(signature.return_type))

    return types.float32(types.int32), generate


# Annotated, because numba's own annotation of what an intrinsic returns is that of this function.
_as_float: Any = intrinsic(_bits_as_float)


@compiled(inline=True)
def exp(x: float) -> float:
    """Return e to the x in float32; relative error below 2e-7 on [-87, 88], clamped outside.

    Range reduction x = k ln 2 + r and a polynomial for exp(r) on [-ln2/2, ln2/2] (the coefficients
    of the Cephes library's expf), all plain arithmetic.
    """
    # Written so that NaN goes through: a diverged network must not look healthy.
    v = f32(88.0) if x > f32(88.0) else x
    v = f32(-87.0) if v < f32(-87.0) else v
    k = np.floor(v * f32(1.44269504088896341) + f32(0.5))
    r = v - k * f32(0.693359375)
    r = r - k * f32(-2.12194440e-4)
    p = f32(1.9875691500e-4)
    p = p * r + f32(1.3981999507e-3)
    p = p * r + f32(8.3334519073e-3)
    p = p * r + f32(4.1665795894e-2)
    p = p * r + f32(1.6666665459e-1)
    p = p * r + f32(5.0000001201e-1)
    e = p * (r * r) + r + f32(1.0)
    power = _as_float(np.int32((np.int32(k) + np.int32(127)) << np.int32(23)))
    value: float = e * power
    return value


@compiled(inline=True)
def _sigmoid(a: F32, b: F32, bias: F32, out: F32) -> None:
    """Write ``1 / (1 + exp(-(a + b + bias)))`` of 1-d arrays to ``out``."""
    for j in range(out.size):
        out[j] = f32(1.0) / (f32(1.0) + exp(-(a[j] + b[j] + bias[j])))


@compiled()
def advance_gru(
    input_part: F32,
    hidden_part: F32,
    input_bias: F32,
    hidden_bias: F32,
    before: F32,
    gates: Gates,
    after: F32,
) -> None:
    """Compute one step of the GRU for all rows.

    Args:
        input_part: ``W_ih x`` (at least rows, 3H), without bias.
        hidden_part: ``W_hh h`` (at least rows, 3H), without bias.
        input_bias: ``b_ih`` (3H,).
        hidden_bias: ``b_hh`` (3H,).
        before: hidden state h (rows, H).
        gates: output.
        after: new hidden state h' (rows, H), output.
    """
    H = after.shape[1]
    bias = input_bias + hidden_bias
    for i in range(after.shape[0]):
        gi, gh = input_part[i], hidden_part[i]
        _sigmoid(gi[:H], gh[:H], bias[:H], gates.reset[i])
        _sigmoid(gi[H : 2 * H], gh[H : 2 * H], bias[H : 2 * H], gates.update[i])
        a, b, c, d = gh[2 * H :], hidden_bias[2 * H :], gi[2 * H :], input_bias[2 * H :]
        reset, inner, new = gates.reset[i], gates.hidden_part[i], gates.candidate[i]
        for j in range(H):
            inner[j] = a[j] + b[j]
        for j in range(H):
            # tanh(x) = 1 - 2 / (exp(2x) + 1), with the exponential that becomes vector code.
            e = exp(f32(2.0) * (c[j] + d[j] + reset[j] * inner[j]))
            new[j] = f32(1.0) - f32(2.0) / (e + f32(1.0))
        update, old, state = gates.update[i], before[i], after[i]
        for j in range(H):
            state[j] = (f32(1.0) - update[j]) * new[j] + update[j] * old[j]


@compiled()
def gru_gradients(
    after_gradient: F32,
    gates: Gates,
    before: F32,
    input_gradient: F32,
    hidden_gradient: F32,
    direct: F32,
) -> None:
    """Back-propagate one step from dL/dh' to the gates and to the direct part of dL/dh.

    Args:
        after_gradient: dL/dh' (at least rows, H).
        gates: of the forward pass.
        before: hidden state h of the forward pass (rows, H).
        input_gradient: gradient of ``W_ih x + b_ih`` (rows, 3H), output.
        hidden_gradient: gradient of ``W_hh h + b_hh`` (rows, 3H), output.
        direct: ``dL/dh' z`` (rows, H), output; the rest of dL/dh comes through ``W_hh h``.
    """
    H = after_gradient.shape[1]
    for i in range(gates.reset.shape[0]):
        d, update, new, old = after_gradient[i], gates.update[i], gates.candidate[i], before[i]
        candidate, state = input_gradient[i, 2 * H :], direct[i]
        for j in range(H):
            candidate[j] = d[j] * (f32(1.0) - update[j]) * (f32(1.0) - new[j] * new[j])
        by_update = input_gradient[i, H : 2 * H]
        for j in range(H):
            spread = (old[j] - new[j]) * update[j] * (f32(1.0) - update[j])
            by_update[j] = d[j] * spread
        reset, inner, by_reset = gates.reset[i], gates.hidden_part[i], input_gradient[i, :H]
        for j in range(H):
            by_reset[j] = candidate[j] * inner[j] * reset[j] * (f32(1.0) - reset[j])
        gated = hidden_gradient[i, 2 * H :]
        for j in range(H):
            gated[j] = candidate[j] * reset[j]
        for j in range(H):
            state[j] = d[j] * update[j]
        # r and z see the sum of both parts: their gradients are the same.
        hidden_gradient[i, : 2 * H] = input_gradient[i, : 2 * H]
