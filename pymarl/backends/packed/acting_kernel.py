"""The agents' values of one step on the CPU, in one compiled call."""

import numpy as np
from numpy.typing import NDArray

from pymarl.backends.packed.gru_gates import Gates, advance_gru
from pymarl.backends.packed.gru_kernels import AgentWeights
from pymarl.backends.packed.linear_kernels import F32, Linear, add_bias, relu
from pymarl.kernels.training_jit import compiled

AgentArrays = tuple[F32, F32, F32, F32, F32, F32, F32, F32]
"""The arrays of ``AgentWeights`` one after the other: a record within a record would cost the call
of a step two microseconds, a fifth of its time, before the kernel begins."""
f32 = np.float32


@compiled()
def step_values(
    obs: F32,
    last_actions: NDArray[np.int64],
    use_last_action: bool,
    use_agent_id: bool,
    arrays: AgentArrays,
    hidden: F32,
    q: F32,
) -> None:
    """Advance the agents of B episodes by one step and write their outputs.

    Every product is made episode by episode with the same shapes, so the numbers of an episode do
    not depend on how many others are in the batch.

    Args:
        obs: observations (B, N, O).
        last_actions: (B, N), -1 before the first action.
        use_last_action: append the one-hot last action to the input.
        use_agent_id: append the one-hot agent number to the input.
        arrays: the agent's parameters.
        hidden: hidden states (B, N, H), read and overwritten.
        q: outputs (B, N, A).
    """
    w1, b1, w_ih, b_ih, w_hh, b_hh, w2, b2 = arrays
    weights = AgentWeights(Linear(w1, b1), Linear(w_ih, b_ih), Linear(w_hh, b_hh), Linear(w2, b2))
    B, N, width = obs.shape
    A, H = weights.fc2.weight.shape
    x = np.empty((N, weights.fc1.weight.shape[1]), f32)
    encoded, after = np.empty((N, H), f32), np.empty((N, H), f32)
    input_part, hidden_part = np.empty((N, 3 * H), f32), np.empty((N, 3 * H), f32)
    gates = Gates(
        np.empty((N, H), f32), np.empty((N, H), f32), np.empty((N, H), f32), np.empty((N, H), f32)
    )
    for b in range(B):
        x[:, width:] = f32(0.0)
        x[:, :width] = obs[b]
        for i in range(N):
            end = width
            if use_last_action:
                if last_actions[b, i] >= 0:
                    x[i, end + last_actions[b, i]] = f32(1.0)
                end += A
            if use_agent_id:
                x[i, end + i] = f32(1.0)
        np.dot(x, weights.fc1.weight.T, encoded)
        relu(encoded, weights.fc1.bias)
        np.dot(encoded, weights.input_gates.weight.T, input_part)
        np.dot(hidden[b], weights.hidden_gates.weight.T, hidden_part)
        advance_gru(
            input_part, hidden_part, weights.input_gates.bias, weights.hidden_gates.bias,
            hidden[b], gates, after,
        )  # fmt: skip
        hidden[b] = after
        np.dot(after, weights.fc2.weight.T, q[b])
        add_bias(q[b], weights.fc2.bias)
