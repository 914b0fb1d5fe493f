"""numba kernels of linear layers and of the ReLU, on some hundred rows at a time, in place."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pymarl.kernels.training_jit import compiled

F32 = NDArray[np.float32]
f32 = np.float32

CHUNK: Final = 256
"""Rows of one matrix product."""


@compiled()
def add_bias(matrix: F32, bias: F32) -> None:
    """Add ``bias`` (K,) to every row of ``matrix`` (R, K) in place."""
    for i in range(matrix.shape[0]):
        row = matrix[i]
        for j in range(bias.size):
            row[j] += bias[j]


@compiled()
def add_rows(matrix: F32, rows: F32) -> None:
    """Add ``rows`` (n, K) to the first n rows of ``matrix`` in place."""
    for i in range(rows.shape[0]):
        into, what = matrix[i], rows[i]
        for j in range(into.size):
            into[j] += what[j]


@compiled()
def relu(matrix: F32, bias: F32) -> None:
    """Replace ``matrix`` (R, K) by ``max(0, matrix + bias)`` in place; NaN goes through."""
    for i in range(matrix.shape[0]):
        row = matrix[i]
        for j in range(bias.size):
            v = row[j] + bias[j]
            row[j] = f32(0.0) if v < f32(0.0) else v


@compiled()
def mask_relu(gradient: F32, output: F32) -> None:
    """Zero ``gradient`` (R, K) in place where the ReLU's ``output`` (R, K) is not positive."""
    for i in range(gradient.shape[0]):
        into, what = gradient[i], output[i]
        for j in range(into.size):
            # A select, not a conditional store, so that this becomes vector instructions.
            into[j] = into[j] if what[j] > f32(0.0) else f32(0.0)


@compiled()
def add_products(left: F32, right: F32, weight: F32, bias: F32, product: F32) -> None:
    """Add the gradient of a linear layer over some rows to ``weight`` (K, I) and ``bias`` (K,).

    Args:
        left: gradient of the layer's output (rows, K).
        right: the layer's input (rows, I).
        weight: sum over rows of output gradient times input, added to.
        bias: sum over rows of the output gradient, added to.
        product: scratch (K, I).
    """
    np.dot(left.T, right, product)
    add_rows(weight, product)
    part = np.zeros_like(bias)
    for i in range(left.shape[0]):
        row = left[i]
        for j in range(part.size):
            part[j] += row[j]
    for j in range(part.size):
        bias[j] += part[j]


@compiled()
def two_layers(x: F32, A: F32, a: F32, B: F32, b: F32, hidden: F32, out: F32) -> None:
    """Compute ``hidden = relu(A x + a)`` (R, E) and ``out = B hidden + b`` (R, K) of x (R, I)."""
    np.dot(x, A.T, hidden)
    relu(hidden, a)
    np.dot(hidden, B.T, out)
    add_bias(out, b)


@compiled()
def two_layers_backward(
    dout: F32,
    x: F32,
    B: F32,
    hidden: F32,
    dA: F32,
    da: F32,
    dB: F32,
    db: F32,
    dhidden: F32,
    p_A: F32,
    p_B: F32,
) -> None:
    """Back-propagate :func:`two_layers` to its parameters.

    Args:
        dout: gradient of ``out`` (R, K).
        x: (R, I).
        B: (K, E).
        hidden: of the forward pass (R, E).
        dA: (E, I), added to, as are the next three.
        da: (E,).
        dB: (K, E).
        db: (K,).
        dhidden: scratch (R, E).
        p_A: scratch in the shape of A.
        p_B: scratch in the shape of B.
    """
    add_products(dout, hidden, dB, db, p_B)
    np.dot(dout, B, dhidden)
    mask_relu(dhidden, hidden)
    add_products(dhidden, x, dA, da, p_A)
