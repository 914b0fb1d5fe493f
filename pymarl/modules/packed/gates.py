"""The gates of the GRU cell, forward and backward, for a block of rows.

float32 throughout. Gate order is torch's: r (reset), z (update), n (new).
``r = sig(Wir x + bir + Whr h + bhr)``, ``z`` alike, ``n = tanh(Win x + bin + r (Whn h + bhn))``,
``h' = (1-z) n + z h``. Source: torch.nn.GRUCell's documentation; backward by the chain rule,
checked against autograd in the tests.

Each loop below has few arrays and divides without Python's check for zero, so that the compiler
turns it into vector instructions.
"""

from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from pymarl.kernels.training_jit import compiled

F32 = NDArray[np.float32]
f32 = np.float32


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
def gates(
    gi: F32, gh: F32, b_ih: F32, b_hh: F32, h_prev: F32, r: F32, z: F32, n: F32, ghn: F32, h: F32
) -> None:
    """Compute one step of the GRU for all rows.

    Args:
        gi: ``W_ih x`` (at least rows, 3H), without bias.
        gh: ``W_hh h`` (at least rows, 3H), without bias.
        b_ih: (3H,).
        b_hh: (3H,).
        h_prev: (rows, H).
        r: reset gate (rows, H), output, as are all below.
        z: update gate (rows, H).
        n: candidate state (rows, H).
        ghn: ``Whn h + bhn`` (rows, H), kept for the backward pass.
        h: new hidden state (rows, H).
    """
    H = h.shape[1]
    bias = b_ih + b_hh
    for i in range(h.shape[0]):
        _sigmoid(gi[i, :H], gh[i, :H], bias[:H], r[i])
        _sigmoid(gi[i, H : 2 * H], gh[i, H : 2 * H], bias[H : 2 * H], z[i])
        a, b, c, d = gh[i, 2 * H :], b_hh[2 * H :], gi[i, 2 * H :], b_ih[2 * H :]
        reset, inner, new = r[i], ghn[i], n[i]
        for j in range(H):
            inner[j] = a[j] + b[j]
        for j in range(H):
            e = exp(f32(2.0) * (c[j] + d[j] + reset[j] * inner[j]))
            new[j] = f32(1.0) - f32(2.0) / (e + f32(1.0))
        update, before, after = z[i], h_prev[i], h[i]
        for j in range(H):
            after[j] = (f32(1.0) - update[j]) * new[j] + update[j] * before[j]


@compiled()
def gate_gradients(
    dh: F32, r: F32, z: F32, n: F32, ghn: F32, h_prev: F32, dgi: F32, dgh: F32, direct: F32
) -> None:
    """Back-propagate one step from dL/dh' to the gates and to the direct part of dL/dh.

    Args:
        dh: dL/dh' (at least rows, H).
        r: of the forward pass (rows, H), as are all to ``h_prev``.
        z: (rows, H).
        n: (rows, H).
        ghn: (rows, H).
        h_prev: (rows, H).
        dgi: gradient of ``W_ih x + b_ih`` (rows, 3H), output.
        dgh: gradient of ``W_hh h + b_hh`` (rows, 3H), output.
        direct: ``dh * z`` (rows, H), output.
    """
    H = dh.shape[1]
    for i in range(r.shape[0]):
        d, update, new, before = dh[i], z[i], n[i], h_prev[i]
        candidate, state = dgi[i, 2 * H :], direct[i]
        for j in range(H):
            candidate[j] = d[j] * (f32(1.0) - update[j]) * (f32(1.0) - new[j] * new[j])
        by_update = dgi[i, H : 2 * H]
        for j in range(H):
            spread = (before[j] - new[j]) * update[j] * (f32(1.0) - update[j])
            by_update[j] = d[j] * spread
        reset, inner, by_reset = r[i], ghn[i], dgi[i, :H]
        for j in range(H):
            by_reset[j] = candidate[j] * inner[j] * reset[j] * (f32(1.0) - reset[j])
        gated = dgh[i, 2 * H :]
        for j in range(H):
            gated[j] = candidate[j] * reset[j]
        for j in range(H):
            state[j] = d[j] * update[j]
        dgh[i, : 2 * H] = dgi[i, : 2 * H]
