"""numba kernels of the mixing network of QMIX, forward and backward, a few hundred rows at a time.

With M the width of the mixing layer and E that of the hypernetworks, per row (state s, values q):
``k1 = relu(A1 s + a1)``, ``w1 = B1 k1 + b1`` (N x M), ``kf = relu(Af s + af)``, ``wf = Bf kf + bf``
(M), ``kv = relu(Av s + av)``, ``u = C s + c + sum_n q_n |w1_n|`` (M), ``g = elu(u)``,
``Q_tot = sum_m g_m |wf_m| + v . kv + d``. Source: Rashid et al. 2018 (arXiv 1803.11485), section
4.1.
"""

from typing import Any, NamedTuple

import numpy as np

from pymarl.backends.packed.gru_gates import exp
from pymarl.backends.packed.linear_kernels import (
    CHUNK,
    Linear,
    TwoLayers,
    TwoLayersScratch,
    add_bias,
    add_linear_gradient,
    relu,
    two_layers,
    two_layers_backward,
)
from pymarl.kernels.arrays import F32
from pymarl.kernels.training_jit import compiled

f32 = np.float32


class MixerWeights(NamedTuple):
    """The parameters of ``QMixer`` with two-layer hypernetworks, or gradients of that shape."""

    w1: TwoLayers  # A1, a1, B1, b1: S -> E -> N * M
    w_final: TwoLayers  # Af, af, Bf, bf: S -> E -> M
    b1: Linear  # C, c: S -> M
    value: TwoLayers  # Av, av, v, d: S -> M -> 1


class MixerLayers(NamedTuple):
    """What the layers give for each row; the backward pass needs it."""

    w1_hidden: F32  # k1 (R, E)
    w1: F32  # (R, N * M)
    w_final_hidden: F32  # kf (R, E)
    w_final: F32  # wf (R, M)
    value_hidden: F32  # kv (R, M)
    inner: F32  # u, before the ELU (R, M)


class _LayerGradients(NamedTuple):
    """Gradients of one chunk of rows."""

    w1: F32  # (CHUNK, N * M)
    w_final: F32  # (CHUNK, M)
    value_hidden: F32  # before its ReLU (CHUNK, M)
    inner: F32  # (CHUNK, M)


@compiled(inline=True)
def _chunk(layers: MixerLayers, low: int, high: int) -> MixerLayers:
    """Return the rows ``low`` to ``high``."""
    return MixerLayers(
        layers.w1_hidden[low:high],
        layers.w1[low:high],
        layers.w_final_hidden[low:high],
        layers.w_final[low:high],
        layers.value_hidden[low:high],
        layers.inner[low:high],
    )


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
def mix(q: F32, states: F32, weights: MixerWeights, layers: MixerLayers, q_tot: F32) -> None:
    """Compute Q_tot of all rows.

    Args:
        q: agents' values (R, N).
        states: (R, S).
        weights: of the mixer.
        layers: what the backward pass needs, output.
        q_tot: (R, 1), output.
    """
    N, M = q.shape[1], weights.b1.bias.size
    g = np.empty(M, f32)
    v, d = weights.value.second.weight[0], weights.value.second.bias[0]
    for low in range(0, q.shape[0], CHUNK):
        high = min(low + CHUNK, q.shape[0])
        s, rows = states[low:high], _chunk(layers, low, high)
        two_layers(s, weights.w1, rows.w1_hidden, rows.w1)
        two_layers(s, weights.w_final, rows.w_final_hidden, rows.w_final)
        np.dot(s, weights.value.first.weight.T, rows.value_hidden)
        relu(rows.value_hidden, weights.value.first.bias)
        np.dot(s, weights.b1.weight.T, rows.inner)
        add_bias(rows.inner, weights.b1.bias)
        # Taken out of the record once, not for every row.
        w1, w_final, key = rows.w1, rows.w_final, rows.value_hidden
        for i in range(high - low):
            inner = rows.inner[i]
            for n in range(N):
                value, weight = q[low + i, n], w1[i, n * M : (n + 1) * M]
                for m in range(M):
                    inner[m] += value * np.abs(weight[m])
            for m in range(M):
                g[m] = inner[m] if inner[m] > f32(0.0) else exp(inner[m]) - f32(1.0)
            q_tot[low + i, 0] = d + _dot_abs(g, w_final[i]) + _dot(key[i], v)


