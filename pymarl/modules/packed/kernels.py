"""numba kernels of the GRU over packed rows.

float32 throughout; BLAS (through ``np.dot``) for every matrix product.
Gate order is torch's: r (reset), z (update), n (new). ``r = sig(Wir x + bir + Whr h + bhr)``, ``z``
alike, ``n = tanh(Win x + bin + r (Whn h + bhn))``, ``h' = (1-z) n + z h``.
Source: torch.nn.GRUCell's documentation; backward by the chain rule, checked against autograd in
    the tests.
"""

# numba's decorators are untyped; the kernels' own annotations are checked all the same.
# mypy: disallow-untyped-decorators=False

import numba as nb
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
f32 = np.float32


@nb.njit(cache=True, inline="always")
def _exp_into(x: F32, out: F32, bits: I32) -> None:
    """Write exp(x) of a 1-d array to ``out``; relative error below 2e-7; ``bits`` is scratch.

    Range reduction x = k ln 2 + r and a polynomial for exp(r) on [-ln2/2, ln2/2] (the coefficients
    of the Cephes library's expf), all plain arithmetic, so that the compiler can use vector
    instructions.
    """
    for i in range(x.size):
        # Written so that NaN goes through: a diverged network must not look healthy.
        v = x[i]
        if v > f32(88.0):
            v = f32(88.0)
        if v < f32(-87.0):
            v = f32(-87.0)
        k = np.floor(v * f32(1.44269504088896341) + f32(0.5))
        r = v - k * f32(0.693359375)
        r = r - k * f32(-2.12194440e-4)
        p = f32(1.9875691500e-4)
        p = p * r + f32(1.3981999507e-3)
        p = p * r + f32(8.3334519073e-3)
        p = p * r + f32(4.1665795894e-2)
        p = p * r + f32(1.6666665459e-1)
        p = p * r + f32(5.0000001201e-1)
        out[i] = p * (r * r) + r + f32(1.0)
        bits[i] = (np.int32(k) + np.int32(127)) << np.int32(23)
    power = bits.view(np.float32)
    for i in range(x.size):
        out[i] *= power[i]


