"""What is saved of a training, when, and how it is taken up again."""

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
from pymarl.components.episode_codec import Episode
from pymarl.components.replay_buffer import ReplayBuffer
from pymarl.config.build import dump
from pymarl.config.schema import Config
from pymarl.errors import CheckpointError
from pymarl.runs import provenance
from pymarl.runs.checkpoint.store import CheckpointStore
from pymarl.runs.stopwatch import Stopwatch
from pymarl.utils.logging import Logger

FOLDER = "checkpoint"
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
    "evaluate",
    "save_replay",
)


class Stateful(Protocol):
    """A part of a training that can be saved and taken up again."""

    def state(self) -> dict[str, Any]:
        """Return tensors and plain data."""

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over what ``state`` returned."""


def fingerprint(args: Config) -> str:
    """Return a digest of all configuration that decides the bits of a run."""
    decisive = {key: value for key, value in dump(args).items() if key not in NOT_IN_FINGERPRINT}
    # The same before and after ``args_sanity_check``, which rounds to whole rollouts.
    decisive["test_nepisode"] = max(1, args.test_nepisode // args.batch_size_run)
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


class Mark:
    """The state at one boundary of the training loop, kept in memory."""

    def __init__(
        self,
        state: dict[str, Any],
        unsaved: list[tuple[int, Episode]],
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


class Checkpoint:
    """Saves a training every ``checkpoint_interval`` steps and when it is interrupted.

    ``boundary`` is called between rollouts, when everything is consistent; it keeps a copy in
    memory. SIGTERM or SIGINT may strike anywhere after it: what is then written is that copy, so
    that leaving is quick and no half-made step is saved. All random streams are functions of the
    saved counters (see ``pymarl.utils.seeding``).
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
        self.store = CheckpointStore(work / FOLDER)
        self.identity = {"fingerprint": fingerprint(args)}
        self.origin = {**provenance.code(), "device": args.device}
        self.stopwatch = stopwatch
        self.parts = parts
        self.buffer = buffer
        self.clock = EveryT(args.checkpoint_interval, start=0)
        self.mark: Mark | None = None

    def resume(self, logger: Logger) -> bool:
        """Take up the training where the checkpoint left it; return whether there was one.

        Raises:
            CheckpointError: it is damaged or belongs to another configuration; its files are left
                as they are.
        """
        found = self.store.fingerprint()
        start = {"time": datetime.now(UTC).isoformat(), "host": platform.node(), "pid": os.getpid()}
        if found is None:
            self.store.starts = [start | {"t_env": 0}]
            return False
        if found != self.identity["fingerprint"]:
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
        # do not say it; what is unknown counts as 0.
        self.stopwatch.earlier = float(loaded.about.get("elapsed_s", 0.0))
        logger.console.info("Resuming at t_env %d (start %d)", t_env, len(self.store.starts))
        self._warn_of_other_origin(loaded.about, logger)
        return True

    def _warn_of_other_origin(self, about: dict[str, Any], logger: Logger) -> None:
        """Say when code or device is not the checkpoint's: nobody promises the same bits then."""
        for key, change in (("code_sha256", "with other code"), ("device", "on another device")):
            if about.get(key, self.origin[key]) != self.origin[key]:
                logger.console.warning(
                    "resumed %s than the checkpoint's: bits may differ from an uninterrupted run",
                    change,
                )

    @property
    def resumes(self) -> int:
        """Return how often the run was taken up again."""
        return max(0, len(self.store.starts) - 1)

    def boundary(self, t_env: int) -> None:
        """Keep this moment's state; write it when ``checkpoint_interval`` steps have passed."""
        inserted = self.buffer.inserted
        oldest = max(0, inserted - self.buffer.buffer_size)
        state: dict[str, Any] = {name: part.state() for name, part in self.parts.items()}
        state |= {"inserted": inserted, "t_env": t_env}
        seconds = self.stopwatch.seconds()
        self.mark = Mark(state, list(self.buffer.unsaved), oldest, t_env, seconds)
        if self.clock.is_due(t_env):
            self.write()

    def write(self) -> None:
        """Write the newest mark."""
        if self.mark is not None:
            mark = self.mark
            about = {**self.identity, **self.origin, "elapsed_s": mark.elapsed_s}
            self.store.write(mark.state, mark.unsaved, mark.oldest, about)
            saved = mark.state["inserted"]
            while self.buffer.unsaved and self.buffer.unsaved[0][0] < saved:
                self.buffer.unsaved.popleft()

    def on_exit(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write the newest mark when the training was interrupted (not when it failed or ended)."""
        if kind is not None and not issubclass(kind, Exception):
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
