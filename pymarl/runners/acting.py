"""How a runner asks for actions: by the controller's own method, or by one compiled call."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, cast

import numpy as np
import torch as th
from typing_extensions import override

from pymarl.backends.packed.acting_kernel import AgentArrays, step_values
from pymarl.backends.packed.agent_function import agent_arrays
from pymarl.backends.packed_backend import PackedBackend
from pymarl.components.action_selectors import EpsilonGreedyActionSelector, epsilon_greedy
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.kernels.arrays import F32, F64, I64, U8
from pymarl.kernels.entry_point import entry_point
from pymarl.kernels.training_jit import compiled
from pymarl.modules.agents.rnn_agent import RNNAgent
from pymarl.runners.rollout import Rollout


class Actor(Protocol):
    """Chooses actions for the environments of a rollout."""

    def begin(self, rollout: Rollout, t_env: int, test_mode: bool) -> None:
        """Start an episode in every environment; epsilon is that of ``t_env``, throughout."""

    def act(self, rollout: Rollout, t: int, noise: F64) -> None:
        """Write ``rollout.actions`` where ``rollout.acting``, from what step ``t`` shows.

        ``noise`` holds uniform numbers in [0, 1), (B, 2, N).
        """


class ControllerActor(Actor):
    """Asks ``mac.select_actions``: any controller, agent, selector and device."""

    def __init__(self, mac: BasicMAC) -> None:
        """Keep the controller."""
        self.mac = mac

    @override
    def begin(self, rollout: Rollout, t_env: int, test_mode: bool) -> None:
        self.t_env, self.test_mode = t_env, test_mode
        self.mac.init_hidden(batch_size=rollout.batch.batch_size)

    @override
    def act(self, rollout: Rollout, t: int, noise: F64) -> None:
        rows: Any = slice(None)
        if not rollout.acting.all():
            rows = th.from_numpy(np.flatnonzero(rollout.acting))
        chosen = self.mac.select_actions(
            rollout.batch,
            t,
            self.t_env,
            th.from_numpy(noise)[rows],
            bs=rows,
            test_mode=self.test_mode,
        )
        rollout.actions[rows] = chosen.numpy()


class ActingAgent(NamedTuple):
    """A recurrent agent as the compiled call takes it.

    Attributes:
        weights: the parameters, in the order of ``agent_parameters``.
        use_last_action: append the one-hot last action to the input.
        use_agent_id: append the one-hot agent number to the input.
        hidden: (B, N, H), advanced in place.
        q: (B, N, A), scratch.
    """

    weights: AgentArrays
    use_last_action: bool
    use_agent_id: bool
    hidden: F32
    q: F32


class CompiledActor(Actor):
    """The same for a GRU agent with epsilon-greedy selection on the CPU, in one compiled call.

    It calls the kernels that the controller and the selector call, environment by environment, so
    the actions are the same, bit for bit. Environments that do not act cost nothing.
    """

    def __init__(self, mac: BasicMAC) -> None:
        """Keep the controller."""
        self.mac = mac
        self.act_rows: Callable[..., None] | None = None

    @staticmethod
    def fits(mac: BasicMAC) -> bool:
        """Return whether ``mac`` acts by exactly what is compiled here."""
        return (
            isinstance(mac.backend, PackedBackend)
            and type(mac.action_selector) is EpsilonGreedyActionSelector
        )

    @override
    def begin(self, rollout: Rollout, t_env: int, test_mode: bool) -> None:
        mac, now = self.mac, rollout.at[0]
        mac.action_selector.anneal(t_env, test_mode)
        B, N, A = now.avail.shape
        initial = mac.agent.init_hidden().detach().numpy()
        hidden = np.empty((B, N, initial.shape[-1]), np.float32)
        hidden[:] = initial
        # Views, made anew for every rollout: whoever replaced a parameter's storage is noticed.
        # (Copies of parameters that are not contiguous: the compiled call needs one layout.)
        arrays = agent_arrays(cast(RNNAgent, mac.agent))
        weights: Any = tuple(np.ascontiguousarray(array, np.float32) for array in arrays)
        self.agent = ActingAgent(
            weights=weights,
            use_last_action=mac.args.obs_last_action,
            use_agent_id=mac.args.obs_agent_id,
            hidden=hidden,
            q=np.empty((B, N, A), np.float32),
        )
        self.epsilon = float(mac.action_selector.epsilon)
        self.no_actions: I64 = np.full((B, N), -1, np.int64)
        if self.act_rows is None:
            # All rollouts have these types: numba need not look at 13 arrays in each call.
            noise = np.empty((B, 2, N))
            self.act_rows = entry_point(
                act_rows,
                (
                    rollout.acting,
                    now.obs,
                    self.no_actions,
                    now.avail,
                    noise,
                    self.epsilon,
                    self.agent,
                    rollout.actions,
                ),
            )

    @override
    def act(self, rollout: Rollout, t: int, noise: F64) -> None:
        now = rollout.at[t]
        assert self.act_rows is not None, "begin comes first"
        self.act_rows(
            rollout.acting,
            now.obs,
            rollout.at[t - 1].actions if t else self.no_actions,
            now.avail,
            np.ascontiguousarray(noise, np.float64),
            self.epsilon,
            self.agent,
            rollout.actions,
        )


def make_actor(mac: BasicMAC) -> Actor:
    """Return the fastest actor that gives the actions of ``mac``."""
    return CompiledActor(mac) if CompiledActor.fits(mac) else ControllerActor(mac)


@compiled()
def act_rows(
    acting: U8,
    obs: F32,
    last_actions: I64,
    avail: U8,
    noise: F64,
    epsilon: float,
    agent: ActingAgent,
    actions: I64,
) -> None:
    """Write the epsilon-greedy actions (B, N) of the environments where ``acting`` is 1.

    Args:
        acting: (B,).
        obs: (B, N, O).
        last_actions: (B, N), -1 before the first.
        avail: (B, N, A).
        noise: (B, 2, N), see ``epsilon_greedy``.
        epsilon: probability of a random available action.
        agent: the network and its memory.
        actions: output (B, N).
    """
    hidden, q = agent.hidden, agent.q
    for b in range(acting.size):
        if acting[b]:
            row = slice(b, b + 1)
            step_values(
                obs[row],
                last_actions[row],
                agent.use_last_action,
                agent.use_agent_id,
                agent.weights,
                hidden[row],
                q[row],
            )
            epsilon_greedy(q[row], avail[row], noise[row], epsilon, actions[row])
