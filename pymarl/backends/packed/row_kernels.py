"""What is read off packed rows, or gathered into them from padded episodes, in one pass each."""

import numpy as np
import torch as th

from pymarl.kernels.arrays import F32, I64, U8
from pymarl.kernels.training_jit import compiled

f32 = np.float32


@compiled()
def gather_inputs(
    obs: F32, actions: I64, rows: I64, n_episodes: int, last_action: int, agent_id: bool, x: F32
) -> None:
    """Write the agents' inputs of packed rows: observation, one-hot last action, one-hot number.

    Args:
        obs: (B * T, N, O), padded episodes flattened.
        actions: (B * T, N).
        rows: (R,), the rows' places in the padded episodes.
        n_episodes: number of rows that begin an episode; they come first and have no last action.
        last_action: A to append the last action, 0 to leave it out.
        agent_id: append the agent's number.
        x: output (R, N, I).
    """
    N, O = obs.shape[1], obs.shape[2]  # noqa: E741 - the width of an observation
    for k in range(rows.size):
        for i in range(N):
            into = x[k, i]
            into[:O] = obs[rows[k], i]
            into[O:] = f32(0.0)
            if last_action > 0 and k >= n_episodes:
                # Steps are consecutive in padded episodes: the step before is the element before.
                into[O + actions[rows[k] - 1, i]] = f32(1.0)
            if agent_id:
                into[O + last_action + i] = f32(1.0)


@compiled()
def best_values(target: F32, chooser: F32, avail: U8, out: F32) -> None:
    """Write ``target[argmax chooser]`` over available actions (the first of equals).

    Args:
        target: values (M, N, A).
        chooser: values by which actions are chosen (M, N, A); ``target`` itself without double Q.
        avail: zeros and ones (M, N, A); where all are 0 the first action counts.
        out: output (M, N).
    """
    M, N, A = target.shape
    for k in range(M):
        for i in range(N):
            best = -1
            for a in range(A):
                if avail[k, i, a] and (best < 0 or chooser[k, i, a] > chooser[k, i, best]):
                    best = a
            out[k, i] = target[k, i, max(best, 0)]


def packed_best_action_values(
    target_qs: th.Tensor, online_qs: th.Tensor | None, avail_actions: th.Tensor
) -> th.Tensor:
    """Return what ``reference_backend.best_action_values`` returns for packed rows, bit for bit.

    Args:
        target_qs: values of the target network (M, N, A).
        online_qs: values of the online network at the same moments (M, N, A), or None.
        avail_actions: zeros and ones, uint8 (M, N, A); every agent has one.

    Returns:
        (M, N), without a graph.
    """
    target = target_qs.numpy()
    chooser = target if online_qs is None else online_qs.numpy()
    out = np.empty(target.shape[:2], np.float32)
    best_values(target, chooser, avail_actions.numpy(), out)
    return th.from_numpy(out)
