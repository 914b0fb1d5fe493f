"""numba kernels of the recurrent agent over packed rows: forward, and backward through time.

float32; BLAS (through ``np.dot``) for every matrix product. Both take ``CHUNK`` rows at a time, so
that what one layer writes is still in the core's cache when the next one reads it: products of a
few hundred rows run faster than one of many thousand. A chunk may span several steps of short
blocks, and a long block several chunks; how rows are laid out in blocks: ``packed_layout.py``.
"""

from typing import NamedTuple

import numpy as np

from pymarl.backends.packed.gru_gates import Gates, advance_gru, gru_gradients
from pymarl.backends.packed.linear_kernels import (
    CHUNK,
    Linear,
    add_bias,
    add_linear_gradient,
    add_rows,
    mask_relu,
    relu,
)
from pymarl.kernels.arrays import F32, I64
from pymarl.kernels.training_jit import compiled

f32 = np.float32


class AgentWeights(NamedTuple):
    """The parameters of ``RNNAgent``, or gradients of that shape."""

    fc1: Linear  # I -> H
    input_gates: Linear  # H -> 3H: W_ih, b_ih
    hidden_gates: Linear  # H -> 3H: W_hh, b_hh
    fc2: Linear  # H -> A


class _ChunkGradients(NamedTuple):
    """Gradients of one chunk of rows; they are summed up when all its rows are done."""

    input_gates: F32  # of W_ih x + b_ih, (CHUNK, 3H)
    hidden_gates: F32  # of W_hh h + b_hh, (CHUNK, 3H)
    encoded: F32  # of fc1's output, (CHUNK, H)
    hidden: F32  # of the new hidden state, (CHUNK, H)
    before: F32  # no gradient: the hidden states before the step, (CHUNK, H)


@compiled(inline=True)
def _gates(kept: F32, low: int, high: int) -> Gates:
    """Return the rows ``low`` to ``high`` of the gates in ``kept``."""
    return Gates(kept[1, low:high], kept[2, low:high], kept[3, low:high], kept[4, low:high])


@compiled()
def forward(
    x: F32, offsets: I64, weights: AgentWeights, keep: bool, kept: F32, h: F32, q: F32
) -> None:
    """Run fc1, ReLU, the GRU and fc2 over all blocks from zero hidden states.

    Args:
        x: inputs (R, I).
        offsets: block starts (T + 1,), rows already multiplied by agents.
        weights: the agent's parameters.
        keep: whether a backward pass follows.
        kept: what that needs, (5, R, H), output: fc1 after ReLU, then the four of ``Gates``.
            Without ``keep`` it is scratch (5, CHUNK, H).
        h: hidden states (R, H), output.
        q: outputs of the last layer (R, A), output.
    """
    R, H = h.shape
    gi, gh = np.empty((CHUNK, 3 * H), f32), np.zeros((CHUNK, 3 * H), f32)
    zeros = np.zeros((CHUNK, H), f32)
    base = end = 0  # rows of the chunk whose input part is in gi
    for t in range(offsets.size - 1):
        low = offsets[t]
        while low < offsets[t + 1]:
            if low == end:
                base, end = end, min(end + CHUNK, R)
                first = base if keep else 0
                encoded = kept[0, first : first + end - base]
                np.dot(x[base:end], weights.fc1.weight.T, encoded)
                relu(encoded, weights.fc1.bias)
                np.dot(encoded, weights.input_gates.weight.T, gi[: end - base])
            high = min(offsets[t + 1], end)
            m = high - low
            before = zeros[:m]  # gh is zero, too, before the first product
            if t > 0:
                # Row k of a block continues row k of the block before.
                first = offsets[t - 1] + low - offsets[t]
                before = h[first : first + m]
                np.dot(before, weights.hidden_gates.weight.T, gh[:m])
            s = low if keep else 0
            advance_gru(
                gi[low - base : high - base],
                gh,
                weights.input_gates.bias,
                weights.hidden_gates.bias,
                before,
                _gates(kept, s, s + m),
                h[low:high],
            )
            if high == end:
                np.dot(h[base:end], weights.fc2.weight.T, q[base:end])
                add_bias(q[base:end], weights.fc2.bias)
            low = high


