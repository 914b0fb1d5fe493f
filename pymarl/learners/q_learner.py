"""Q-learning on whole episodes: IQL, VDN and QMIX."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch as th

from pymarl.components.clocks import EveryT
from pymarl.components.episode_batch import EpisodeBatch, Scheme
from pymarl.config.schema import QLearnerConfig
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.errors import NonFiniteError
from pymarl.learners.targets import (
    masked_squared_error,
    max_action_values,
    one_step_targets,
    transition_mask,
)
from pymarl.modules.mixers import REGISTRY as mixer_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.modules.mixers.base import Mixer
from pymarl.modules.packed.agent import PackedAgent, agent_parameters, packed_q
from pymarl.modules.packed.layout import pack_layout
from pymarl.utils.logging import Logger

Stats = dict[str, th.Tensor]
FLAT_ENTRIES = ("actions", "state", "avail_actions", "reward", "terminated")


@dataclass(frozen=True, slots=True)
class Transitions:
    """What a temporal-difference error needs besides values; leading axes: (B, T) or (rows,)."""

    state: th.Tensor  # (..., S)
    next_state: th.Tensor  # (..., S)
    next_avail: th.Tensor  # (..., N, A)
    reward: th.Tensor  # (..., 1)
    terminated: th.Tensor  # (..., 1)
    mask: th.Tensor  # (..., 1)


class QLearner:
    """Minimises ``mean (y - Q_tot)^2`` over the steps of a batch, ``y`` from target networks.

    Without a mixer (IQL) every agent's own value is regressed. Source: PyMARL
    ``learners/q_learner.py``.
    Deviation: a loss or gradient that is not finite stops the run.
    """

    def __init__(self, mac: BasicMAC, scheme: Scheme, logger: Logger, args: QLearnerConfig) -> None:
        """Build mixer, target networks and RMSprop over agent and mixer parameters."""
        self.args = args
        self.mac = mac
        self.logger = logger
        self.params = list(mac.parameters())
        self.mixer: Mixer | None = None
        self.target_mixer: Mixer | None = None
        if args.mixer is not None:
            self.mixer = mixer_REGISTRY[args.mixer](args)
            self.params += list(self.mixer.parameters())
            self.target_mixer = copy.deepcopy(self.mixer)
        self.optimiser = th.optim.RMSprop(
            self.params, lr=args.lr, alpha=args.optim_alpha, eps=args.optim_eps
        )
        self.target_mac = copy.deepcopy(mac)
        self.last_target_update_episode = 0
        self.log_clock = EveryT(args.learner_log_interval)
        self.updates = 0

    def train(self, batch: EpisodeBatch, t_env: int, episode_num: int) -> None:
        """Make one gradient step on ``batch`` and update the target networks when they are due.

        Raises:
            NonFiniteError: the loss or the gradient norm is NaN or infinite.
        """
        loss, stats = self.loss(batch)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it unannotated
        grad_norm = float(th.nn.utils.clip_grad_norm_(self.params, self.args.grad_norm_clip))
        self._require_finite({"loss": float(loss.detach()), "grad_norm": grad_norm}, t_env)
        self.optimiser.step()
        self.updates += 1

        if (
            episode_num - self.last_target_update_episode
        ) / self.args.target_update_interval >= 1.0:
            self._update_targets()
            self.last_target_update_episode = episode_num

        if self.log_clock.rings(t_env):
            self.logger.log_stat("loss", float(loss.detach()), t_env)
            self.logger.log_stat("grad_norm", grad_norm, t_env)
            for key, value in stats.items():
                self.logger.log_stat(key, float(value), t_env)

    def loss(self, batch: EpisodeBatch) -> tuple[th.Tensor, Stats]:
        """Return (loss with its graph, statistics to log) of a batch."""
        if self.args.fast and self.args.device == "cpu":
            return self._packed_loss(batch)
        return self._padded_loss(batch)

    def _padded_loss(self, batch: EpisodeBatch) -> tuple[th.Tensor, Stats]:
        """The loss as PyMARL computes it: the cell unrolled step by step over padded episodes."""
        qs = unroll(self.mac, batch)  # (B, T, N, A)
        chosen = qs[:, :-1].gather(3, batch["actions"][:, :-1]).squeeze(3)
        with th.no_grad():
            next_qs = unroll(self.target_mac, batch)[:, 1:]
        return self._td_loss(
            chosen,
            next_qs,
            qs.detach()[:, 1:],
            Transitions(
                state=batch["state"][:, :-1],
                next_state=batch["state"][:, 1:],
                next_avail=batch["avail_actions"][:, 1:],
                reward=batch["reward"][:, :-1],
                terminated=batch["terminated"][:, :-1],
                mask=transition_mask(batch["filled"]),
            ),
        )

    def _packed_loss(self, batch: EpisodeBatch) -> tuple[th.Tensor, Stats]:
        """The same loss up to float32 rounding, computed over real steps only."""
        layout = pack_layout(batch["filled"])
        offsets = layout.offsets * self.args.n_agents
        agent, target = self.mac.agent, self.target_mac.agent
        inputs = self.mac.build_packed_inputs(batch, layout)
        shape = (len(layout.rows), self.args.n_agents, -1)
        qs = PackedAgent.apply(  # type: ignore[no-untyped-call]  # torch leaves it unannotated
            inputs, offsets, *agent_parameters(agent)
        ).view(shape)
        next_qs = packed_q(target, inputs, offsets).view(shape)[layout.first :]

        current = layout.rows[layout.current]
        following = layout.rows[layout.first :]
        entries = {key: batch[key].flatten(0, 1) for key in FLAT_ENTRIES}
        chosen = qs[layout.current].gather(2, entries["actions"][current]).squeeze(2)
        return self._td_loss(
            chosen,
            next_qs,
            qs.detach()[layout.first :],
            Transitions(
                state=entries["state"][current],
                next_state=entries["state"][following],
                next_avail=entries["avail_actions"][following],
                reward=entries["reward"][current],
                terminated=entries["terminated"][current],
                mask=th.ones(len(current), 1),
            ),
        )

    def _td_loss(
        self, chosen: th.Tensor, next_qs: th.Tensor, online_qs: th.Tensor, step: "Transitions"
    ) -> tuple[th.Tensor, Stats]:
        """Return loss and statistics from the agents' values; leading axes: (B, T) or (rows,).

        Args:
            chosen: values of the actions taken, (..., N), with graph.
            next_qs: target network's values of the moments after, (..., N, A).
            online_qs: online network's values of the moments after, (..., N, A), without graph.
            step: the rest of the transitions.
        """
        with th.no_grad():
            online = online_qs if self.args.double_q else None
            values = max_action_values(next_qs, online, step.next_avail)
            if self.target_mixer is not None:
                values = self.target_mixer(values, step.next_state)
            targets = one_step_targets(step.reward, step.terminated, values, self.args.gamma)
        if self.mixer is not None:
            chosen = self.mixer(chosen, step.state)

        td_error = chosen - targets
        mask = step.mask.expand_as(td_error)
        loss = masked_squared_error(td_error, mask)
        with th.no_grad():
            counted = mask.sum()
            # PyMARL divides by the number of agents also where one team value is counted.
            per_agent = counted * self.args.n_agents
            stats = {
                "td_error_abs": (td_error * mask).abs().sum() / counted,
                "q_taken_mean": (chosen * mask).sum() / per_agent,
                "target_mean": (targets * mask).sum() / per_agent,
            }
        return loss, stats

    def _require_finite(self, values: dict[str, float], t_env: int) -> None:
        """Stop the run when a number is NaN or infinite."""
        for key, value in values.items():
            if not abs(value) < float("inf"):
                raise NonFiniteError(
                    f"{key}={value} at t_env={t_env}, update {self.updates + 1}, "
                    f"seed={self.args.seed}: expected a finite number; "
                    "the parameters of the update before are kept. Try a smaller lr or "
                    "grad_norm_clip."
                )

    def _update_targets(self) -> None:
        """Copy the online networks to the target networks."""
        self.target_mac.load_state(self.mac)
        if self.mixer is not None and self.target_mixer is not None:
            self.target_mixer.load_state_dict(self.mixer.state_dict())

    def state(self) -> dict[str, Any]:
        """Return everything a resumed run needs to go on to the same bits: tensors and numbers."""
        targets = {"agent": self.target_mac.agent.state_dict()}
        state = {"agent": self.mac.agent.state_dict(), "targets": targets}
        if self.mixer is not None and self.target_mixer is not None:
            state["mixer"] = self.mixer.state_dict()
            targets["mixer"] = self.target_mixer.state_dict()
        counters = {
            "updates": self.updates,
            "last_target_update_episode": self.last_target_update_episode,
            "log_clock": self.log_clock.last,
        }
        return state | {"optimiser": self.optimiser.state_dict(), "counters": counters}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` returned, on whatever device the networks are."""
        self.mac.agent.load_state_dict(state["agent"])
        self.target_mac.agent.load_state_dict(state["targets"]["agent"])
        if self.mixer is not None and self.target_mixer is not None:
            self.mixer.load_state_dict(state["mixer"])
            self.target_mixer.load_state_dict(state["targets"]["mixer"])
        self.optimiser.load_state_dict(state["optimiser"])
        counters = state["counters"]
        self.updates = counters["updates"]
        self.last_target_update_episode = counters["last_target_update_episode"]
        self.log_clock.last = counters["log_clock"]

    def to(self, device: str) -> None:
        """Move all networks to ``device``."""
        self.mac.to(device)
        self.target_mac.to(device)
        for mixer in (self.mixer, self.target_mixer):
            if mixer is not None:
                mixer.to(device)

    def save_models(self, path: Path) -> None:
        """Write agent, mixer, optimiser and target networks to ``path``, an existing folder."""
        self.mac.save_models(path)
        if self.mixer is not None:
            th.save(self.mixer.state_dict(), path / "mixer.th")
        th.save(self.optimiser.state_dict(), path / "opt.th")
        targets = {"agent": self.target_mac.agent.state_dict()}
        if self.target_mixer is not None:
            targets["mixer"] = self.target_mixer.state_dict()
        th.save(targets, path / "target.th")

    def load_models(self, path: Path) -> None:
        """Read what :meth:`save_models` wrote.

        A folder of PyMARL's own has no ``target.th``: the targets become copies of the networks.
        """
        self.mac.load_models(path)
        if self.mixer is not None:
            self.mixer.load_state_dict(_load(path / "mixer.th"))
        self.optimiser.load_state_dict(_load(path / "opt.th"))
        self._update_targets()
        if (path / "target.th").is_file():
            targets = _load(path / "target.th")
            self.target_mac.agent.load_state_dict(targets["agent"])
            if self.target_mixer is not None:
                self.target_mixer.load_state_dict(targets["mixer"])


def unroll(mac: BasicMAC, batch: EpisodeBatch) -> th.Tensor:
    """Return the agents' outputs (B, T, N, A) over a batch, unrolled from fresh hidden states."""
    mac.init_hidden(batch.batch_size)
    return th.stack([mac.forward(batch, t) for t in range(batch.max_seq_length)], dim=1)


def _load(path: Path) -> dict[str, Any]:
    """Return the state dictionaries in a file, on the CPU, without running code from it."""
    state: dict[str, Any] = th.load(path, map_location="cpu", weights_only=True)
    return state
