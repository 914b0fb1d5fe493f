"""The packed form of a controller whose agent is ``RNNAgent``, on the CPU."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch as th
from typing_extensions import override

from pymarl.backends.interface import AgentOutputs, SequenceBackend, SequenceController
from pymarl.backends.packed.acting_kernel import step_values
from pymarl.backends.packed.agent_function import (
    agent_arrays,
    agent_parameters,
    packed_outputs,
)
from pymarl.backends.packed.central_function import is_compiled_central, packed_central_mix
from pymarl.backends.packed.packed_layout import PackedLayout, pack_episodes
from pymarl.backends.packed.qmix_function import is_compiled, packed_mix
from pymarl.backends.packed.row_kernels import gather_inputs, packed_best_action_values
from pymarl.backends.packed.workspace import Workspace
from pymarl.backends.transitions import RowIndex, Transitions
from pymarl.components.episode_batch import EpisodeBatch
from pymarl.modules.agents.rnn_agent import RNNAgent
from pymarl.modules.mixers.base import Mixer


@dataclass(frozen=True, slots=True)
class PackedTransitions(Transitions):
    """The transitions that happened, one row each, in the order of ``layout.transition_rows``.

    Attributes:
        layout: of the rows of all steps.
        inputs: the agents' inputs at all steps (R * N, I); valid until the controller that made
            them makes others.
        index: where each transition lies in the padded episodes.
    """

    layout: PackedLayout
    inputs: th.Tensor
    index: RowIndex

    @override
    def current(self, values: th.Tensor) -> th.Tensor:
        return values.index_select(0, self.layout.transition_rows)

    @override
    def following(self, values: th.Tensor) -> th.Tensor:
        return values[self.layout.n_episodes :]

    @override
    def at_steps(self, key: str) -> th.Tensor:
        entries: th.Tensor = self.batch[key]
        return entries.flatten(0, 1).index_select(0, self.layout.rows)

    @override
    def gather(self, padded: th.Tensor) -> th.Tensor:
        return self.index.gather(padded)

    @override
    def scatter(self, values: th.Tensor) -> th.Tensor:
        return self.index.scatter(values)


class PackedBackend(SequenceBackend):
    """Only real steps, by compiled kernels; equal to the reference up to float32 rounding.

    A controller and its copy (of the target networks) have a backend each, because both outputs of
    an update are alive at the same time; a copy starts with an empty workspace.
    """

    description = "packed kernels"

    def __init__(self) -> None:
        """Start with empty workspaces."""
        self.workspace, self.mixer_workspace = Workspace(), Workspace()

    @override
    def transitions(self, mac: SequenceController, batch: EpisodeBatch) -> PackedTransitions:
        layout = pack_episodes(batch["filled"])
        # index_select here and below: an index in brackets takes several times as long.
        current = layout.rows.index_select(0, layout.transition_rows)
        following = layout.rows[layout.n_episodes :]
        entries = {
            key: batch[key].flatten(0, 1)
            for key in ("state", "avail_actions", "actions", "reward", "terminated")
        }
        return PackedTransitions(
            batch=batch,
            state=entries["state"].index_select(0, current),
            next_state=entries["state"].index_select(0, following),
            avail=entries["avail_actions"].index_select(0, current),
            next_avail=entries["avail_actions"].index_select(0, following),
            actions=entries["actions"].index_select(0, current),
            reward=entries["reward"].index_select(0, current),
            terminated=entries["terminated"].index_select(0, current),
            mask=th.ones(len(current), 1),
            layout=layout,
            inputs=self.build_inputs(mac, batch, layout),
            index=RowIndex(
                episodes=current // batch.max_seq_length,
                steps=current % batch.max_seq_length,
                shape=(batch.batch_size, batch.max_seq_length - 1),
            ),
        )

    def build_inputs(
        self, mac: SequenceController, batch: EpisodeBatch, layout: PackedLayout
    ) -> th.Tensor:
        """Return the inputs (R * N, I) of all real steps at once, rows as in ``layout``.

        Each equals that of the controller's ``build_inputs``. They lie in the workspace: valid
        until the next call.
        """
        args = mac.args
        self.workspace.start()
        x = self.workspace.array("x", len(layout.rows), mac.n_agents, mac.input_shape)
        gather_inputs(
            batch["obs"].flatten(0, 1).numpy(),
            batch["actions"].flatten(0, 1)[:, :, 0].numpy(),
            layout.rows.numpy(),
            layout.n_episodes,
            args.n_actions if args.obs_last_action else 0,
            args.obs_agent_id,
            x,
        )
        return th.from_numpy(x).flatten(0, 1)

    @override
    def evaluate(self, mac: SequenceController, transitions: Transitions) -> th.Tensor:
        return self._run(mac, transitions, agent_parameters(_rnn_agent(mac)))

    @override
    def evaluate_with_hidden(
        self, mac: SequenceController, transitions: Transitions
    ) -> AgentOutputs:
        # The identity for the last layer: one small product more than needed, no code of its own.
        agent = _rnn_agent(mac)
        identity, nothing = th.eye(agent.hidden_dim), th.zeros(agent.hidden_dim)
        hidden = self._run(mac, transitions, (*agent_parameters(agent)[:6], identity, nothing))
        return AgentOutputs(agent.fc2(hidden), hidden)

    def _run(
        self,
        mac: SequenceController,
        transitions: Transitions,
        parameters: tuple[th.Tensor, ...],
    ) -> th.Tensor:
        """Return the last layer's outputs (R, N, ...) with these parameters."""
        packed = cast(PackedTransitions, transitions)
        offsets = packed.layout.offsets * mac.n_agents
        outputs = packed_outputs(parameters, packed.inputs, offsets, self.workspace)
        return outputs.view(len(packed.layout.rows), mac.n_agents, -1)

    @override
    def act(self, mac: SequenceController, batch: EpisodeBatch, t: int) -> th.Tensor:
        lead = (batch.batch_size, mac.n_agents)
        last = batch["actions"][:, t - 1, :, 0].numpy() if t else np.full(lead, -1, np.int64)
        # The kernel updates hidden states in place; a fresh episode's are a view of one row.
        mac.hidden_states = mac.hidden_states.contiguous()
        outputs = th.empty(*lead, mac.args.n_actions)
        step_values(
            batch["obs"][:, t].numpy(),
            last,
            mac.args.obs_last_action,
            mac.args.obs_agent_id,
            agent_arrays(_rnn_agent(mac)),
            mac.hidden_states.view(*lead, -1).numpy(),
            outputs.numpy(),
        )
        return outputs

    @override
    def best_action_values(
        self, target_qs: th.Tensor, online_qs: th.Tensor | None, avail_actions: th.Tensor
    ) -> th.Tensor:
        return packed_best_action_values(target_qs, online_qs, avail_actions)

    @override
    def mix(self, mixer: Mixer, agent_qs: th.Tensor, states: th.Tensor) -> th.Tensor:
        # The kernels have no gradient to the states: whoever wants one gets torch's.
        if is_compiled(mixer) and not states.requires_grad:
            return packed_mix(mixer, agent_qs, states)
        if is_compiled_central(mixer) and not states.requires_grad:
            return packed_central_mix(mixer, agent_qs, states, self.mixer_workspace)
        return super().mix(mixer, agent_qs, states)


def _rnn_agent(mac: SequenceController) -> RNNAgent:
    """Return the agent, which :func:`sequence_backend` has looked at."""
    return cast(RNNAgent, mac.agent)