@compiled()
def mix_backward(
    dq_tot: F32,
    q: F32,
    states: F32,
    weights: MixerWeights,
    layers: MixerLayers,
    total: MixerWeights,
    dq: F32,
) -> None:
    """Back-propagate :func:`mix` to the parameters and to the agents' values.

    Args:
        dq_tot: dL/dQ_tot (R, 1).
        q: (R, N).
        states: (R, S).
        weights: of the mixer.
        layers: of the forward pass.
        total: zeros in the shapes of ``weights``, output.
        dq: dL/dq (R, N), output.
    """
    M, first = weights.b1.bias.size, np.empty_like(weights.w1.first.weight)
    hidden = np.empty((CHUNK, first.shape[0]), f32)
    # The two hypernetworks use the same memory one after the other, as do b1 and the value.
    w1_scratch = TwoLayersScratch(hidden, first, np.empty_like(weights.w1.second.weight))
    w_final_scratch = TwoLayersScratch(hidden, first, np.empty_like(weights.w_final.second.weight))
    state_scratch = np.empty_like(weights.b1.weight)
    value_scratch = np.empty_like(weights.value.second.weight)
    gradients = _LayerGradients(
        np.empty((CHUNK, layers.w1.shape[1]), f32),
        np.empty((CHUNK, M), f32),
        np.empty((CHUNK, M), f32),
        np.empty((CHUNK, M), f32),
    )
    v = weights.value.second.weight[0]
    for low in range(0, q.shape[0], CHUNK):
        high = min(low + CHUNK, q.shape[0])
        m, s, rows, dy = high - low, states[low:high], _chunk(layers, low, high), dq_tot[low:high]
        _row_gradients(dy, q[low:high], v, rows, gradients, dq[low:high])
        add_linear_gradient(dy, rows.value_hidden, total.value.second, value_scratch)
        add_linear_gradient(gradients.inner[:m], s, total.b1, state_scratch)
        add_linear_gradient(gradients.value_hidden[:m], s, total.value.first, state_scratch)
        two_layers_backward(gradients.w1[:m], s, weights.w1, rows.w1_hidden, total.w1, w1_scratch)
        two_layers_backward(
            gradients.w_final[:m],
            s,
            weights.w_final,
            rows.w_final_hidden,
            total.w_final,
            w_final_scratch,
        )


@compiled()
def _row_gradients(
    dq_tot: F32, q: F32, v: F32, rows: MixerLayers, gradients: _LayerGradients, dq: F32
) -> None:
    """Back-propagate row by row to what the layers gave and to the agents' values.

    Args:
        dq_tot: dL/dQ_tot (rows, 1), and so on: the rows of one chunk.
        q: (rows, N).
        v: last layer of the value (M,).
        rows: of the forward pass.
        gradients: output.
        dq: dL/dq (rows, N), output.
    """
    N, M = q.shape[1], v.size
    # Taken out of the records once, not for every row.
    all_inner, w1, w_final, keys = rows.inner, rows.w1, rows.w_final, rows.value_hidden
    by_w1, by_w_final, by_keys = gradients.w1, gradients.w_final, gradients.value_hidden
    by_all_inner = gradients.inner
    for i in range(q.shape[0]):
        y = dq_tot[i, 0]
        inner, last, by_inner, by_last = all_inner[i], w_final[i], by_all_inner[i], by_w_final[i]
        for m in range(M):
            positive = inner[m] > f32(0.0)
            e = exp(inner[m])
            g = inner[m] if positive else e - f32(1.0)
            slope = f32(1.0) if positive else e
            by_last[m] = _signed(y * g, last[m])
            by_inner[m] = y * np.abs(last[m]) * slope
        for n in range(N):
            weight, by_weight = w1[i, n * M : (n + 1) * M], by_w1[i, n * M : (n + 1) * M]
            value = q[i, n]
            for m in range(M):
                by_weight[m] = _signed(value * by_inner[m], weight[m])
            dq[i, n] = _dot_abs(by_inner, weight)
        key, by_key = keys[i], by_keys[i]
        for m in range(M):
            by_key[m] = y * v[m] if key[m] > f32(0.0) else f32(0.0)
