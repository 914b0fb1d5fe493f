"""What is saved of a training, when, and how it is resumed."""

import hashlib
import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import torch as th

from pymarl.components.clocks import EveryT
from pymarl.components.episode_codec import EpisodeTensors
from pymarl.components.replay_buffer import ReplayBuffer
from pymarl.config.build import dump
from pymarl.config.schema import Config
from pymarl.envs.skirmish.engine_version import ENGINE_VERSION
from pymarl.errors import CheckpointError
from pymarl.runs import provenance
from pymarl.runs.checkpoint.checkpoint_store import CheckpointStore
from pymarl.runs.run_folder import CHECKPOINT_FOLDER
from pymarl.runs.stopwatch import Stopwatch
from pymarl.utils.logging import Logger

SIMULATOR = "sim"  # the environment that plays on the engine in this process
# Where results go and how far training runs do not change the bits up to here.
NOT_IN_FINGERPRINT = (
    "t_max",
    "run_dir",
    "local_results_path",
    "experiment",
    "label",
    "repeat_id",
    "env_timeout_s",
    "checkpoint_interval",
    "use_csv",
    "use_tensorboard",
    "use_wandb",
    "use_trackio",
    "tracker_project",
    "wandb_mode",
    "wandb_entity",
    "evaluate",
    "save_replay",
    "td_residual",
)


class Stateful(Protocol):
    """A part of a training that can be saved and resumed."""

    def state(self) -> dict[str, Any]:
        """Return tensors and plain data."""

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over what ``state`` returned."""


def fingerprint(args: Config) -> str:
    """Return a digest of all that decides the bits of a run: configuration, version of the engine.

    A training that another version of the simulator's engine began is no training of this one.
    """
    decisive = {key: value for key, value in dump(args).items() if key not in NOT_IN_FINGERPRINT}
    # The same before and after ``args_sanity_check``, which rounds to whole rollouts.
    decisive["test_nepisode"] = max(1, args.test_nepisode // args.batch_size_run)
    if args.env == SIMULATOR:
        decisive["engine_version"] = ENGINE_VERSION
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


class TrainingSnapshot:
    """The state of a training between two rollouts, kept in memory."""

    def __init__(
        self,
        state: dict[str, Any],
        unsaved: list[tuple[int, EpisodeTensors]],
        oldest: int,
        t_env: int,
        elapsed_s: float,
    ) -> None:
        """Copy tensors and containers; episodes are never changed once stored and stay shared."""
        self.state = _copy(state)
        self.unsaved = unsaved
        self.oldest = oldest
        self.t_env = t_env
        self.elapsed_s = elapsed_s


class TrainingCheckpoint:
    """Saves a training every ``checkpoint_interval`` steps and when it is interrupted.

    ``update`` is called between rollouts, when everything is consistent; it keeps a copy in
    memory. SIGTERM or SIGINT may arrive anywhere after it: what is then written is that copy, so
    that leaving is quick and no half-made step is saved. All random streams are functions of the
    saved counters (see ``pymarl.components.seeding``).
    """

    def __init__(
        self,
        work: Path,
        args: Config,
        parts: dict[str, Stateful],
        buffer: ReplayBuffer,
        stopwatch: Stopwatch,
    ) -> None:
        """Prepare saving to ``work/checkpoint``; ``parts`` are saved under their names."""
        self.store = CheckpointStore(work / CHECKPOINT_FOLDER)
        self.fingerprint = fingerprint(args)
        self.provenance = {**provenance.code_provenance(), "device": args.device}
        self.stopwatch = stopwatch
        self.parts = parts
        self.buffer = buffer
        self.clock = EveryT(args.checkpoint_interval, start=0)
        self.snapshot: TrainingSnapshot | None = None

    def resume(self, logger: Logger) -> bool:
        """Resume the training where the checkpoint left it; return whether there was one.

        Raises:
            CheckpointError: it is damaged or belongs to another configuration; its files are left
                as they are.
        """
        found = self.store.fingerprint()
        start = {"time": datetime.now(UTC).isoformat(), "host": platform.node(), "pid": os.getpid()}
        if found is None:
            self.store.starts = [start | {"t_env": 0}]
            return False
        if found != self.fingerprint:
            raise CheckpointError(f"{self.store.folder}: belongs to another configuration")
        loaded = self.store.read()
        # The buffer first: it checks before it takes anything over, and the logger cuts files.
        self.buffer.restore(loaded.episodes, loaded.state["inserted"])
        for name, part in self.parts.items():
            part.load_state(loaded.state[name])
        t_env = int(loaded.state["t_env"])
        self.clock.last = t_env
        self.store.starts.append(start | {"t_env": t_env})
        # Not part of the state: it differs from process to process. Checkpoints of earlier versions
        # lack it; what is unknown counts as 0.
        self.stopwatch.earlier = float(loaded.provenance.get("elapsed_s", 0.0))
        logger.console.info("Resuming at t_env %d (start %d)", t_env, len(self.store.starts))
        self._warn_of_other_provenance(loaded.provenance, logger)
        return True

    def _warn_of_other_provenance(self, found: dict[str, Any], logger: Logger) -> None:
        """Warn when code or device is not the checkpoint's: the same bits are not certain then."""
        for key, change in (("code_sha256", "with other code"), ("device", "on another device")):
            if found.get(key, self.provenance[key]) != self.provenance[key]:
                logger.console.warning(
                    "resumed %s than the checkpoint's: bits may differ from an uninterrupted run",
                    change,
                )

    @property
    def resumes(self) -> int:
        """Return how often the run was resumed."""
        return max(0, len(self.store.starts) - 1)

    def update(self, t_env: int) -> None:
        """Keep the state at ``t_env``; write it when ``checkpoint_interval`` steps have passed."""
        inserted = self.buffer.inserted
        oldest = max(0, inserted - self.buffer.buffer_size)
        state: dict[str, Any] = {name: part.state() for name, part in self.parts.items()}
        state |= {"inserted": inserted, "t_env": t_env}
        seconds = self.stopwatch.seconds()
        unsaved = list(self.buffer.unsaved)
        self.snapshot = TrainingSnapshot(state, unsaved, oldest, t_env, seconds)
        if self.clock.is_due(t_env):
            self.write()

    def write(self) -> None:
        """Write the newest snapshot."""
        snapshot = self.snapshot
        if snapshot is not None:
            known = {"fingerprint": self.fingerprint, "elapsed_s": snapshot.elapsed_s}
            known |= self.provenance
            self.store.write(snapshot.state, snapshot.unsaved, snapshot.oldest, known)
            saved = snapshot.state["inserted"]
            while self.buffer.unsaved and self.buffer.unsaved[0][0] < saved:
                self.buffer.unsaved.popleft()

    def on_exit(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write the newest snapshot after an interrupt (not when the training failed or ended)."""
        # KeyboardInterrupt, which SIGTERM raises as well, is no Exception.
        if error_type is not None and not issubclass(error_type, Exception):
            self.write()


def _copy(value: Any) -> Any:
    """Return a deep copy of tensors and containers."""
    if isinstance(value, th.Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {key: _copy(entry) for key, entry in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], int | float):
        return value[:]  # logged statistics: long lists of plain numbers
    if isinstance(value, list | tuple):
        return type(value)(_copy(entry) for entry in value)
    return value