@nb.njit(cache=True)
def gates(
    gi: F32, gh: F32, b_ih: F32, b_hh: F32, h_prev: F32, r: F32, z: F32, n: F32, ghn: F32, h: F32
) -> None:
    """Compute one step of the GRU for all rows.

    Args:
        gi: ``W_ih x`` (rows, 3H), without bias.
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
    pre = np.empty(2 * H, f32)
    val = np.empty(2 * H, f32)
    bits = np.empty(2 * H, np.int32)
    for i in range(h.shape[0]):
        for j in range(2 * H):
            pre[j] = -(gi[i, j] + b_ih[j] + gh[i, j] + b_hh[j])
        _exp_into(pre, val, bits)
        for j in range(H):
            r[i, j] = f32(1.0) / (f32(1.0) + val[j])
            z[i, j] = f32(1.0) / (f32(1.0) + val[H + j])
            ghn[i, j] = gh[i, 2 * H + j] + b_hh[2 * H + j]
            pre[j] = f32(2.0) * (gi[i, 2 * H + j] + b_ih[2 * H + j] + r[i, j] * ghn[i, j])
        _exp_into(pre[:H], val[:H], bits[:H])
        for j in range(H):
            n[i, j] = f32(1.0) - f32(2.0) / (val[j] + f32(1.0))
            h[i, j] = (f32(1.0) - z[i, j]) * n[i, j] + z[i, j] * h_prev[i, j]


@nb.njit(cache=True)
def forward(
    x: F32,
    offsets: I64,
    w1: F32,
    b1: F32,
    w_ih: F32,
    b_ih: F32,
    w_hh: F32,
    b_hh: F32,
    x1: F32,
    gi: F32,
    gh: F32,
    r: F32,
    z: F32,
    n: F32,
    ghn: F32,
    h: F32,
) -> None:
    """Run fc1, ReLU and the GRU over all blocks from zero hidden states.

    Args:
        x: inputs (R, I).
        offsets: block starts (T + 1,), rows already multiplied by agents.
        w1: (H, I).
        b1: (H,).
        w_ih: (3H, H).
        b_ih: (3H,).
        w_hh: (3H, H).
        b_hh: (3H,).
        x1: fc1 after ReLU (R, H), output.
        gi: scratch (R, 3H).
        gh: scratch (rows of the largest block, 3H).
        r: (R, H), output as in :func:`gates`, as are all below.
        z: (R, H).
        n: (R, H).
        ghn: (R, H).
        h: (R, H).
    """
    np.dot(x, w1.T, x1)
    for i in range(x1.shape[0]):
        for j in range(x1.shape[1]):
            v = x1[i, j] + b1[j]
            # Not max(v, 0): NaN must go through.
            x1[i, j] = f32(0.0) if v < f32(0.0) else v
    np.dot(x1, w_ih.T, gi)
    zeros = np.zeros((offsets[1] - offsets[0], h.shape[1]), f32)
    for t in range(offsets.size - 1):
        a, b = offsets[t], offsets[t + 1]
        rows = b - a
        if t == 0:
            gh[:rows] = f32(0.0)
            prev = zeros
        else:
            prev = h[offsets[t - 1] : offsets[t - 1] + rows]
            np.dot(prev, w_hh.T, gh[:rows])
        gates(gi[a:b], gh, b_ih, b_hh, prev, r[a:b], z[a:b], n[a:b], ghn[a:b], h[a:b])


@nb.njit(cache=True)
def backward_gates(
    dh: F32, r: F32, z: F32, n: F32, ghn: F32, h_prev: F32, dgi: F32, dgh: F32, carry: F32
) -> None:
    """Back-propagate one step from dL/dh' to the gates and to the direct part of dL/dh.

    Args:
        dh: dL/dh' (rows, H).
        r: of the forward pass (rows, H), as are all to ``h_prev``.
        z: (rows, H).
        n: (rows, H).
        ghn: (rows, H).
        h_prev: (rows, H).
        dgi: gradient of ``W_ih x + b_ih`` (rows, 3H), output.
        dgh: gradient of ``W_hh h + b_hh`` (rows, 3H), output.
        carry: ``dh * z`` (at least rows, H), output.
    """
    H = dh.shape[1]
    for i in range(dh.shape[0]):
        for j in range(H):
            d = dh[i, j]
            dn = d * (f32(1.0) - z[i, j]) * (f32(1.0) - n[i, j] * n[i, j])
            dz = d * (h_prev[i, j] - n[i, j]) * z[i, j] * (f32(1.0) - z[i, j])
            dr = dn * ghn[i, j] * r[i, j] * (f32(1.0) - r[i, j])
            dgi[i, j] = dr
            dgi[i, H + j] = dz
            dgi[i, 2 * H + j] = dn
            dgh[i, j] = dr
            dgh[i, H + j] = dz
            dgh[i, 2 * H + j] = dn * r[i, j]
            carry[i, j] = d * z[i, j]


@nb.njit(cache=True)
def backward(
    dh: F32,
    offsets: I64,
    w_hh: F32,
    r: F32,
    z: F32,
    n: F32,
    ghn: F32,
    h: F32,
    dgi: F32,
    dgh: F32,
    carry: F32,
    through: F32,
    previous: F32,
) -> None:
    """Back-propagate the GRU of :func:`forward` through time.

    Args:
        dh: dL/dh (R, H) from the layer above; what comes back through time is added to it.
        offsets: block starts (T + 1,).
        w_hh: (3H, H).
        r: of the forward pass (R, H), as are all to ``h``.
        z: (R, H).
        n: (R, H).
        ghn: (R, H).
        h: (R, H).
        dgi: gradient of ``W_ih x + b_ih`` (R, 3H), output.
        dgh: gradient of ``W_hh h + b_hh`` (R, 3H), output.
        carry: scratch (largest block, H).
        through: scratch (largest block, H).
        previous: the hidden state each row came from (R, H), output; zeros in block 0.
    """
    H = h.shape[1]
    previous[: offsets[1]] = f32(0.0)
    for t in range(offsets.size - 2, -1, -1):
        a, b = offsets[t], offsets[t + 1]
        rows = b - a
        if t > 0:
            previous[a:b] = h[offsets[t - 1] : offsets[t - 1] + rows]
        backward_gates(
            dh[a:b], r[a:b], z[a:b], n[a:b], ghn[a:b], previous[a:b], dgi[a:b], dgh[a:b], carry
        )
        if t > 0:
            before = dh[offsets[t - 1] : offsets[t - 1] + rows]
            np.dot(dgh[a:b], w_hh, through[:rows])
            for i in range(rows):
                for j in range(H):
                    before[i, j] += carry[i, j] + through[i, j]


@nb.njit(cache=True)
def relu_backward(gradient: F32, output: F32) -> None:
    """Zero ``gradient`` (R, H) in place where the ReLU's ``output`` (R, H) is not positive."""
    for i in range(gradient.shape[0]):
        for j in range(gradient.shape[1]):
            # A select, not a conditional store, so that the loop becomes vector instructions.
            gradient[i, j] = gradient[i, j] if output[i, j] > f32(0.0) else f32(0.0)


@nb.njit(cache=True)
def column_sums(matrix: F32, out: F32) -> None:
    """Write the row sum of ``matrix`` (R, K) to ``out`` (K,), 256 rows at a time for accuracy."""
    out[:] = f32(0.0)
    part = np.empty_like(out)
    for start in range(0, matrix.shape[0], 256):
        part[:] = f32(0.0)
        for i in range(start, min(start + 256, matrix.shape[0])):
            for j in range(matrix.shape[1]):
                part[j] += matrix[i, j]
        for j in range(matrix.shape[1]):
            out[j] += part[j]
