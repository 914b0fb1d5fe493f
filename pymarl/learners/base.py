"""What every learner does besides computing losses: steps, target networks, state, saved models."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import torch as th
from torch import nn

from pymarl.components.clocks import EveryT
from pymarl.components.episode_batch import EpisodeBatch, Scheme
from pymarl.config.schema import Config
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.errors import ConfigError, NonFiniteError
from pymarl.learners.model_files import network_state, optimiser_state, target_network_states
from pymarl.utils.logging import Logger

Stats = dict[str, th.Tensor]


class Learner(ABC):
    """Improves a controller from batches of episodes.

    A subclass fills ``networks``, ``target_networks`` and ``optimisers`` in its constructor and
    implements :meth:`train`; moving, resuming and saving then follow from the three dictionaries.

    Attributes:
        networks: what is trained, by file name: ``networks["mixer"]`` is saved as ``mixer.th``.
        target_networks: the slowly following copies, under the names of their originals.
        optimisers: by file name.
        updates: calls of :meth:`train` so far.
        COUNTERS: names of the integer attributes a resumed run needs.

    Deviation from PyMARL: a loss or gradient that is not finite stops the run, and target networks
        are saved.
    """

    COUNTERS: ClassVar[tuple[str, ...]] = ("updates",)

    def __init__(self, mac: BasicMAC, scheme: Scheme, logger: Logger, args: Any) -> None:
        """Take over the controller; ``scheme`` says what batches hold."""
        self.mac, self.logger, self.args = mac, logger, args
        self.networks: dict[str, nn.Module] = {"agent": mac.agent}
        self.target_networks: dict[str, nn.Module] = {}
        self.optimisers: dict[str, th.optim.Optimizer] = {}
        self.log_clock = EveryT(args.learner_log_interval)
        self.updates = 0

    @abstractmethod
    def train(self, batch: EpisodeBatch, t_env: int, episode_num: int) -> None:
        """Learn from ``batch``, update target networks when they are due, and log when it is time.

        Args:
            batch: whole episodes on the device of the networks.
            t_env: environment steps so far.
            episode_num: episodes so far, without those of the newest rollout.

        Raises:
            NonFiniteError: a loss or a gradient norm is NaN or infinite.
        """

    def td_residuals(self, batch: EpisodeBatch) -> th.Tensor:
        """Return ``r + gamma V(s') - V(s)`` (B, T - 1) of the greedy policy's value V.

        Args:
            batch: whole episodes on the device of the networks. Entries of transitions that did not
                happen mean nothing.

        Raises:
            ConfigError: this learner has no such value.
        """
        raise ConfigError(
            f"td_residual=True: learner={self.args.learner} has no value of the greedy policy"
        )

    def gradient_step(
        self,
        loss: th.Tensor,
        optimiser: th.optim.Optimizer,
        params: Iterable[nn.Parameter],
        t_env: int,
        name: str = "loss",
    ) -> float:
        """Make one step down the gradient of ``loss``; return its L2 norm before clipping.

        Raises:
            NonFiniteError: the loss or the norm is NaN or infinite; nothing was changed.
        """
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it unannotated
        norm = float(th.nn.utils.clip_grad_norm_(params, self.args.grad_norm_clip))
        for key, value in {
            name: float(loss.detach()),
            f"norm of its gradient ({name})": norm,
        }.items():
            if not abs(value) < float("inf"):
                raise NonFiniteError(
                    f"{key}={value} at t_env={t_env}, update {self.updates + 1}, "
                    f"seed={self.args.seed}: expected a finite number; "
                    "the parameters of the step before are kept. Try a smaller lr or "
                    "grad_norm_clip."
                )
        optimiser.step()
        return norm

    def update_target_networks(self) -> None:
        """Copy the networks to their target networks."""
        for name, target in self.target_networks.items():
            target.load_state_dict(self.networks[name].state_dict())

    def log_stats(self, stats: Mapping[str, th.Tensor], t_env: int) -> None:
        """Log statistics under their names."""
        for key, value in stats.items():
            self.logger.log_stat(key, float(value), t_env)

    def to(self, device: str) -> None:
        """Move all networks to ``device``."""
        for network in (*self.networks.values(), *self.target_networks.values()):
            network.to(device)

    def counters(self) -> dict[str, int]:
        """Return the counters by name."""
        return {name: getattr(self, name) for name in self.COUNTERS}

    def load_counters(self, counters: Mapping[str, Any]) -> None:
        """Take over what :meth:`counters` returned; other keys are left alone.

        Raises:
            KeyError, TypeError, ValueError: a counter is missing or no number.
        """
        numbers = {name: int(counters[name]) for name in self.COUNTERS}
        for name, number in numbers.items():
            setattr(self, name, number)

    def state(self) -> dict[str, Any]:
        """Return everything a resumed run needs to go on to the same bits: tensors and numbers."""
        return {
            "networks": {name: part.state_dict() for name, part in self.networks.items()},
            "targets": {name: part.state_dict() for name, part in self.target_networks.items()},
            "optimisers": {name: part.state_dict() for name, part in self.optimisers.items()},
            "counters": self.counters(),
            "log_clock": self.log_clock.last,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` returned, on whatever device the networks are."""
        for name, network in self.networks.items():
            network.load_state_dict(state["networks"][name])
        for name, target in self.target_networks.items():
            target.load_state_dict(state["targets"][name])
        for name, optimiser in self.optimisers.items():
            # torch keeps the tensors it is given; two learners must not share them.
            optimiser.load_state_dict(copy.deepcopy(state["optimisers"][name]))
        self.load_counters(state["counters"])
        self.log_clock.last = state["log_clock"]

    def save_models(self, path: Path) -> None:
        """Write networks, optimisers and target networks to ``path``, an existing folder."""
        for name, network in self.networks.items():
            th.save(network.state_dict(), path / f"{name}.th")
        for name, optimiser in self.optimisers.items():
            th.save(optimiser.state_dict(), path / f"{name}.th")
        targets = {name: target.state_dict() for name, target in self.target_networks.items()}
        th.save(targets, path / "target.th")

    def load_models(self, path: Path) -> None:
        """Take over what :meth:`save_models` wrote, after reading and checking every file.

        A folder of PyMARL's own has no ``target.th``: target networks become copies of the
        networks.

        Raises:
            CheckpointError: a file is missing, damaged or of other networks; nothing was changed.
        """
        networks = {
            name: network_state(path / f"{name}.th", network, self.args)
            for name, network in self.networks.items()
        }
        optimisers = {
            name: optimiser_state(path / f"{name}.th", optimiser)
            for name, optimiser in self.optimisers.items()
        }
        saved = path / "target.th"
        targets = target_network_states(saved, self.target_networks) if saved.exists() else {}
        for name, network in self.networks.items():
            network.load_state_dict(networks[name])
        for name, optimiser in self.optimisers.items():
            optimiser.load_state_dict(optimisers[name])
        self.update_target_networks()
        for name, state in targets.items():
            self.target_networks[name].load_state_dict(state)

    def load_networks(self, path: Path) -> list[str]:
        """Take over the saved networks of a folder to play them, after checking every file.

        ``agent.th`` has to be there; of the other networks those are taken that have a file. Target
        networks become copies, optimisers stay as they are.

        Returns:
            The names of the networks with parameters that have no file.

        Raises:
            CheckpointError: a file is damaged or of another network, or there is no ``agent.th``;
                nothing was changed.
        """
        states = {
            name: network_state(path / f"{name}.th", network, self.args)
            for name, network in self.networks.items()
            if name == "agent" or (path / f"{name}.th").exists()
        }
        for name, state in states.items():
            self.networks[name].load_state_dict(state)
        self.update_target_networks()
        absent = [name for name in self.networks if name not in states]
        return [name for name in absent if any(True for _ in self.networks[name].parameters())]


def make_optimiser(params: Iterable[nn.Parameter], args: Config, lr: float) -> th.optim.Optimizer:
    """Return the optimiser that ``args.optimizer`` names.

    ``rmsprop`` (PyMARL) has smoothing ``optim_alpha``; ``adam`` (PyMARL2) has betas 0.9 and 0.999.
    Both add ``optim_eps`` to the root of the second moment.
    """
    if args.optimizer == "adam":
        return th.optim.Adam(params, lr=lr, eps=args.optim_eps)
    return th.optim.RMSprop(params, lr=lr, alpha=args.optim_alpha, eps=args.optim_eps)
