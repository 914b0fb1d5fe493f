"""The agents' outputs over whole episodes with one GRU call, for the GPU.

The reference calls the network once per step: on a GPU that is hundreds of small kernels. Here one
call covers all steps; cuDNN runs the recurrence. It computes on any device, so that its equality to
the unrolled cell is tested without a GPU (tests/golden/test_sequence.py).
"""

import warnings
from typing import cast

import torch as th
from torch import nn
from typing_extensions import override

from pymarl.backends.interface import AgentOutputs, SequenceController
from pymarl.backends.reference_backend import ReferenceBackend
from pymarl.backends.transitions import Transitions
from pymarl.components.episode_batch import EpisodeBatch
from pymarl.modules.agents.rnn_agent import RNNAgent


class CudnnBackend(ReferenceBackend):
    """Padded episodes as in the reference, but one GRU call over all their steps."""

    description = "whole sequences by cuDNN"

    @override
    def evaluate(self, mac: SequenceController, transitions: Transitions) -> th.Tensor:
        return self.evaluate_with_hidden(mac, transitions).outputs

    @override
    def evaluate_with_hidden(
        self, mac: SequenceController, transitions: Transitions
    ) -> AgentOutputs:
        batch = transitions.batch
        B, T, N = batch.batch_size, batch.max_seq_length, mac.n_agents
        agent = cast(RNNAgent, mac.agent)
        inputs = sequence_inputs(mac, batch).transpose(1, 2).reshape(B * N, T, -1)
        initial = agent.init_hidden().expand(B * N, -1).unsqueeze(0)
        hidden = gru(th.relu(agent.fc1(inputs)), initial.contiguous(), agent.rnn)
        hidden = hidden.view(B, N, T, -1).transpose(1, 2)
        return AgentOutputs(agent.fc2(hidden), hidden)


def sequence_inputs(mac: SequenceController, batch: EpisodeBatch) -> th.Tensor:
    """Return the agents' inputs (B, T, N, I) of all steps, in the order of ``build_inputs``."""
    parts = [batch["obs"]]
    if mac.args.obs_last_action:
        onehot = batch["actions_onehot"]
        parts.append(th.cat([th.zeros_like(onehot[:, :1]), onehot[:, :-1]], dim=1))
    if mac.args.obs_agent_id:
        eye = th.eye(mac.n_agents, device=batch.device)
        parts.append(eye.expand(batch.batch_size, batch.max_seq_length, -1, -1))
    return th.cat(parts, dim=3).to(mac.args.device)


def gru(inputs: th.Tensor, initial: th.Tensor, cell: nn.GRUCell) -> th.Tensor:
    """Return the hidden states (rows, T, H) of a cell run over sequences.

    Args:
        inputs: (rows, T, I).
        initial: hidden states of the start, (1, rows, H).
        cell: whose parameters are used; gradients go to them.
    """
    weights = [cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh]
    with warnings.catch_warnings():
        # cuDNN wants the four in one block and copies them each time: 100 kB here.
        warnings.filterwarnings("ignore", message="RNN module weights are not part")
        # Arguments: biases, one layer, no dropout, training, one direction, batch first.
        outputs: th.Tensor = th._VF.gru(  # what nn.GRU calls
            inputs, initial, weights, True, 1, 0.0, th.is_grad_enabled(), False, True
        )[0]
    return outputs