@compiled()
def backward(
    dq: F32, x: F32, offsets: I64, weights: AgentWeights, kept: F32, h: F32, total: AgentWeights
) -> None:
    """Back-propagate :func:`forward` to the parameters.

    Args:
        dq: dL/dq (R, A).
        x: inputs (R, I).
        offsets: block starts (T + 1,).
        weights: the agent's parameters.
        kept: of the forward pass (5, R, H).
        h: of the forward pass (R, H).
        total: zeros in the shapes of ``weights``, output.
    """
    R, H = h.shape
    chunk = _ChunkGradients(
        np.empty((CHUNK, 3 * H), f32),
        np.empty((CHUNK, 3 * H), f32),
        np.empty((CHUNK, H), f32),
        np.empty((CHUNK, H), f32),
        np.empty((CHUNK, H), f32),
    )
    # What comes back through time to the rows of the block before; the first block is the largest.
    carry, through = np.zeros((offsets[1], H), f32), np.empty((CHUNK, H), f32)
    base, end, running = R, R, 0  # running: rows of the block after
    for t in range(offsets.size - 2, -1, -1):
        block, high = offsets[t], offsets[t + 1]
        while high > block:
            if high == base:
                # The chunks of the forward pass, from the last one on.
                base, end = (base - 1) // CHUNK * CHUNK, base
                np.dot(dq[base:end], weights.fc2.weight, chunk.hidden[: end - base])
            low = max(block, base)
            m, s, e = high - low, low - base, high - base
            add_rows(chunk.hidden[s:e], carry[low - block : min(high - block, running)])
            if t > 0:
                first = offsets[t - 1] + low - block
                chunk.before[s:e] = h[first : first + m]
            else:
                chunk.before[s:e] = f32(0.0)
            back = carry[low - block : high - block]
            gru_gradients(
                chunk.hidden[s:e],
                _gates(kept, low, high),
                chunk.before[s:e],
                chunk.input_gates[s:e],
                chunk.hidden_gates[s:e],
                back,
            )
            if t > 0:
                np.dot(chunk.hidden_gates[s:e], weights.hidden_gates.weight, through[:m])
                add_rows(back, through[:m])
            if low == base:
                rows = slice(base, end)
                _add_chunk(dq[rows], x[rows], kept[0, rows], h[rows], weights, chunk, total)
            high = low
        running = offsets[t + 1] - block


@compiled()
def _add_chunk(
    dq: F32,
    x: F32,
    encoded: F32,
    h: F32,
    weights: AgentWeights,
    chunk: _ChunkGradients,
    total: AgentWeights,
) -> None:
    """Add the gradients of one chunk, whose rows are all done, to ``total``.

    Args:
        dq: dL/dq (rows, A), and so on: the rows of the chunk.
        x: inputs (rows, I).
        encoded: fc1 after ReLU (rows, H).
        h: new hidden states (rows, H).
        weights: the agent's parameters.
        chunk: the gradients; ``encoded`` of them is computed here.
        total: added to.
    """
    m = len(dq)
    input_gates, hidden_gates = chunk.input_gates[:m], chunk.hidden_gates[:m]
    by_encoded = chunk.encoded[:m]
    np.dot(input_gates, weights.input_gates.weight, by_encoded)
    mask_relu(by_encoded, encoded)
    product = np.empty_like(weights.fc1.weight)
    gates_product = np.empty_like(weights.input_gates.weight)
    add_linear_gradient(by_encoded, x, total.fc1, product)
    add_linear_gradient(input_gates, encoded, total.input_gates, gates_product)
    add_linear_gradient(hidden_gates, chunk.before[:m], total.hidden_gates, gates_product)
    add_linear_gradient(dq, h, total.fc2, np.empty_like(weights.fc2.weight))
