"""numba kernels of the mixing network of QMIX, forward and backward, a few hundred rows at a time.

With M the width of the mixing layer and E that of the hypernetworks, per row (state s, values q):
``k1 = relu(A1 s + a1)``, ``w1 = B1 k1 + b1`` (N x M), ``kf = relu(Af s + af)``, ``wf = Bf kf + bf``
(M), ``kv = relu(Av s + av)``, ``u = C s + c + sum_n q_n |w1_n|`` (M), ``g = elu(u)``,
``Q_tot = sum_m g_m |wf_m| + v . kv + d``. Source: Rashid et al. 2018 (arXiv 1803.11485), section
4.1.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pymarl.kernels.training_jit import compiled
from pymarl.modules.packed.gates import exp
from pymarl.modules.packed.linear import (
    CHUNK,
    add_bias,
    add_products,
    relu,
    two_layers,
    two_layers_backward,
)

F32 = NDArray[np.float32]
f32 = np.float32
MixerParameters = tuple[F32, ...]
"""A1, a1, B1, b1, Af, af, Bf, bf, C, c, Av, av, v (1, M), d (1,)."""
Layers = tuple[F32, F32, F32, F32, F32, F32]
"""k1 (R, E), w1 (R, N * M), kf (R, E), wf (R, M), kv (R, M), u (R, M)."""


@compiled(any_order=True)
def _dot(a: F32, b: F32) -> Any:
    """Return ``sum_m a_m b_m``."""
    total = f32(0.0)
    for m in range(a.size):
        total += a[m] * b[m]
    return total


@compiled(any_order=True)
def _dot_abs(a: F32, b: F32) -> Any:
    """Return ``sum_m a_m |b_m|``."""
    total = f32(0.0)
    for m in range(a.size):
        total += a[m] * np.abs(b[m])
    return total


@compiled(inline=True)
def _signed(value: float, weight: float) -> Any:
    """Return ``value sign(weight)``: the gradient through ``|weight|``."""
    if weight > f32(0.0):
        return value
    return -value if weight < f32(0.0) else f32(0.0)


@compiled()
def mix(q: F32, states: F32, weights: MixerParameters, layers: Layers, q_tot: F32) -> None:
    """Compute Q_tot of all rows.

    Args:
        q: agents' values (R, N).
        states: (R, S).
        weights: of the mixer.
        layers: what the backward pass needs, output.
        q_tot: (R, 1), output.
    """
    A1, a1, B1, b1, Af, af, Bf, bf, C, c, Av, av, v, d = weights
    N, M = q.shape[1], Bf.shape[0]
    g = np.empty(M, f32)
    for low in range(0, q.shape[0], CHUNK):
        high = min(low + CHUNK, q.shape[0])
        s = states[low:high]
        k1, w1, kf = layers[0][low:high], layers[1][low:high], layers[2][low:high]
        wf, kv, u = layers[3][low:high], layers[4][low:high], layers[5][low:high]
        two_layers(s, A1, a1, B1, b1, k1, w1)
        two_layers(s, Af, af, Bf, bf, kf, wf)
        np.dot(s, Av.T, kv)
        relu(kv, av)
        np.dot(s, C.T, u)
        add_bias(u, c)
        for i in range(high - low):
            row = u[i]
            for n in range(N):
                value, weight = q[low + i, n], w1[i, n * M : (n + 1) * M]
                for m in range(M):
                    row[m] += value * np.abs(weight[m])
            for m in range(M):
                g[m] = row[m] if row[m] > f32(0.0) else exp(row[m]) - f32(1.0)
            q_tot[low + i, 0] = d[0] + _dot_abs(g, wf[i]) + _dot(kv[i], v[0])


@compiled()
def mix_backward(
    dy: F32,
    q: F32,
    states: F32,
    weights: MixerParameters,
    layers: Layers,
    grads: MixerParameters,
    dq: F32,
) -> None:
    """Back-propagate :func:`mix` to the parameters and to the agents' values.

    Args:
        dy: dL/dQ_tot (R, 1).
        q: (R, N).
        states: (R, S).
        weights: of the mixer.
        layers: of the forward pass.
        grads: zeros in the shapes of ``weights``, output.
        dq: dL/dq (R, N), output.
    """
    A1, _, B1, _, _, _, Bf, _, C, _, _, _, v, _ = weights
    dA1, da1, dB1, db1, dAf, daf, dBf, dbf, dC, dc, dAv, dav, dv, dd = grads
    N, M, E = q.shape[1], Bf.shape[0], A1.shape[0]
    p_first, p_w1, p_wf = np.empty_like(A1), np.empty_like(B1), np.empty_like(Bf)
    p_state, p_v = np.empty_like(C), np.empty_like(v)
    dw1, dwf = np.empty((CHUNK, N * M), f32), np.empty((CHUNK, M), f32)
    du, dkv = np.empty((CHUNK, M), f32), np.empty((CHUNK, M), f32)
    dk = np.empty((CHUNK, E), f32)
    for low in range(0, q.shape[0], CHUNK):
        high = min(low + CHUNK, q.shape[0])
        R = high - low
        s = states[low:high]
        k1, w1, kf = layers[0][low:high], layers[1][low:high], layers[2][low:high]
        wf, kv, u = layers[3][low:high], layers[4][low:high], layers[5][low:high]
        for i in range(R):
            y = dy[low + i, 0]
            inner, last, by_inner, by_last = u[i], wf[i], du[i], dwf[i]
            for m in range(M):
                positive = inner[m] > f32(0.0)
                e = exp(inner[m])
                g = inner[m] if positive else e - f32(1.0)
                slope = f32(1.0) if positive else e
                by_last[m] = _signed(y * g, last[m])
                by_inner[m] = y * np.abs(last[m]) * slope
            for n in range(N):
                weight, out = w1[i, n * M : (n + 1) * M], dw1[i, n * M : (n + 1) * M]
                value = q[low + i, n]
                for m in range(M):
                    out[m] = _signed(value * by_inner[m], weight[m])
                dq[low + i, n] = _dot_abs(by_inner, weight)
            key, by_key = kv[i], dkv[i]
            for m in range(M):
                by_key[m] = y * v[0, m] if key[m] > f32(0.0) else f32(0.0)
        add_products(dy[low:high], kv, dv, dd, p_v)
        add_products(du[:R], s, dC, dc, p_state)
        add_products(dkv[:R], s, dAv, dav, p_state)
        two_layers_backward(dw1[:R], s, B1, k1, dA1, da1, dB1, db1, dk[:R], p_first, p_w1)
        two_layers_backward(dwf[:R], s, Bf, kf, dAf, daf, dBf, dbf, dk[:R], p_first, p_wf)
