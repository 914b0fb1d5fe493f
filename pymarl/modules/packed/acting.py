"""The agents' values of one step on the CPU, in one compiled call."""

import numpy as np
from numpy.typing import NDArray

from pymarl.kernels.training_jit import compiled
from pymarl.modules.packed.gates import gates
from pymarl.modules.packed.linear import add_bias, relu

f32 = np.float32
F32 = NDArray[np.float32]


@compiled()
def step_values(
    obs: F32,
    last_actions: NDArray[np.int64],
    use_last_action: bool,
    use_agent_id: bool,
    weights: tuple[F32, F32, F32, F32, F32, F32, F32, F32],
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
        weights: the agent's parameters, in the order of ``agent_parameters``.
        hidden: hidden states (B, N, H), read and overwritten.
        q: outputs (B, N, A).
    """
    w1, b1, w_ih, b_ih, w_hh, b_hh, w2, b2 = weights
    B, N, width = obs.shape
    A, H = w2.shape
    x = np.empty((N, w1.shape[1]), f32)
    x1, gi, gh = np.empty((N, H), f32), np.empty((N, 3 * H), f32), np.empty((N, 3 * H), f32)
    r, z, n = np.empty((N, H), f32), np.empty((N, H), f32), np.empty((N, H), f32)
    ghn, h = np.empty((N, H), f32), np.empty((N, H), f32)
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
        np.dot(x, w1.T, x1)
        relu(x1, b1)
        np.dot(x1, w_ih.T, gi)
        np.dot(hidden[b], w_hh.T, gh)
        gates(gi, gh, b_ih, b_hh, hidden[b], r, z, n, ghn, h)
        hidden[b] = h
        np.dot(h, w2.T, q[b])
        add_bias(q[b], b2)
