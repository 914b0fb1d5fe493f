"""numba kernels of linear layers and of the ReLU, on some hundred rows at a time, in place."""

from typing import Final, NamedTuple

import numpy as np

from pymarl.kernels.arrays import F32
from pymarl.kernels.training_jit import compiled

f32 = np.float32

CHUNK: Final = 256
"""Rows of one matrix product."""


class Linear(NamedTuple):
    """Parameters of a linear layer of I inputs and K outputs, or gradients of that shape."""

    weight: F32  # (K, I)
    bias: F32  # (K,)


class TwoLayers(NamedTuple):
    """Parameters of ``second(relu(first(x)))``, or gradients of that shape."""

    first: Linear  # I -> E
    second: Linear  # E -> K


class TwoLayersScratch(NamedTuple):
    """Memory that :func:`two_layers_backward` may overwrite."""

    hidden: F32  # (at least rows, E)
    first: F32  # (E, I)
    second: F32  # (K, E)


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
            # max() would drop NaN on one side: a diverged network must not look healthy.
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
def add_linear_gradient(output_gradient: F32, inputs: F32, total: Linear, product: F32) -> None:
    """Add the gradient of a linear layer over some rows to ``total``.

    Args:
        output_gradient: gradient of the layer's output (rows, K).
        inputs: the layer's input (rows, I).
        total: gradients of weight and bias, added to.
        product: scratch (K, I).
    """
    # BLAS writes its result and does not add to it (np.dot has no beta): hence the scratch.
    np.dot(output_gradient.T, inputs, product)
    add_rows(total.weight, product)
    # Summed over these rows first: chunk by chunk, as the weight is, whatever their number.
    part = np.zeros_like(total.bias)
    for i in range(output_gradient.shape[0]):
        row = output_gradient[i]
        for j in range(part.size):
            part[j] += row[j]
    for j in range(part.size):
        total.bias[j] += part[j]


@compiled()
def two_layers(x: F32, layers: TwoLayers, hidden: F32, out: F32) -> None:
    """Write ``hidden = relu(first(x))`` (R, E) and ``out = second(hidden)`` (R, K), x (R, I)."""
    np.dot(x, layers.first.weight.T, hidden)
    relu(hidden, layers.first.bias)
    np.dot(hidden, layers.second.weight.T, out)
    add_bias(out, layers.second.bias)


@compiled()
def two_layers_backward(
    output_gradient: F32,
    x: F32,
    layers: TwoLayers,
    hidden: F32,
    total: TwoLayers,
    scratch: TwoLayersScratch,
) -> None:
    """Back-propagate :func:`two_layers` to its parameters.

    Args:
        output_gradient: gradient of ``out`` (R, K).
        x: (R, I).
        layers: the parameters.
        hidden: of the forward pass (R, E).
        total: gradients of the parameters, added to.
        scratch: overwritten.
    """
    hidden_gradient = scratch.hidden[: x.shape[0]]
    add_linear_gradient(output_gradient, hidden, total.second, scratch.second)
    np.dot(output_gradient, layers.second.weight, hidden_gradient)
    mask_relu(hidden_gradient, hidden)
    add_linear_gradient(hidden_gradient, x, total.first, scratch.first)
