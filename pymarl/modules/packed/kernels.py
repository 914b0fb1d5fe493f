"""numba kernels of the recurrent agent over packed rows: forward, and backward through time.

float32; BLAS (through ``np.dot``) for every matrix product. Both take ``CHUNK``
rows at a time, so that what one layer writes is still in the core's cache when the next
one reads it: products of a few hundred rows run faster than one of many thousand.
"""

import numpy as np
from numpy.typing import NDArray

from pymarl.kernels.training_jit import compiled
from pymarl.modules.packed.gates import gate_gradients, gates
from pymarl.modules.packed.linear import CHUNK, add_bias, add_products, add_rows, mask_relu, relu

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]
Parameters = tuple[F32, F32, F32, F32, F32, F32, F32, F32]
f32 = np.float32


@compiled()
def forward(
    x: F32, offsets: I64, weights: Parameters, keep: bool, kept: F32, h: F32, q: F32
) -> None:
    """Run fc1, ReLU, the GRU and fc2 over all blocks from zero hidden states.

    Args:
        x: inputs (R, I).
        offsets: block starts (T + 1,), rows already multiplied by agents.
        weights: the agent's parameters, in the order of ``agent_parameters``.
        keep: whether a backward pass follows.
        kept: what that needs, (5, R, H), output: fc1 after ReLU, then r, z, n and ghn as in
            ``gates``. Without ``keep`` it is scratch (5, CHUNK, H).
        h: hidden states (R, H), output.
        q: outputs of the last layer (R, A), output.
    """
    w1, b1, w_ih, b_ih, w_hh, b_hh, w2, b2 = weights
    R, H = h.shape
    x1, r, z, n, ghn = kept[0], kept[1], kept[2], kept[3], kept[4]
    gi, gh = np.empty((CHUNK, 3 * H), f32), np.zeros((CHUNK, 3 * H), f32)
    zeros = np.zeros((CHUNK, H), f32)
    base = end = 0  # rows of the chunk whose input part is in gi
    for t in range(offsets.size - 1):
        low = offsets[t]
        while low < offsets[t + 1]:
            if low == end:
                base, end = end, min(end + CHUNK, R)
                first = base if keep else 0
                encoded = x1[first : first + end - base]
                np.dot(x[base:end], w1.T, encoded)
                relu(encoded, b1)
                np.dot(encoded, w_ih.T, gi[: end - base])
            high = min(offsets[t + 1], end)
            m = high - low
            before = zeros[:m]
            if t > 0:
                first = offsets[t - 1] + low - offsets[t]
                before = h[first : first + m]
                np.dot(before, w_hh.T, gh[:m])
            s = low if keep else 0
            e = s + m
            gates(
                gi[low - base : high - base], gh, b_ih, b_hh, before,
                r[s:e], z[s:e], n[s:e], ghn[s:e], h[low:high],
            )  # fmt: skip
            if high == end:
                np.dot(h[base:end], w2.T, q[base:end])
                add_bias(q[base:end], b2)
            low = high


@compiled()
def backward(
    dq: F32, x: F32, offsets: I64, weights: Parameters, kept: F32, h: F32, grads: Parameters
) -> None:
    """Back-propagate :func:`forward` to the parameters.

    Args:
        dq: dL/dq (R, A).
        x: inputs (R, I).
        offsets: block starts (T + 1,).
        weights: the agent's parameters.
        kept: of the forward pass (5, R, H).
        h: of the forward pass (R, H).
        grads: zeros in the shapes of ``weights``, output.
    """
    w1, _, w_ih, _, w_hh, _, w2, _ = weights
    dw1, db1, dw_ih, db_ih, dw_hh, db_hh, dw2, db2 = grads
    R, H = h.shape
    x1, r, z, n, ghn = kept[0], kept[1], kept[2], kept[3], kept[4]
    # Gradients of one chunk of rows; they are summed up when all its rows are done.
    dgi, dgh = np.empty((CHUNK, 3 * H), f32), np.empty((CHUNK, 3 * H), f32)
    dh, dx1 = np.empty((CHUNK, H), f32), np.empty((CHUNK, H), f32)
    previous = np.empty((CHUNK, H), f32)
    p1, p_ih = np.empty_like(w1), np.empty_like(w_ih)
    p_hh, p2 = np.empty_like(w_hh), np.empty_like(w2)
    # What comes back through time to the rows of the block before; the first block is the largest.
    carry, through = np.zeros((offsets[1], H), f32), np.empty((CHUNK, H), f32)
    base = end = R
    running = 0  # rows of the block after
    for t in range(offsets.size - 2, -1, -1):
        a, high = offsets[t], offsets[t + 1]
        while high > a:
            if high == base:
                base, end = (base - 1) // CHUNK * CHUNK, base
                np.dot(dq[base:end], w2, dh[: end - base])
            low = max(a, base)
            m, s, e = high - low, low - base, high - base
            add_rows(dh[s:e], carry[low - a : min(high - a, running)])
            if t > 0:
                first = offsets[t - 1] + low - a
                previous[s:e] = h[first : first + m]
            else:
                previous[s:e] = f32(0.0)
            back = carry[low - a : high - a]
            gate_gradients(
                dh[s:e], r[low:high], z[low:high], n[low:high], ghn[low:high],
                previous[s:e], dgi[s:e], dgh[s:e], back,
            )  # fmt: skip
            if t > 0:
                np.dot(dgh[s:e], w_hh, through[:m])
                add_rows(back, through[:m])
            if low == base:
                e = end - base
                np.dot(dgi[:e], w_ih, dx1[:e])
                mask_relu(dx1[:e], x1[base:end])
                add_products(dx1[:e], x[base:end], dw1, db1, p1)
                add_products(dgi[:e], x1[base:end], dw_ih, db_ih, p_ih)
                add_products(dgh[:e], previous[:e], dw_hh, db_hh, p_hh)
                add_products(dq[base:end], h[base:end], dw2, db2, p2)
            high = low
        running = offsets[t + 1] - a
