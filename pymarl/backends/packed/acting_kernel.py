"""The agents' values of one step on the CPU, in one compiled call."""

import numpy as np
from numpy.typing import NDArray

from pymarl.backends.packed.gru_gates import Gates, advance_gru
from pymarl.backends.packed.gru_kernels import AgentWeights
from pymarl.backends.packed.linear_kernels import Linear, add_bias, relu
from pymarl.kernels.arrays import F32
from pymarl.kernels.training_jit import compiled

AgentArrays = tuple[F32, F32, F32, F32, F32, F32, F32, F32]
"""The arrays of ``AgentWeights`` one after the other: a record within a record would cost the call
of a step two microseconds, a fifth of its time, before the kernel begins."""
f32 = np.float32


@compiled()
def _write_inputs(
    obs: F32, last_actions: NDArray[np.int64], n_last: int, use_agent_id: bool, x: F32
) -> None:
    """Write the inputs (N, I) of one episode's agents.

    Args:
        obs: (N, O).
        last_actions: (N,), -1 before the first action.
        n_last: A to append the one-hot last action, 0 to leave it out.
        use_agent_id: append the one-hot agent number.
        x: output (N, I).
    """
    width = obs.shape[1]
    x[:, :width] = obs
    x[:, width:] = f32(0.0)
    for i in range(len(obs)):
        if n_last > 0 and last_actions[i] >= 0:
            x[i, width + last_actions[i]] = f32(1.0)
        if use_agent_id:
            x[i, width + n_last + i] = f32(1.0)


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
    B, N = last_actions.shape
    A, H = weights.fc2.weight.shape
    x = np.empty((N, weights.fc1.weight.shape[1]), f32)
    encoded, after = np.empty((N, H), f32), np.empty((N, H), f32)
    input_part, hidden_part = np.empty((N, 3 * H), f32), np.empty((N, 3 * H), f32)
    gates = Gates(
        np.empty((N, H), f32), np.empty((N, H), f32), np.empty((N, H), f32), np.empty((N, H), f32)
    )
    n_last = A if use_last_action else 0
    for b in range(B):
        _write_inputs(obs[b], last_actions[b], n_last, use_agent_id, x)
        np.dot(x, weights.fc1.weight.T, encoded)
        relu(encoded, weights.fc1.bias)
        np.dot(encoded, weights.input_gates.weight.T, input_part)
        np.dot(hidden[b], weights.hidden_gates.weight.T, hidden_part)
        advance_gru(
            input_part,
            hidden_part,
            weights.input_gates.bias,
            weights.hidden_gates.bias,
            hidden[b],
            gates,
            after,
        )
        hidden[b] = after
        np.dot(after, weights.fc2.weight.T, q[b])
        add_bias(q[b], weights.fc2.bias)
